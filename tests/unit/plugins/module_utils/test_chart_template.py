# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values templates read: exactly what is used up, and what is only looked at. Helm confirms it in
test_chart_oracle.py."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import Reads
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template import Program
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_text import actions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError


def reads(text: str, values: dict[str, t.Any] | None = None, **files: str) -> Reads:
    chart = Chart("path", "x", "1.0.0", "1.0.0", "", values or {}, {"templates/t.yaml": text}, files=files)
    return Program(chart, [values or {}]).reads()


def whole(text: str, **more: t.Any) -> set[str]:
    return {".".join(path) for path in reads(text, **more).whole}


def touched(text: str) -> set[str]:
    return {".".join(path) for path in reads(text).touched}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .Values.a.b }}", {"a.b"}),
        ("{{- .Values.a | quote -}}", {"a"}),
        ("{{ $.Values.a }}", {"a"}),
        ("{{ toYaml .Values.a | nindent 4 }}", {"a"}),
        ('{{ .Values.a | default "x" }}', {"a"}),
        ("{{ default .Values.a .Values.b }}", {"a", "b"}),
        ('{{ index .Values "a" "b-c" }}', {"a.b-c"}),
        ("{{ index .Values.a .Values.k }}", {"a.*", "k"}),
        ("{{ index .Values.a 0 }}", {"a.*"}),
        ('{{ get .Values "a" }}', {"a"}),
        ('{{ dig "b" "c" "x" .Values.a }}', {"a.b.c"}),
        ('{{ dig "b" .Values.d .Values.a }}', {"a.b", "d"}),
        ('{{ pick .Values.a "x" "y" | toYaml }}', {"a.x", "a.y"}),
        ("{{ pick .Values.a .Values.k | toYaml }}", {"a.*", "k"}),
        ('{{ printf "%s/%s" .Values.a .Values.b }}', {"a", "b"}),
        ('{{ include "x" .Values.a }}', set()),
        ('{{ template "x" .Values.a }}', set()),
        ('{{ define "x" }}{{ .b }}{{ end }}{{ include "x" .Values.a }}{{ template "x" .Values.c }}', {"a.b", "c.b"}),
        ('{{ define "x" }}{{ .Values.a }}{{ end }}', set()),
        ('{{ define "x" }}{{ .Values.a }}{{ end }}{{ include "x" . }}', {"a"}),
        ('{{ define "x" }}{{ .Values.a }}{{ end }}{{ include .Values.n . }}', {"a", "n"}),
        ('{{ define "x" }}{{ .Values.a }}{{ end }}{{ include (lower "X") . }}', {"a"}),
        ('{{ define "x" }}{{ $.b }}{{ end }}{{ with .Values.a }}{{ include "x" . }}{{ end }}', {"a.b"}),
        ("{{ (.Values.a).b }}", {"a.b"}),
        ("{{ list .Values.a .Values.b | toYaml | sha256sum }}", {"a", "b"}),
        ('{{ dict "a" .Values.a | toYaml }}', {"a"}),
        ("{{ ternary .Values.a .Values.b .Values.c }}", {"a", "b"}),
        ("{{ fail (printf `{{ .Values.no }} %s` .Values.a) }}", {"a"}),
        ('{{ "{{ .Values.no }}" }}', set()),
        ("{{/* .Values.no */}}{{- /* it's .Values.no }} */ -}}{{ .Values.a }}", {"a"}),
        ("# {{ .Values.a }}", {"a"}),
        ("{{ .Values.a.b.c | toYaml }} {{ .Release.Name }} {{ .Chart.Version }}", {"a.b.c"}),
        ("{{ .Files.Get .Values.a }}", {"a"}),
        ("{{ .Capabilities.APIVersions.Has .Values.a }}{{ .Values.b }}", {"a", "b"}),
        ("{{ toYaml .Values }}", {""}),
        ("{{ .Values.AsMap | toYaml }}", {"", "AsMap"}),
        ('{{ .Values.PathValue "a.b" }}', {"", "PathValue"}),
        ("{{ toJson . }}", {""}),
        ("{{ toYaml $ | sha256sum }}", {""}),
        ("{{ nosuchfunction .Values.a }}", {"a"}),
        ("{{ $nosuchvariable.Values.a }}", set()),
        ("{{ $a := .Values.a }}{{ if $a }}{{ end }}", set()),
        ('{{ tpl "{{ .Values.a }}" . }}', {"a"}),
        ('{{ tpl (printf "{{ .Values.%s }}" .Values.k) . }}', {"", "k"}),
        ("{{ tpl .Values.text $ }}", {"text"}),
        ("text {{ without end .Values.a", set()),
        ("{{ .Values.a }}{{ /* no end", {"a"}),
        ('{{ .Values.a }}{{ "no end }}{{ .Values.b }}', {"a"}),
        ("{{ .Values.a | }}{{ | .Values.b }}{{ () }}{{}}", {"a", "b"}),
        ("{{ ((.Values.a) }}", set()),
        ("{{ .Values.a ) }}", {"a"}),
        (
            "{{ index }}{{ dict }}{{ merge }}{{ set }}{{ tpl }}{{ include }}{{ pick }}{{ dig }}{{ printf }}{{ get 1 }}",
            set(),
        ),
        ('{{ dict "a" }}{{ dict 1 .Values.a | toYaml }}{{ set .Values.b }}', {"a", "b"}),
        (
            "{{ range }}{{ end }}{{ with }}{{ end }}{{ if }}{{ else }}{{ end }}{{ template }}{{ define }}{{ end }}",
            set(),
        ),
        ("{{ .Values.é.ß }}", {"é.ß"}),
        ("{{ 1.5 }}{{ -3 }}{{ 'a' }}{{ true }}{{ nil }}{{ 0x1F }}", set()),
    ],
)
def test_read_with_everything_below(text: str, expected: set[str]) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    ("text", "touches", "wholes"),
    [
        ("{{ if .Values.a.b }}x{{ end }}", {"a.b"}, set()),
        (
            "{{ if and .Values.a (not .Values.b) }}x{{ else if .Values.c }}y{{ else }}{{ .Values.d }}{{ end }}",
            {"a", "b", "c"},
            {"d"},
        ),
        ('{{ if eq .Values.a "x" }}{{ end }}', {"a"}, set()),
        ('{{ if hasKey .Values "a" }}{{ end }}', {"a"}, set()),
        ("{{ with .Values.a }}{{ .b }}{{ end }}{{ .Values.c }}", {"a"}, {"a.b", "c"}),
        ("{{ with .Values.a }}{{ toYaml . }}{{ end }}", {"a"}, {"a"}),
        ("{{ with .Values.a }}{{ .b }}{{ else }}{{ .Values.c }}{{ end }}", {"a"}, {"a.b", "c"}),
        ("{{ with .Values.a }}{{ $.Values.b }}{{ end }}", {"a"}, {"b"}),
        ("{{ with $x := .Values.a }}{{ $x.b }}{{ end }}", {"a"}, {"a.b"}),
        ("{{ range .Values.a }}{{ .name }}{{ end }}", {"a", "a.*"}, {"a.*.name"}),
        ("{{ range $k, $v := .Values.a }}{{ $v.b }}{{ $k }}{{ end }}", {"a", "a.*"}, {"a.*.b"}),
        ("{{ range $v := .Values.a }}{{ with $v.b }}{{ .c }}{{ end }}{{ end }}", {"a", "a.*", "a.*.b"}, {"a.*.b.c"}),
        ("{{ $t := .Values.a | default dict }}{{ if $t.b }}{{ $t.c }}{{ end }}", {"a", "a.b"}, {"a.c"}),
        ("{{ $t := .Values.a }}{{ $t = .Values.b }}{{ $t.c }}", {"a", "b"}, {"a.c", "b.c"}),
        ("{{ $t := .Values.a }}{{ $t := .Values.b }}{{ $t.c }}", {"a", "b"}, {"b.c"}),
        ("{{ $t := .Values.a }}{{ toYaml $t }}", {"a"}, {"a"}),
        ("{{ $c := or .Values.a.x .Values.a.y }}{{ if $c }}{{ end }}", {"a.x", "a.y"}, set()),
        ("{{ if gt (len .Values.a) 2 }}{{ end }}", {"a", "a.*"}, set()),
        ('{{ if typeIs "string" .Values.a }}{{ end }}', {"a"}, set()),
        ("{{ keys .Values.a | len }}", {"a.*"}, set()),
        ('{{ if (pick .Values.a "b") }}{{ end }}', {"a.b"}, set()),
    ],
)
def test_blocks_and_variables(text: str, touches: set[str], wholes: set[str]) -> None:
    assert touched(text) == touches
    assert whole(text) == wholes


