# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the environment: names, shapes, sources."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer

from tests.unit.fixtures.env_rules import assert_row, rendered_env, verdict_of
from tests.unit.fixtures.values_world import case, env

CHECK = "values.env_name"
SECRET = {"secretKeyRef": {"name": "holmes-secrets", "key": "api-key_1.x"}}


def entry(**fields: t.Any) -> list[dict[str, t.Any]]:
    return [{"name": "A", **fields}]


def source(**kinds: t.Any) -> list[dict[str, t.Any]]:
    return entry(valueFrom=kinds)


GOOD: list[t.Any] = [
    [],
    None,
    env(A="x", _B2="y", c="z"),
    env(A=""),
    entry(value="x", valueFrom=None),
    entry(value=None, valueFrom=SECRET),
    entry(valueFrom=SECRET),
    source(secretKeyRef={"name": "s", "key": "k", "optional": True}),
    source(configMapKeyRef={"name": "a" * 253, "key": "k" * 253}),
    source(configMapKeyRef={"name": "a.b-c", "key": "K_.-"}),
    *(
        source(fieldRef={"fieldPath": path})
        for path in (
            *("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels['app']"),
            *("metadata.annotations['a/b']", "spec.nodeName", "spec.serviceAccountName"),
            *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
        )
    ),
    source(resourceFieldRef={"resource": "limits.memory"}),
]
WRONG: list[tuple[t.Any, str, str, str]] = [
    ({"A": "x"}, "fail", "must be a list.", "holmes_env takes 'NAME: text'; here write '- name: NAME'"),
    ("A=x", "fail", "must be a list.", "Write '- name: NAME' and, indented, 'value: \"text\"'."),
    ([{"value": "x"}], "fail", "has an entry without a name.", "Every entry needs 'name' and 'value' or 'valueFrom'."),
    ([{"name": 5, "value": "x"}], "fail", "has an entry without a name.", "Every entry needs"),
    (["A=x"], "fail", "has an entry without a name.", "Every entry needs"),
    (env(**{"1A": "x"}), "fail", "'1A' is no legal name of a variable.", "no digit first"),
    (env(**{"A B": "x"}), "fail", "'A B' is no legal name of a variable.", "letters, digits and '_'"),
    (env(**{"": "x"}), "fail", "'' is no legal name of a variable.", "letters, digits and '_'"),
    (
        env(**{"A-B": "x"}),
        "warn",
        "'A-B' cannot be used by shells or as '{{ env.… }}'.",
        "letters, digits and '_' only",
    ),
    (env(**{".A": "x"}), "warn", "'.A' cannot be used", "letters, digits and '_' only"),
    (entry(vaule="x"), "fail", "A has the key 'vaule', which no variable has. Did you mean 'value'?", "Correct or"),
    (entry(valuefrom=SECRET), "fail", "the key 'valuefrom', which no variable has. Did you mean 'valueFrom'?", ""),
    (entry(value="x", zzz=1), "fail", "A has the key 'zzz', which no variable has.", "Correct or remove it."),
    (entry(value=1), "fail", "the value of A is a number, but Kubernetes takes only text.", "Put it in quotes."),
    (entry(value=1.5), "fail", "the value of A is a number,", "Put it in quotes."),
    (entry(value=True), "fail", "the value of A is a yes/no value,", "Put it in quotes."),
    (entry(value={"a": 1}), "fail", "the value of A is a mapping,", "Put it in quotes."),
    (entry(value=["a"]), "fail", "the value of A is a list,", "Put it in quotes."),
    (entry(value="x\n"), "warn", "the value of A ends with a line break", "Write it on one line, in quotes."),
    (entry(value="x\r\n"), "warn", "the value of A ends with a line break", "Write it on one line"),
    (entry(), "warn", "A has neither 'value' nor 'valueFrom', so it is empty.", "Give it one of them."),
    (entry(value=None), "warn", "A has neither 'value' nor 'valueFrom'", "Give it one of them."),
    (entry(value="x", valueFrom=SECRET), "fail", "A has 'value' and 'valueFrom'; Kubernetes refuses", "Keep one of"),
    (entry(value="", valueFrom={}), "fail", "A has 'value' and 'valueFrom'", "Keep one of them."),
    (
        source(),
        "fail",
        "valueFrom of A must be a mapping with one of secretKeyRef, configMapKeyRef, fieldRef,",
        "For a",
    ),
    (
        entry(valueFrom="s"),
        "fail",
        "valueFrom of A must be a mapping",
        "write 'secretKeyRef: {name: SECRET, key: KEY}'.",
    ),
    (source(secretRef={"name": "s"}), "fail", "valueFrom of A must be a mapping", "secretKeyRef: {name:"),
    (source(**SECRET, fieldRef={"fieldPath": "metadata.name"}), "fail", "valueFrom of A must be a mapping", ""),
    (source(secretKeyRef="s"), "fail", "the secretKeyRef of A lacks 'name' or 'key'.", "It needs 'name' and 'key', as"),
    (source(secretKeyRef={"name": "s"}), "fail", "the secretKeyRef of A lacks 'key'.", "It needs 'name' and 'key'"),
    (source(secretKeyRef={"key": "s", "name": ""}), "fail", "the secretKeyRef of A lacks 'name'.", "as text."),
    (source(secretKeyRef={"key": 5, "name": "s"}), "fail", "the secretKeyRef of A lacks 'key'.", "as text."),
    (source(configMapKeyRef={"name": "s"}), "fail", "the configMapKeyRef of A lacks 'key'.", "'name' and 'key'"),
    (source(fieldRef={}), "fail", "the fieldRef of A lacks 'fieldPath'.", "It needs 'fieldPath', as text."),
    (
        source(fieldRef={"fieldPath": "x"}),
        "fail",
        "the fieldRef of A names 'x', which is no field",
        "metadata.namespace",
    ),
    (source(fieldRef={"fieldPath": "spec.nodeName2"}), "fail", "names 'spec.nodeName2', which is no field", ""),
    (source(resourceFieldRef={"resource": 1}), "fail", "the resourceFieldRef of A lacks 'resource'.", "It needs"),
    (
        source(secretKeyRef={"name": "A_b", "key": "k"}),
        "fail",
        "names 'A_b', which no object can be",
        "lower-case letters",
    ),
    (source(secretKeyRef={"name": "a" * 254, "key": "k"}), "fail", "which no object can be called.", "lower-case"),
    (source(configMapKeyRef={"name": "-a", "key": "k"}), "fail", "the configMapKeyRef of A names '-a', which no", ""),
    (
        source(secretKeyRef={"name": "a", "key": "a b"}),
        "fail",
        "the secretKeyRef of A names a key that no object",
        "'_'",
    ),
    (source(secretKeyRef={"name": "a", "key": "k" * 254}), "fail", "names a key that no object can have", "letters"),
    (
        [*env(A="x"), *env(B="y"), *env(A="z")],
        "fail",
        "A stands there twice; Kubernetes keeps only",
        "Remove one of them.",
    ),
]


