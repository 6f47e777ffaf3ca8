# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values a template reads."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template import reads


def whole(text: str) -> set[str]:
    return {".".join(path) for path in reads(text).whole}


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
        ('{{ get .Values "a" }}', {"a"}),
        ('{{ dig "b" "c" "x" .Values.a }}', {"a.b.c.x"}),
        ('{{ pick .Values.a "x" "y" | toYaml }}', {"a.x", "a.y"}),
        ('{{ printf "%s/%s" .Values.a .Values.b }}', {"a", "b"}),
        ('{{ include "x" .Values.a }}', {"a"}),
        ('{{ include "x" . }}', set()),
        ('{{ template "x" .Values.a }}', {"a"}),
        ('{{ include "x" (dict "root" $ "v" .Values.a) }}', {"a"}),
        ('{{ define "x" }}{{ .root.Values.a }}{{ end }}', {"a"}),
        ("{{ (.Values.a).b }}", {"a"}),
        ("{{ list .Values.a .Values.b | toYaml | sha256sum }}", {"a", "b"}),
        ("{{ ternary .Values.a .Values.b .Values.c }}", {"a", "b", "c"}),
        ("{{ fail (printf `{{ .Values.no }} %s` .Values.a) }}", {"a"}),
        ('{{ "{{ .Values.no }}" }}', set()),
        ("{{/* .Values.no */}}{{- /* it's .Values.no }} */ -}}{{ .Values.a }}", {"a"}),
        ("# {{ .Values.a }}", {"a"}),
        ("{{ .Values.a.b.c | toYaml }} {{ .Release.Name }} {{ .Chart.Version }}", {"a.b.c"}),
        ("{{ .Files.Get .Values.a }}", {"a"}),
        ("{{ toYaml .Values }}", {""}),
        ("text {{ without end", set()),
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
        ("{{ range .Values.a }}{{ .name }}{{ end }}", {"a"}, {"a.*.name"}),
        ("{{ range $k, $v := .Values.a }}{{ $v.b }}{{ $k }}{{ end }}", {"a"}, {"a.*.b"}),
        ("{{ range $v := .Values.a }}{{ with $v.b }}{{ .c }}{{ end }}{{ end }}", {"a", "a.*.b"}, {"a.*.b.c"}),
        ("{{ $t := .Values.a | default dict }}{{ if $t.b }}{{ $t.c }}{{ end }}", {"a", "a.b"}, {"a.c"}),
        ("{{ $t := .Values.a }}{{ $t = .Values.b }}{{ $t.c }}", {"a", "b"}, {"a.c", "b.c"}),
        ("{{ $t := .Values.a }}{{ toYaml $t }}", {"a"}, {"a"}),
        ("{{ $c := or .Values.a.x .Values.a.y }}{{ if $c }}{{ end }}", {"a.x", "a.y"}, set()),
        ('{{ define "h" }}{{ with .Values.a }}{{ .b }}{{ end }}{{ end }}{{ .Values.c }}', {"a"}, {"a.b", "c"}),
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


def test_more_ends_than_blocks_do_no_harm() -> None:
    assert whole("{{ end }}{{ end }}{{ .Values.a }}{{ ) }}{{ else }}{{ .Values.b }}") == {"a", "b"}
