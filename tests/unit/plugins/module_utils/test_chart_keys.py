# SPDX-License-Identifier: GPL-3.0-or-later
"""Known, unknown and dead keys of a chart."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart, Dependency, read
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys

from tests.unit.fixtures.values_world import NEW, OLD


def chart(values: dict[str, t.Any], template: str, subcharts: dict[str, Chart] | None = None) -> Chart:
    return Chart("path", "x", "1.0.0", "1.0.0", "", values, {"templates/t.yaml": template}, subcharts or {})


def strays(keys: ChartKeys, values: dict[str, t.Any]) -> dict[str, str]:
    return {str(stray): stray.kind for stray in keys.strays(values)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"config": {"model": "x"}}, {"config": "unknown"}),
        ({"enableAccountsCreate": False}, {"enableAccountsCreate": "dead"}),
        (
            {"resources": {"requests": {"cpu": 1, "ephemeral-storage": 1}}},
            {"resources.requests.ephemeral-storage": "unknown"},
        ),
        ({"crdPermissions": {"argo": False, "agro": False}}, {"crdPermissions.agro": "unknown"}),
        ({"tls": {"enabled": True, "secret": "x"}}, {"tls.secret": "unknown"}),
        ({"toolsets": {"new/one": {"enabled": True}}}, {}),
        ({"modelList": {"a": {"any": {"thing": 1}}}}, {}),
        ({"nodeSelector": {"a": "b"}}, {}),
        ({"enableTelemetry": False}, {}),
        ({"global": {"anything": 1}, "tags": {"x": True}}, {}),
        ({"mcpAddons": {"aws": {"enabled": True, "foo": 1}}}, {"mcpAddons.aws.foo": "unknown"}),
        ({"resources": None, "tls": "x"}, {}),
        ({"resources": {}}, {}),
    ],
)
def test_the_new_double(given: dict[str, t.Any], expected: dict[str, str]) -> None:
    assert strays(ChartKeys(read(str(NEW))), given) == expected


@pytest.mark.parametrize(
    "key", ["crdPermissions", "imagePullPolicy", "tls", "podSecurityContext", "operator", "namespaceScopedRBAC"]
)
def test_keys_that_the_old_double_lacks(key: str) -> None:
    old = ChartKeys(read(str(OLD)))
    assert strays(old, {key: {"a": 1}}) == {key: "unknown"}
    assert not old.knows((key,))


@pytest.mark.parametrize("path", [NEW, OLD])
def test_dead_keys_of_the_doubles(path: Path) -> None:
    assert ChartKeys(read(str(path))).dead() == ["enableAccountsCreate"]


def test_a_whole_map_passed_on_takes_any_key() -> None:
    keys = ChartKeys(chart({"a": {"x": 1}}, "{{ toYaml .Values.a }}"))
    assert strays(keys, {"a": {"y": {"z": 1}}, "b": 1}) == {"b": "unknown"}


def test_a_shipped_map_that_nothing_reads_is_dead_leaf_by_leaf() -> None:
    keys = ChartKeys(chart({"config": {"model": "x", "n": {"m": 1}}}, "{{ .Values.other }}"))
    assert keys.dead() == ["config.model", "config.n.m"]
    assert strays(keys, {"config": {"model": "y", "z": 1}}) == {"config.model": "dead", "config.z": "unknown"}


def test_a_wildcard_covers_every_key_of_its_level() -> None:
    keys = ChartKeys(chart({"m": {}}, "{{ range .Values.m }}{{ .x }}{{ end }}"))
    assert strays(keys, {"m": {"one": {"x": 1, "y": 2}}}) == {"m.one.y": "unknown"}


def test_subcharts_have_their_own_keys() -> None:
    inner = chart({"p": 1, "q": 2}, "{{ .Values.p }}")
    outer = replace(
        chart({"inner": {"p": 5}}, "{{ .Values.a }}", {"inner": inner}),
        dependencies=(Dependency("inner", ("inner.enabled", "also.inner")),),
    )
    given = {"a": 1, "inner": {"p": 1, "q": 1, "r": 1, "enabled": False}, "also": {"inner": True, "x": 1}}
    assert strays(ChartKeys(outer), given) == {"inner.q": "dead", "inner.r": "unknown", "also.x": "unknown"}
    # Without a condition nobody looks at it.
    assert "inner.enabled" in strays(ChartKeys(replace(outer, dependencies=())), given)


def test_globals_can_be_set_in_every_chart_above() -> None:
    deep = chart({}, "{{ .Values.global.site }}")
    keys = ChartKeys(chart({}, "", {"one": chart({}, "", {"two": deep})}))
    for path in (("global", "site"), ("one", "global", "site"), ("one", "two", "global", "site")):
        assert keys.knows(path)
    assert not keys.knows(("global", "other")) and not keys.knows(("one", "site"))
    # A shared file of values may hold globals of other charts.
    assert strays(keys, {"global": {"x": 1}, "one": {"global": {"x": 1}, "two": {"global": {"x": 1}}}}) == {}
    assert strays(keys, {"other": {"global": {"x": 1}}}) == {"other": "unknown"}


def test_templates_in_the_users_values_read_other_keys() -> None:
    keys = ChartKeys(chart({"text": "", "plain": ""}, "{{ tpl .Values.text . }}{{ .Values.plain }}"))
    assert strays(keys, {"mine": 1, "text": "x"}) == {"mine": "unknown"}
    assert strays(keys, {"mine": 1, "text": "{{ .Values.mine }}"}) == {}
    assert strays(keys, {"mine": 1, "text": "{{ env.NAME }}"}) == {"mine": "unknown"}
    assert strays(keys, {"mine": 1, "plain": "{{ .Values.mine }}"}) == {"mine": "unknown"}
    # The template may stand in another file than the key.
    both = keys.with_given({"text": "{{ .Values.mine }}"})
    assert strays(both, {"mine": 1}) == {} and strays(keys, {"mine": 1}) == {"mine": "unknown"}


def test_notes_are_read_and_are_no_manifest() -> None:
    notes = replace(chart({"a": 1}, ""), templates={"templates/NOTES.txt": "{{ .Values.a }} kind: Pod"})
    assert strays(ChartKeys(notes), {"a": 1, "b": 1}) == {"b": "unknown"}
    assert not ChartKeys(notes).writes("kind: Pod")


def test_a_map_that_is_only_asked_for_takes_any_key() -> None:
    keys = ChartKeys(
        chart({"empty": {}, "full": {"a": 1}}, "{{ if .Values.empty }}{{ end }}{{ if .Values.full }}{{ end }}")
    )
    assert strays(keys, {"empty": {"x": 1}, "full": {"a": 1, "b": 1}}) == {"full.a": "dead", "full.b": "unknown"}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"a.b": 1}, '"a.b"'),
        ({"eks.amazonaws.com/role-arn": {"x": 1}}, '"eks.amazonaws.com/role-arn"'),
        ({"kubernetes/core": 1}, "kubernetes/core"),
        ({"known": {"a.b": 1, "c d": 1, "": 1, "e": 1}}, 'known."a.b" known."c d" known."" known.e'),
        ({8080: 1, True: 1, None: 1}, "8080 True None"),
    ],
)
def test_names_are_shown_unambiguously(given: dict[t.Any, t.Any], shown: str) -> None:
    keys = ChartKeys(chart({"known": {"x": 1}}, "{{ .Values.known.x }}"))
    assert " ".join(strays(keys, given)) == shown


def test_text_of_templates() -> None:
    assert ChartKeys(read(str(NEW))).writes("readOnlyRootFilesystem: true")
    assert not ChartKeys(read(str(OLD))).writes("readOnlyRootFilesystem: true")
