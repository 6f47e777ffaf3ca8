# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no chart, or an evil one, gets a sentence and never a traceback."""

from __future__ import annotations

import gzip
import io
import os
import random
import tarfile
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart, _chart_files
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

from tests.unit.fixtures.values_world import NEW, OLD
from tests.unit.plugins.module_utils.test_chart import FILES, packed, unpacked

Member = tuple[str, bytes, bytes]


def archive(path: Path, members: t.Iterable[Member], form: int = tarfile.PAX_FORMAT) -> str:
    """Members are a full name, the content or the target of a link, and the type."""
    with tarfile.open(path, "w:gz", format=form) as tar:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = content.decode()
            else:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content) if info.size else None)
    return str(path)


def regular(files: dict[str, t.Any], folder: str = "x/") -> list[Member]:
    contents = {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return [(folder + name, content, tarfile.REGTYPE) for name, content in contents.items()]


def refused(path: str) -> str:
    """The one sentence about it."""
    with pytest.raises(HolmesError) as error:
        ChartKeys(_chart.read(path))
    assert error.value.msg.endswith(".") and error.value.fix.endswith((".", "?")) and "\n" not in error.value.msg
    return error.value.msg


def test_special_members_are_passed_over(tmp_path: Path) -> None:
    special = [
        ("x/templates/link.yaml", b"/etc/passwd", tarfile.SYMTYPE),
        ("x/templates/hard.yaml", b"x/values.yaml", tarfile.LNKTYPE),
        ("x/templates/hard2.yaml", b"/etc/passwd", tarfile.LNKTYPE),
        ("x/templates/device", b"", tarfile.CHRTYPE),
        ("x/templates/block", b"", tarfile.BLKTYPE),
        ("x/templates/fifo", b"", tarfile.FIFOTYPE),
        ("x/templates", b"", tarfile.DIRTYPE),
        ("x", b"", tarfile.DIRTYPE),
        ("pax_global_header", b"", tarfile.REGTYPE),
    ]
    chart = _chart.read(archive(tmp_path / "x.tgz", [*special, *regular(FILES)]))
    assert chart.templates == {"templates/t.yaml": "{{ .Values.a }}"}


@pytest.mark.parametrize(
    "name",
    ["x/../../etc/passwd", "x/..", "x/a/../../b", "x//etc/passwd", "x\\..\\..\\y", "x/C:/y", "x/.", "../x"],
)
def test_paths_that_lead_out(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "x.tgz", [*regular(FILES), (name, b"a: 1", tarfile.REGTYPE)])
    if name == "../x":  # the first step is the folder of the chart, whatever it is called
        assert "x" in _chart.read(path).files
    else:
        assert "holds a file outside of the chart's folder" in refused(path)


def test_long_names_and_other_formats(tmp_path: Path) -> None:
    long = "templates/" + "d/" * 100 + "é.yaml"
    for number, form in enumerate((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)):
        chart = _chart.read(archive(tmp_path / f"{number}.tgz", regular({**FILES, long: "{{ .Values.b }}"}), form))
        assert long in chart.templates
    chart = _chart.read(archive(tmp_path / "ustar.tgz", regular(FILES), tarfile.USTAR_FORMAT))
    assert chart.values == {"a": 1}


def test_names_as_windows_writes_them(tmp_path: Path) -> None:
    files = {name.replace("/", "\\"): text for name, text in FILES.items()}
    assert _chart.read(archive(tmp_path / "x.tgz", regular(files, "x\\"))).templates.keys() == {"templates/t.yaml"}


def test_folders_at_the_top(tmp_path: Path) -> None:
    """Helm takes the first step off every name, whatever it is."""
    none = archive(tmp_path / "none.tgz", regular(FILES, ""))
    assert "holds no Chart.yaml" in refused(none)
    two = archive(tmp_path / "two.tgz", [*regular(FILES, "x/"), *regular({"templates/u.yaml": ""}, "y/")])
    assert set(_chart.read(two).templates) == {"templates/t.yaml", "templates/u.yaml"}
    charts = archive(tmp_path / "charts.tgz", [*regular(FILES, "x/"), *regular(FILES, "y/")])
    assert "holds more than one chart" in refused(charts)


def test_an_archive_cut_anywhere(tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.tgz", {**FILES, "big": os.urandom(3000).hex()}).read_bytes()
    for length in range(0, len(whole) - 8, 61):
        (tmp_path / "cut.tgz").write_bytes(whole[:length])
        assert "is not a whole .tgz archive" in refused(str(tmp_path / "cut.tgz"))
    # Cut within the tar, in a whole gz.
    inner = gzip.decompress(whole)
    for length in (0, 1, 300, 511, 512, 600, 1500, 1536, 2100):
        (tmp_path / "cut.tgz").write_bytes(gzip.compress(inner[:length]))
        assert "is not a whole .tgz archive" in refused(str(tmp_path / "cut.tgz"))


def test_damaged_archives_never_end_in_a_traceback(tmp_path: Path) -> None:
    """Seeded damage to headers and contents: a chart, or a sentence."""
    dice = random.Random(4)  # noqa: S311
    inner = gzip.decompress(packed(tmp_path / "whole.tgz", FILES).read_bytes())
    path = tmp_path / "damaged.tgz"
    sentences = set()
    for _turn in range(400):
        damaged = bytearray(inner)
        for _byte in range(dice.choice((1, 3, 20))):
            damaged[dice.randrange(len(FILES) * 1024)] = dice.randrange(256)
        path.write_bytes(gzip.compress(bytes(damaged), 1))
        try:
            ChartKeys(_chart.read(str(path))).strays({"a": {"b": 1}})
        except HolmesError as error:
            sentences.add(error.msg.replace(str(path), ""))
    assert len(sentences) >= 3


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_chart_files, "LIMIT", 300_000)
    zeros = b"\0" * 200_000
    one = archive(tmp_path / "one.tgz", regular({**FILES, "big": zeros + zeros}))
    many = archive(tmp_path / "many.tgz", regular({**FILES, **{f"f{n}": b"\0" * 50_000 for n in range(9)}}))
    # Each part of it is small enough, all of them together are not.
    inner = Path(archive(tmp_path / "inner.tgz", regular({**FILES, "big": zeros}))).read_bytes()
    nested = archive(tmp_path / "nested.tgz", regular({**FILES, "charts/a.tgz": inner, "charts/b.tgz": inner}))
    for path in (one, many, nested):
        assert "unpacks to more than 100 MiB" in refused(path)
    (tmp_path / "d").mkdir()
    folder = unpacked(tmp_path / "d" / "x", FILES)
    (folder / "big").write_bytes(zeros + zeros)
    assert "unpacks to more than 100 MiB" in refused(str(folder))
    # A header that claims more than there is, and one of the kind that is read at once.
    info = tarfile.TarInfo("x/huge")
    info.size = 2**33
    (tmp_path / "claims.tgz").write_bytes(gzip.compress(info.tobuf() + b"x" * 100))
    assert "is not a whole .tgz archive" in refused(str(tmp_path / "claims.tgz"))
    info.type = tarfile.XHDTYPE
    (tmp_path / "pax.tgz").write_bytes(gzip.compress(info.tobuf() + zeros + zeros))
    assert "unpacks to more than 100 MiB" in refused(str(tmp_path / "pax.tgz"))


def test_headers_in_headers(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type = tarfile.XHDTYPE
    info.size = 0
    (tmp_path / "x.tgz").write_bytes(gzip.compress(info.tobuf() * 20_000))
    assert "is not a whole .tgz archive" in refused(str(tmp_path / "x.tgz"))


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"Chart.yaml": "- a\n"}, "Chart.yaml of"),
        ({"Chart.yaml": "text"}, "Chart.yaml of"),
        ({"Chart.yaml": b"\xff\xfe\x00"}, "Chart.yaml of"),
        ({"Chart.yaml": "name: [\n"}, "Chart.yaml of"),
        ({"values.yaml": "a:\n\tb: 1\n"}, "values.yaml of"),
        ({"values.yaml": "- a\n"}, "values.yaml of"),
        ({"values.yaml": "text"}, "values.yaml of"),
        ({"values.yaml": "a: 1\n---\n- b\n"}, "values.yaml of"),
        ({"values.yaml": "a: &a [*a]\n"}, "values.yaml of"),
        ({"values.yaml": "a: &a {b: *a}\n"}, "values.yaml of"),
        ({"values.yaml": "? [a]\n: 1\n"}, "values.yaml of"),
        ({"values.yaml": "a: *missing\n"}, "values.yaml of"),
        ({"values.yaml": "a: " + "[" * 3000 + "]" * 3000}, "nested too deeply"),
        ({"values.yaml": BOMB}, "its aliases stand for too many values"),
        ({"Chart.yaml": BOMB}, "its aliases stand for too many values"),
        ({"requirements.yaml": "- a"}, "requirements.yaml of"),
        ({"charts/y/Chart.yaml": "[", "charts/y/values.yaml": ""}, "charts/y"),
        ({"charts/y.tgz": "no archive"}, "charts/y.tgz"),
        ({"templates/t.yaml": "{{ " + "(" * 9999 + "}}"}, "nested too deeply"),
    ],
)
def test_broken_content(files: dict[str, t.Any], sentence: str, tmp_path: Path) -> None:
    assert sentence in refused(archive(tmp_path / "x.tgz", regular({**FILES, **files})))


