# SPDX-License-Identifier: GPL-3.0-or-later
"""Known, unknown and dead keys of a chart."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart, read
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


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("modellist", "modelList"),
        ("model_list", "modelList"),
        ("additionalEnvVar", "additionalEnvVars"),
        ("crdPermissions.agro", "crdPermissions.argo"),
        ("keyfilePasswordSecretKey", "tls.keyfilePasswordSecretKey"),
        ("toolset", "toolsets"),
        ("config", ""),
        ("somethingElse", ""),
    ],
)
def test_did_you_mean(wrong: str, meant: str) -> None:
    assert ChartKeys(read(str(NEW))).resembling(tuple(wrong.split("."))) == meant


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


def test_a_shipped_key_is_proposed_even_if_nothing_reads_it() -> None:
    assert ChartKeys(chart({"outer": {"inner_name": 1}}, "")).resembling(("outer", "inner_nam")) == "outer.inner_name"


def test_subcharts_have_their_own_keys() -> None:
    inner = chart({"p": 1, "q": 2}, "{{ .Values.p }}")
    keys = ChartKeys(chart({"inner": {"p": 5}}, "{{ .Values.a }}", {"inner": inner}))
    assert strays(keys, {"a": 1, "inner": {"p": 1, "q": 1, "r": 1, "enabled": False}}) == {
        "inner.q": "dead",
        "inner.r": "unknown",
    }


def test_text_of_templates() -> None:
    assert ChartKeys(read(str(NEW))).writes("readOnlyRootFilesystem: true")
    assert not ChartKeys(read(str(OLD))).writes("readOnlyRootFilesystem: true")
