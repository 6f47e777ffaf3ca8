# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule about the toolset that runs commands."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

from tests.unit.fixtures.manifests import holmes, pod
from tests.unit.fixtures.rule_world import accepted, assert_told
from tests.unit.fixtures.values_world import OLD, build, case, env, judge

CHECK = "values.bash"


def bash(enabled: t.Any = True, **config: t.Any) -> dict[str, t.Any]:
    return {"toolsets": {"bash": {"enabled": enabled, **({"config": config} if config else {})}}}


READS = "the model can read the account's token and the pod's environment."


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        (bash(False), "pass", "The bash toolset is off"),
        ({}, "warn", f"with the allow list 'extended': {READS}"),
        (bash(), "warn", f"with the allow list 'extended': {READS}"),
        (bash("false"), "warn", READS),
        (bash(builtin_allowlist="core"), "warn", f"with the allow list 'core': {READS}"),
        (bash(builtin_allowlist="none"), "pass", "is on, but runs nothing by itself"),
        (bash(builtin_allowlist="all"), "fail", "config.builtin_allowlist is 'all', which the server does not know"),
        (bash(builtin_allowlist="none", allow=["rm", "sh"]), "warn", "The model may also run 'rm', 'sh' in the pod"),
        (bash(builtin_allowlist="none", allow=[]), "pass", "runs nothing by itself"),
        ({**bash(), "k8sRBAC": True}, "pass", "The bash toolset is off"),
        ({**bash(), "k8sRBAC": False}, "warn", READS),
        ({"toolsets": {"bash": {"enabled": True, "config": None}}}, "warn", "with the allow list 'core'"),
    ],
)
def test_bash(values: dict[str, t.Any], status: str, text: str) -> None:
    assert_told(CHECK, case(values), status, text)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({}, "'core'"),
        ({"include_default_allow_deny_list": True}, "'extended'"),
        ({"include_default_allow_deny_list": False}, ""),
        ({"include_default_allow_deny_list": True, "builtin_allowlist": "none"}, ""),
    ],
)
def test_bash_where_the_chart_has_no_default(config: dict[str, t.Any], text: str) -> None:
    given = case(bash(**config), chart_path=OLD)
    assert_told(CHECK, given, "warn" if text else "pass", f"with the allow list {text}" if text else "runs nothing")
    # This chart has no k8sRBAC.
    again = case({**bash(**config), "k8sRBAC": True}, chart_path=OLD)
    assert judge(CHECK, again).message == judge(CHECK, given).message


@pytest.mark.parametrize(
    ("values", "server", "status"),
    [
        ({}, (0, 45, 0), "warn"),
        ({}, (0, 22, 0), "warn"),
        ({}, (0, 21, 9), "pass"),
        ({"toolsets": {"bash": {"config": {}}}}, (0, 22, 0), "warn"),
        (bash(None), (0, 45, 0), "warn"),
        (bash(False), (0, 45, 0), "pass"),
        (bash(), (0, 21, 9), "warn"),
    ],
)
def test_bash_is_on_by_itself(values: dict[str, t.Any], server: t.Any, status: str) -> None:
    assert judge(CHECK, case(values, chart_path=OLD, server=server)).status == status


@pytest.mark.parametrize(("text", "status"), [("true", "fail"), ("True", "fail"), ("1", "fail"), ("false", "pass")])
def test_any_command(text: str, status: str) -> None:
    values = {**bash(builtin_allowlist="none"), "additionalEnvVars": env(BASH_TOOL_UNSAFE_ALLOW_ALL=text)}
    message = "BASH_TOOL_UNSAFE_ALLOW_ALL lets the model run any command" if status == "fail" else ""
    assert_told(CHECK, case(values), status, message, "Remove BASH_TOOL_UNSAFE_ALLOW_ALL." if message else "")


def test_mounted_secrets_are_named() -> None:
    volumes = [
        {"name": "a", "secret": {"secretName": "robusta-playbooks-config-secret"}},
        {"name": "b", "secret": {"secretName": "z"}},
        {"name": "c", "secret": {"secretName": "a"}},
        {"name": "d", "emptyDir": {}},
        {"name": "e", "secret": {"secretName": 5}},
    ]
    found = judge(CHECK, case(bash(), manifests=[pod(holmes(), volumes=volumes)]))
    assert found.message.endswith("the pod's environment, and the mounted Secrets 'a', 'z'.")


def test_fixes_and_subjects_of_bash() -> None:
    fix = "Set holmes_toolsets: {bash: {enabled: false}}; the kubernetes toolsets do not need it."
    assert judge(CHECK, case(bash())).fix == fix
    more = bash(builtin_allowlist="none", allow=["x"])
    assert judge(CHECK, case(more)).fix == "Remove toolsets.bash.config.allow."
    assert judge(CHECK, case(bash(builtin_allowlist="x"))).fix == "Set it to one of none, core, extended."
    for values, subject in ((bash(), "bash"), (more, "allow"), (bash(builtin_allowlist="x"), "builtin_allowlist")):
        found = judge(CHECK, case(values, exceptions={f"{CHECK}:{subject}": "wanted"}))
        assert found.message.startswith("Accepted (wanted)")


def test_any_command_is_accepted_by_name() -> None:
    values = {**bash(builtin_allowlist="none"), "additionalEnvVars": env(BASH_TOOL_UNSAFE_ALLOW_ALL="true")}

    def given(**options: t.Any) -> Case:
        return case(values, **options)

    accepted(CHECK, "BASH_TOOL_UNSAFE_ALLOW_ALL", given)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "pass"),
        ({"chart": OLD}, "pass"),
        ({"profile": "none"}, "warn"),
        ({"toolsets": {"bash": {"enabled": True}}}, "warn"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert found.status == status, found