@pytest.mark.parametrize(
    ("files", "values"),
    [
        ({"values.yaml": "\ufeffa: 1\n"}, {"a": 1}),
        ({"values.yaml": "a: 1\r\nb:\r\n  c: 2\r\n"}, {"a": 1, "b": {"c": 2}}),
        ({"values.yaml": ""}, {}),
        ({"values.yaml": "# nothing\n---\n"}, {}),
        ({"values.yaml": "a: 1\n---\nb: {c: 2}\n---\nb: {d: 3}\n"}, {"a": 1, "b": {"c": 2, "d": 3}}),
        ({"values.yaml": "a: 1\na: 2\n"}, {"a": 2}),
        (
            {"values.yaml": "x: &x {k: 1}\nw: {<<: *x, l: 2}\nz: *x\n"},
            {"x": {"k": 1}, "w": {"k": 1, "l": 2}, "z": {"k": 1}},
        ),
        ({"values.yaml": b"a: \xe9\n"}, {"a": "\ufffd"}),
        ({"values.yaml": "1: 2\ntrue: 3\n"}, {"1": 2, "true": 3}),
        ({"Chart.yaml": "\ufeffname: x\nversion: 1.0.0\ndependencies: none\n"}, {"a": 1}),
        ({"Chart.yaml": "name: x\ndependencies: [1, {}, {name: y}, {name: [a], alias: {}}]\n"}, {"a": 1}),
        (
            {"Chart.yaml": "name: x\ndependencies: [{name: y, import-values: [1, {child: 2}], condition: 3}]\n"},
            {"a": 1},
        ),
        (
            {"charts/README.md": "x", "charts/_y/Chart.yaml": "[", "charts/.z.tgz": "x", "charts/w.tgz.prov": "x"},
            {"a": 1},
        ),
        ({"templates/t.yaml": "{{ if }}{{ .Values.a"}, {"a": 1}),
        ({"templates/t.yaml": b"\xff{{ .Values.a }}\x00"}, {"a": 1}),
    ],
)
def test_odd_content_that_helm_takes(files: dict[str, t.Any], values: dict[str, t.Any], tmp_path: Path) -> None:
    chart = _chart.read(archive(tmp_path / "x.tgz", regular({**FILES, **files})))
    assert chart.values == values
    ChartKeys(chart).strays(values)


