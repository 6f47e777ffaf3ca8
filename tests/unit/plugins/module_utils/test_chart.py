# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading charts: directories, archives, sub-charts, and what is none."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart
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


def test_subcharts_under_name_and_alias(tmp_path: Path) -> None:
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
    # Helm knows the first one by its alias only.
    assert set(found) == {"other", "packed"}
    assert found["other"].values == {"p": 1}
    assert found["packed"].values == {"k": 1}


def test_a_chart_needs_no_values(tmp_path: Path) -> None:
    """Helm installs such a chart as well; a library often has none."""
    files = {"Chart.yaml": "name: x\ntype: library\n", "templates/_h.tpl": ""}
    chart = _chart.read(str(packed(tmp_path / "x.tgz", files)))
    assert chart.values == {} and chart.is_library
    assert not _chart.read(str(packed(tmp_path / "y.tgz", FILES))).is_library


def test_dependencies(tmp_path: Path) -> None:
    entries = """\
- {name: a, condition: " a.on , global.a ,"}
- {name: b, alias: c, import-values: [data, {child: x.y, parent: z}]}
"""
    for name in ("Chart.yaml", "requirements.yaml"):
        files = {**FILES, name: f"name: x\nversion: 1.0.0\ndependencies:\n{entries}"}
        assert _chart.read(str(packed(tmp_path / f"{name}.tgz", files))).dependencies == (
            _chart.Dependency("a", ("a.on", "global.a")),
            _chart.Dependency("c", (), (("exports.data", "."), ("x.y", "z"))),
        )


def test_files_that_templates_can_read(tmp_path: Path) -> None:
    more = {"conf/a.txt": "A", "crds/c.yaml": "C", "README.md": "R", "values.schema.json": "{}", "Chart.lock": ""}
    chart = _chart.read(str(packed(tmp_path / "x.tgz", {**FILES, **more})))
    assert chart.files == {"conf/a.txt": "A", "crds/c.yaml": "C", "README.md": "R"}


def test_incomplete_charts(tmp_path: Path) -> None:
    for path in (packed(tmp_path / "x.tgz", {"values.yaml": ""}), unpacked(tmp_path / "x", {"values.yaml": ""})):
        with pytest.raises(HolmesError, match="holds no Chart.yaml, so it is not a Helm chart"):
            _chart.read(str(path))
