# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML as Helm reads it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

from tests.unit.fixtures.values_world import helms, run


def data(text: str) -> t.Any:
    return _yaml_text.load_all(text, "x")[0].data


WORDS = [
    *(
        "0o17",
        "0777",
        "08",
        "1e3",
        "12:30",
        "2026-11-23",
        "2026-11-23T10:00:00Z",
        "y",
        "N",
        "yes",
        "off",
        "On",
        "'yes'",
    ),
    *("1_000", "0b11", "+5", ".5", "1.", "1_0.5", "!!str 5", "0x1F", "-0o17", "!!int '5'", "~", "Null", "=", "1e400"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        ("yes", True),
        ("Off", False),
        ("'yes'", "yes"),
        ("!!str 5", "5"),
        ("0777", 511),
        ("0o17", 15),
        ("-0x1f", -31),
        ("1_000", 1000),
        ("1.0", 1),
        ("1.5", 1.5),
        ("1e3", 1000),
        ("08", 8),
        ("~", None),
        ("", None),
        ("5050:80", "5050:80"),
        ("none", "none"),
        ("'{{ env.X }}'", "{{ env.X }}"),
    ],
)
def test_scalars(text: str, expected: t.Any) -> None:
    assert data(f"a: {text}") == {"a": expected}
    assert type(data(f"a: {text}")["a"]) is type(expected)


@pytest.fixture(name="bare_chart")
def _bare_chart(tmp_path: Path) -> Path:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 0.1.0\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.yaml").write_text("data: {{ .Values.data | toJson | quote }}\n")
    return tmp_path


def helms_reading(program: str, chart: Path, text: str) -> t.Any:
    """What Helm makes of the value ``data`` in a values file."""
    assert program, "this test renders a chart: put helm on PATH or set HOLMES_TEST_HELM to its path"
    (chart / "v.yaml").write_text(text)
    rc, out, err = run([program, "template", "x", str(chart), "--values", str(chart / "v.yaml")])
    assert rc == 0, err
    return json.loads(_yaml_text.load_all(out, "x")[0].data["data"])


@pytest.mark.parametrize("program", helms())
def test_helm_reads_the_same(program: str, bare_chart: Path) -> None:
    text = "data:\n" + "".join(f"  k{number}: {word}\n" for number, word in enumerate(WORDS))
    text += "  y: 1\n  0x10: 2\n  1.0: 3\n  no: 4\n"
    assert data(text)["data"] == helms_reading(program, bare_chart, text)


def test_keys_become_text() -> None:
    assert data("{80: a, true: b, ~: c, 1.5: d}") == {"80": "a", "true": "b", "null": "c", "1.5": "d"}


def test_aliases_and_merge_keys() -> None:
    assert data("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: [*x]") == {
        "a": {"p": 1, "q": 2},
        "b": {"p": 1, "q": 3},
        "c": [{"p": 1, "q": 2}],
    }
    assert data("a: &x {p: 1}\nb: &y {p: 2, r: 3}\nc: {<<: [*x, *y]}")["c"] == {"p": 1, "r": 3}


def test_duplicates_are_told_with_path_and_line() -> None:
    text = "a:\n  - {x: 1}\n  - x: 1\n    y: 2\n    x: 3\nb: 1\n'a': 2\n"
    mapping, duplicates = _yaml_text.load_mapping(text, "x")
    assert mapping == {"a": 2, "b": 1}
    assert [(one.key, one.line) for one in duplicates] == [("a.1.x", 5), ("a", 7)]


def test_a_merge_key_is_no_duplicate() -> None:
    assert _yaml_text.load_mapping("a: &x {p: 1}\nb: {<<: *x, p: 2}", "x")[1] == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a\n", "x is a list, but it must be a mapping of keys."),
        ("text\n", "x is a single value, but it must be a mapping of keys."),
        ("a: 1\n---\nb: 2\n", "x holds 2 documents, but Helm reads only the first."),
        ("a: *hunter2\n", "x, line 1: YAML cannot be read: found undefined alias"),
        ("a: !hunter2 b\n", "x, line 1: Helm knows no such tag."),
        ("a: 1\nb: 'hunter2\n", "x, line 3: YAML cannot be read: found unexpected end of stream"),
        ("a: 1\n  b: hunter2\n", "x, line 2: YAML cannot be read: mapping values are not allowed"),
        ("a: \x00hunter2\n", "x is not text in UTF-8 that YAML could be read from."),
        ("a: &a [*a]\n", "x, line 1: an alias contains itself."),
        ("a: !!binary aHVudGVyMg==\n", "x, line 1: Helm knows no such tag."),
    ],
)
def test_bad_text_ends_in_a_sentence_without_the_text(text: str, sentence: str) -> None:
    with pytest.raises(HolmesError) as caught:
        _yaml_text.load_mapping(text, "x")
    told = caught.value.as_result()["msg"]
    assert told.startswith(sentence)
    assert "hunter2" not in told
    assert "\n" not in told


def test_deep_nesting_ends_in_a_sentence() -> None:
    with pytest.raises(HolmesError, match="nested too deeply|cannot be read"):
        _yaml_text.load_mapping("a: " + "[" * 3000 + "]" * 3000, "x")


def test_nothing_is_an_empty_mapping() -> None:
    assert _yaml_text.load_mapping("# only a comment\n", "x") == ({}, ())


TRICKY = [
    "yes",
    "y",
    "N",
    "1e3",
    "0o17",
    "12:30",
    "null",
    "~",
    "",
    " x",
    "a: b",
    "a #b",
    "{{ env.X }}",
    "1.0",
    "-",
    "a\nb\n",
    "ü",
    "true",
    "0x1F",
    "*a",
    "!x",
    "2026-01-01",
    ".inf",
    "=",
    "<<",
]


def test_dump_is_read_back_unchanged() -> None:
    values = {"texts": TRICKY, **{text or "empty": [1, 1.5, True, None] for text in TRICKY}}
    assert data(_yaml_text.dump(values)) == values


def test_dump_is_the_same_for_the_same_data() -> None:
    assert _yaml_text.dump({"b": {"d": 1, "c": 2}, "a": 1}) == _yaml_text.dump({"a": 1, "b": {"c": 2, "d": 1}})
    shared = {"x": 1}
    assert "&" not in _yaml_text.dump({"a": shared, "b": shared})


@pytest.mark.parametrize("program", helms())
def test_helm_reads_what_is_dumped(program: str, bare_chart: Path) -> None:
    values = {"data": {"texts": TRICKY, **{text or "empty": [1, 1.5, True] for text in TRICKY}}}
    assert helms_reading(program, bare_chart, _yaml_text.dump(values)) == values["data"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: {{ .Values.x }}\n", "v, line 2: '{{ … }}' stands there without quotes."),
        ("a:\n  - {{ env.X }}\n", "v, line 2: '{{ … }}' stands there without quotes."),
        ("? [a]\n: b\n", "v, line 1: a key must be a single word."),
    ],
)
def test_templates_without_quotes(text: str, told: str) -> None:
    with pytest.raises(HolmesError) as caught:
        _yaml_text.load_mapping(text, "v")
    assert caught.value.msg == told