def test_charts_in_charts_have_an_end(tmp_path: Path) -> None:
    deep = {f"{'charts/x/' * level}{name}": text for level in range(40) for name, text in FILES.items()}
    assert "charts in charts, more than" in refused(archive(tmp_path / "x.tgz", regular(deep)))
    content = b""
    for _level in range(20):
        more = {"charts/x.tgz": content} if content else {}
        content = Path(archive(tmp_path / "y.tgz", regular({**FILES, **more}))).read_bytes()
    assert "charts in charts, more than" in refused(str(tmp_path / "y.tgz"))


def test_directories(tmp_path: Path) -> None:
    good = unpacked(tmp_path / "x", {**FILES, ".git/config": "x", "charts/y/.git/config": "x"})
    (good / "charts" / "linked").symlink_to(unpacked(tmp_path / "other", {**FILES, "Chart.yaml": "name: linked"}))
    (good / "charts" / "again").symlink_to(tmp_path / "other")
    chart = _chart.read(str(good))
    assert set(chart.subcharts) == {"linked"} and not any(".git" in name for name in chart.files)
    (good / "charts" / "circle").symlink_to(good)
    assert "is a link in a circle" in refused(str(good))
    (good / "charts" / "circle").unlink()
    (good / "gone").symlink_to(tmp_path / "missing")
    assert "cannot be read: No such file" in refused(str(good))
    (good / "gone").unlink()
    os.mkfifo(good / "templates" / "pipe")
    assert "is neither a file nor a directory" in refused(str(good))
    assert "holds no Chart.yaml" in refused("/")
    assert "There is no chart at" in refused(str(tmp_path / "missing"))
    assert "There is no chart at" in refused(os.devnull)


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_nothing_in_a_users_values_breaks_the_keys(chart: Path) -> None:
    keys = ChartKeys(_chart.read(str(chart)))
    odd: dict[t.Any, t.Any] = {
        1: {2: 3},
        None: [{"a": {"b": None}}],
        "tls": [1, 2],
        "resources": {"limits": "x", 5: {}},
        "toolsets": None,
        "x" * 10_000: {"y": {}},
        "{{": "{{ .Values.x }}{{ (((((",
        "modelList": {"a": "{{ " + "(" * 500},
    }
    found = keys.strays(odd)
    assert all(str(stray) for stray in found) and [keys.resembling(stray.path) for stray in found]
    assert keys.resembling(()) == "" and not keys.knows(("",)) and keys.strays({}) == []
