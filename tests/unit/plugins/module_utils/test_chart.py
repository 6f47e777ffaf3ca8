# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading charts: directories, archives, sub-charts, and what is none."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart, _chart_files
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

from tests.unit.fixtures.values_world import NEW, helm, run

FILES = {
    "Chart.yaml": "name: x\nversion: 1.2.3\nappVersion: 4.5.6\n",
    "values.yaml": "a: 1\n",
    "templates/t.yaml": "{{ .Values.a }}",
}


def packed(path: Path, files: dict[str, str], folder: str = "x/") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(folder + name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def unpacked(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_archive_and_directory_hold_the_same(tmp_path: Path) -> None:
    archive = packed(tmp_path / "x.tgz", FILES)
    one, two = _chart.read(str(archive)), _chart.read(str(unpacked(tmp_path / "x", FILES)))
    for chart in (one, two):
        assert (chart.name, chart.version, chart.app_version) == ("x", "1.2.3", "4.5.6")
        assert chart.values == {"a": 1}
        assert chart.templates == {"templates/t.yaml": "{{ .Values.a }}"}
        assert str(chart) == "x 1.2.3"
    assert one.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert one.facts() == {"name": "x", "version": "1.2.3", "app_version": "4.5.6", "sha256": one.sha256}


def test_archives_may_hold_folders_and_links(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.tgz", FILES)
    with tarfile.open(tmp_path / "y.tgz", "w:gz") as new, tarfile.open(path) as old:
        folder = tarfile.TarInfo("x/templates")
        folder.type = tarfile.DIRTYPE
        new.addfile(folder)
        link = tarfile.TarInfo("x/templates/link.yaml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        new.addfile(link)
        for member in old:
            new.addfile(member, old.extractfile(member))
    assert _chart.read(str(tmp_path / "y.tgz")).templates == {"templates/t.yaml": "{{ .Values.a }}"}


def test_what_helm_packs_is_read(tmp_path: Path) -> None:
    rc, _out, err = run([helm(), "package", str(NEW), "--destination", str(tmp_path)])
    assert rc == 0, err
    chart = _chart.read(str(tmp_path / "holmes-0.45.0.tgz"))
    assert chart.version == "0.45.0"
    assert chart.templates.keys() == _chart.read(str(NEW)).templates.keys()


def test_digest_of_a_directory_depends_on_names_and_contents(tmp_path: Path) -> None:
    digests = {
        _chart.read(str(unpacked(tmp_path / name, {**FILES, **more}))).sha256
        for name, more in {
            "same": {},
            "again": {},
            "content": {"values.yaml": "a: 2\n"},
            "name": {"templates/u.yaml": ""},
        }.items()
    }
    assert len(digests) == 3


def test_subcharts_under_name_or_alias(tmp_path: Path) -> None:
    inner = packed(
        tmp_path / "p.tgz", {"Chart.yaml": "name: packed\nversion: 1.0.0\n", "values.yaml": "k: 1\n"}, "packed/"
    )
    files = {
        **FILES,
        "Chart.yaml": "name: x\nversion: 1.0.0\ndependencies:\n- {name: plain, alias: other}\n- {name: packed}\n",
        "charts/plain/Chart.yaml": "name: plain\nversion: 1.0.0\n",
        "charts/plain/values.yaml": "p: 1\n",
        "charts/plain/templates/a.yaml": "{{ .Values.p }}",
        "charts/README.md": "not a chart",
    }
    folder = unpacked(tmp_path / "x", files)
    (folder / "charts" / "packed-1.0.0.tgz").write_bytes(inner.read_bytes())
    found = _chart.read(str(folder)).subcharts
    # Helm takes the values of a sub-chart with an alias from below the alias only.
    assert set(found) == {"other", "packed"}
    assert found["other"].values == {"p": 1}
    assert found["packed"].values == {"k": 1}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"values.yaml": ""}, "holds no Chart.yaml"),
        ({"Chart.yaml": "name: [", "values.yaml": ""}, "Chart.yaml of"),
        ({"Chart.yaml": "name: x", "values.yaml": "- a"}, "values.yaml of"),
    ],
)
def test_incomplete_charts(files: dict[str, str], sentence: str, tmp_path: Path) -> None:
    for path in (packed(tmp_path / "x.tgz", files), unpacked(tmp_path / "x", files)):
        with pytest.raises(HolmesError, match=sentence):
            _chart.read(str(path))


def test_what_is_no_chart(tmp_path: Path) -> None:
    with pytest.raises(HolmesError, match="There is no chart at"):
        _chart.read(str(tmp_path / "missing"))
    whole = packed(tmp_path / "whole.tgz", {**FILES, "big": "x" * 100000}).read_bytes()
    for name, content in {
        "text": b"text",
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "broken": whole[:20] + b"\x00" * 40,
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(HolmesError, match="is not a whole .tgz archive"):
            _chart.read(str(tmp_path / name))


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_chart_files, "LIMIT", 1000)
    with pytest.raises(HolmesError, match="more than 100 MiB"):
        _chart.read(str(packed(tmp_path / "x.tgz", {**FILES, "big": "x" * 1001})))