def test_questions() -> None:
    found = reads("{{ toYaml .Values.a }}{{ if .Values.b.c }}{{ end }}{{ range .Values.m }}{{ .x }}{{ end }}")
    assert found.is_whole(("a",)) and found.is_whole(("a", "anything"))
    assert not found.is_whole(("b", "c"))
    assert found.is_touched(("b", "c")) and found.is_touched(("b",))
    assert not found.is_touched(("b", "d")) and not found.is_touched(("b", "c", "d"))
    assert found.is_whole(("m", "any", "x")) and not found.is_whole(("m", "any", "y"))
    assert found.is_below(("b",)) and not found.is_below(("b", "c")) and not found.is_below(("a",))
    # A key without a name is not the mark of a whole map.
    assert not reads('{{ if index .Values "a" "" }}{{ end }}').is_whole(("a",))


def test_more_ends_than_blocks_do_no_harm() -> None:
    assert whole("{{ end }}{{ end }}{{ .Values.a }}{{ ) }}{{ else }}{{ .Values.b }}") == {"a", "b"}


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 5000 + ".Values.a" + ")" * 5000 + " }}",
        "{{ " + "(" * 5000 + ".Values.a }}",
        "{{ if .Values.a }}" * 5000 + "{{ end }}" * 5000,
        '{{ define "x" }}' * 5000,
    ],
)
def test_nesting_has_an_end(text: str) -> None:
    with pytest.raises(HolmesError, match="'x/templates/t.yaml' of the chart is nested too deeply"):
        reads(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ (((((((((.Values.a))))))))) }}", {"a"}),
        ("{{ if .Values.a }}" * 30 + "{{ .Values.b }}" + "{{ end }}" * 30, {"b"}),
        ("{{ if .Values.a }}" + "{{ else if .Values.b }}" * 500 + "{{ .Values.c }}{{ end }}", {"c"}),
        ("{{ .Values.a }}" * 5000, {"a"}),
    ],
)
def test_what_is_long_or_nested_as_charts_are(text: str, expected: set[str]) -> None:
    assert whole(text) == expected