@pytest.mark.parametrize("entries", GOOD)
@pytest.mark.parametrize("key", ["additionalEnvVars", "additional_env_vars"])
def test_right(key: str, entries: t.Any) -> None:
    assert_row(CHECK, case({key: entries}), "pass")


@pytest.mark.parametrize(("entries", "status", "text", "fix"), WRONG)
@pytest.mark.parametrize("key", ["additionalEnvVars", "additional_env_vars"])
def test_wrong(key: str, entries: t.Any, status: str, text: str, fix: str) -> None:
    assert_row(CHECK, case({key: entries}), status, f"{key} (holmes_values)", text, fix)


def test_the_operators_list_is_looked_at_as_well() -> None:
    values = {"operator": {"additionalEnvVars": ["A=x"]}}
    assert_row(CHECK, case(values), "fail", "operator.additionalEnvVars (holmes_values) has an entry without a name.")


@pytest.mark.parametrize(
    "values",
    [
        {"operator": {"additionalEnvVars": {"A": "x"}}},
        {"extraEnvVarsSecrets": "s"},
        {"additional_env_froms": {"secretRef": {}}},
    ],
)
def test_other_lists_that_are_none_are_told_elsewhere(values: dict[str, t.Any]) -> None:
    assert_row(CHECK, case(values), "pass")


def test_the_same_name_in_two_layers_is_no_duplicate() -> None:
    layers = (Layer("one", {"additionalEnvVars": env(A="x")}), Layer("two", {"additionalEnvVars": env(A="y")}))
    assert_row(CHECK, case({"additionalEnvVars": env(A="y")}, layers=layers), "pass")