@pytest.mark.parametrize(
    "helper",
    [
        '{{ include "x" .next }}',
        '{{ range . }}{{ include "x" . }}{{ end }}',
        '{{ include "x" (dict "next" .) }}',
        '{{ include "x" .a }}{{ include "x" .b }}{{ include "x" .c }}{{ include "x" .d }}',
        '{{ $d := dict }}{{ $_ := set $d "x" $d }}{{ include "x" $d }}{{ toYaml $d }}',
        '{{ $_ := merge . .next }}{{ $_ := set . "next" . }}{{ include "x" . }}{{ .next.next.next }}',
        "{{ tpl .next . }}",
    ],
)
def test_helpers_that_call_themselves_come_to_an_end(helper: str) -> None:
    found = reads(f'{{{{ define "x" }}}}{helper}{{{{ .here }}}}{{{{ end }}}}{{{{ include "x" .Values.a }}}}')
    assert found.is_whole(("a", "here"))


def test_what_is_too_entangled_counts_as_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{{ range .Values.a }}{{ .b }}{{ end }}"
    assert not reads(text).is_whole(("other",))
    monkeypatch.setattr(f"{Program.__module__}._MOST_WORK", 0)
    assert reads(text).is_whole(("other",))


def test_templates_in_values_and_files() -> None:
    values = {"t": ["{{ .Values.a }}", {"x": "{{ .Values.b }}"}], "u": "{{ .Values.c }}"}
    assert whole("{{ tpl (toYaml .Values.t) . }}", values=values) == {"t", "a", "b"}
    files = {"conf/a.txt": "{{ .Values.d }}", "other": "{{ .Values.e }}", "conf/deep": "{{ (((" + "{{ if 1 }}" * 99}
    assert whole('{{ tpl (.Files.Get "conf/a.txt") . }}', **files) == {"d"}
    assert whole('{{ range $p, $_ := .Files.Glob "conf/{a,b}*" }}{{ tpl ($.Files.Get $p) $ }}{{ end }}', **files) == {
        "d"
    }
    assert whole("{{ tpl (.Files.Get .Values.name) . }}", **files) == {"d", "e", "name"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{{ a "b c" .d.e $f.g }}', [["a", "b c", ".d.e", "$f.g"]]),
        ("{{- a -}}", [["a"]]),
        ("{{-3}}", [["-3"]]),
        ("{{a}}{{ b}}", [["a"], ["b"]]),
        (r'{{ "a\"b\\\n" }}', [['a"b\\\n']]),
        (r"{{ `a\n}}` }}", [["a\\n}}"]]),
        ("{{ $a, $b := .c }}", [["$a", ",", "$b", ":=", ".c"]]),
        ("{{ (a).b .c }}", [["(", "a", ")", ".b", ".c"]]),
        ("{{/* c */}}{{- /* d */ -}}{{ e }}", [["e"]]),
        ("a {{ b", []),
        ("}} {{ b }}", [["b"]]),
    ],
)
def test_words(text: str, words: list[list[str]]) -> None:
    assert [[value for _kind, value in tokens] for tokens in actions(text)] == words