def test_every_layer_is_looked_at_and_named() -> None:
    layers = (Layer("one", {"additionalEnvVars": ["x"]}), Layer("two", {"additional_env_vars": ["y"]}))
    found = assert_row(CHECK, case({}, layers=layers), "fail", "additionalEnvVars (one)", "additional_env_vars (two)")
    assert found.message.count("without a name") == 2


def test_a_name_in_both_lists() -> None:
    both = {"additionalEnvVars": env(A="x"), "additional_env_vars": env(A="y")}
    text = "A is set twice: in additionalEnvVars and in additional_env_vars, or by the chart itself."
    assert_row(CHECK, case(both), "fail", text, "Keep one of the two lists, or the chart's own key.")
    other = {"additionalEnvVars": env(A="x"), "additional_env_vars": env(B="y")}
    assert_row(CHECK, case(other), "pass")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("CERTIFICATE", "holmes_ca_file"),
        ("ENABLE_JSON_LOGS_FORMAT", "enableJsonLogsFormat"),
        ("ENABLE_TELEMETRY", "enableTelemetry"),
        ("HOLMES_SSL_CERTFILE", "tls.secretName"),
        ("HOLMES_SSL_KEYFILE", "tls.secretName"),
        ("IS_OPENSHIFT", "holmes_openshift"),
        ("LOG_LEVEL", "logLevel"),
        ("SENTRY_DSN", "sentryDSN"),
    ],
)
def test_a_name_that_the_chart_sets(name: str, key: str) -> None:
    one = case({"additionalEnvVars": env(**{name: "x"})}, manifests=rendered_env("A", name, "B", name))
    assert_row(CHECK, one, "fail", f"{name} is set twice", f"Use {key} for it.")


def test_what_was_rendered_counts_and_is_told_once() -> None:
    twice = {"additionalEnvVars": [*env(A="x"), *env(A="y")]}
    told = verdict_of(CHECK, case(twice, manifests=rendered_env("A", "A")))
    assert told.message.count("twice") == 1
    assert_row(CHECK, case({}, manifests=rendered_env("A", "B")), "pass")


@pytest.mark.parametrize(
    "values",
    [
        {"extraEnvVarsSecrets": ["holmes-secrets", "a.b"]},
        {"extraEnvVarsSecrets": []},
        {"additional_env_froms": [{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "c", "optional": True}}]},
        {"additional_env_froms": [{"secretRef": {"name": "s"}, "prefix": "X_"}]},
    ],
)
def test_whole_secrets(values: dict[str, t.Any]) -> None:
    assert_row(CHECK, case(values), "pass")


NAMES = ("extraEnvVarsSecrets (holmes_values) has an entry that is no name of a Secret.", "'- holmes-secrets'")
FROMS = (
    "additional_env_froms (holmes_values) has an entry that names no whole Secret or ConfigMap.",
    "secretRef: {name:",
)


@pytest.mark.parametrize(
    ("values", "pieces"),
    [
        ({"extraEnvVarsSecrets": [{"name": "s"}]}, NAMES),
        ({"extraEnvVarsSecrets": ["s", {"secretRef": {"name": "s"}}]}, NAMES),
        ({"extraEnvVarsSecrets": ["A_b"]}, NAMES),
        ({"extraEnvVarsSecrets": [""]}, NAMES),
        ({"additional_env_froms": ["s"]}, FROMS),
        ({"additional_env_froms": [{}]}, FROMS),
        ({"additional_env_froms": [{"prefix": "X_"}]}, FROMS),
        ({"additional_env_froms": [{"secretRef": "s"}]}, FROMS),
        ({"additional_env_froms": [{"secretRef": {"name": "A_b"}}]}, FROMS),
        ({"additional_env_froms": [{"configMapRef": {"name": 5}}]}, FROMS),
        ({"additional_env_froms": [{"secretKeyRef": {"name": "s", "key": "k"}}]}, FROMS),
        ({"additional_env_froms": [{"secretRef": {"name": "s"}, "configMapRef": {"name": "c"}}]}, FROMS),
    ],
)
def test_whole_secrets_in_a_wrong_form(values: dict[str, t.Any], pieces: tuple[str, ...]) -> None:
    assert_row(CHECK, case(values), "fail", *pieces)
