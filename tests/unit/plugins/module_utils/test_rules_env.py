# SPDX-License-Identifier: GPL-3.0-or-later
"""References to variables: they exist, and stand in a form that somebody fills in."""

from __future__ import annotations

import typing as t

import pytest

from tests.unit.fixtures.env_rules import assert_row, rendered_env, verdict_of
from tests.unit.fixtures.values_world import OLD, case, env

CHECK = "values.env_reference"
K = {"additionalEnvVars": env(K="x")}


def models(**entry: t.Any) -> dict[str, t.Any]:
    return {"modelList": {"a": {"model": "openai/a", **entry}}}


def key(text: str) -> dict[str, t.Any]:
    return models(api_key=text)


def secret(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", **more}}}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({**key("{{ env.K }}"), **K}, "'K'"),
        ({**key("{{env.K}}"), "additional_env_vars": env(K="x")}, "'K'"),
        ({**key("{{\n env.K  }}"), **K}, "'K'"),
        ({**key("a {{ env.K }} b"), **K}, "'K'"),
        ({**key("envRef:K"), **K}, "'K'"),
        ({**models(extra_headers={"X": ["{{ env.K }}"]}), **K}, "'K'"),
        ({**key("{{ env.K }}"), **models(api_base="{{ env.B }}"), "additionalEnvVars": env(B="x")}, "'B'"),
        ({**models(api_key="{{ env.K }}", api_base="{{ env.B }}"), "additionalEnvVars": env(K="x", B="x")}, "'B', 'K'"),
        ({**key("{{ env.K }}"), "additionalEnvVars": [secret("K")]}, "'K'"),
        ({**key("{{ env.K }}"), "additionalEnvVars": [secret("K", optional=False)]}, "'K'"),
        ({"toolsets": {"g": {"config": {"api_key": "{{ env.K }}"}}}, **K}, "'K'"),
        ({"toolsets": {"g": {"tools": [{"command": "a {{ env.K }} {{ pod }} ${K} {{ env['K'] }}"}]}}, **K}, "'K'"),
        ({"toolsets": {"g": {"description": "{{ pod }} {% if x %}"}}}, ""),
        ({"toolsets": {"g": {"tools": [{"command": "$K"}, {"command": "os.environ/K"}]}}}, ""),
        ({"mcp_servers": {"m": {"config": {"extra_headers": {"A": "{{ request_context.headers['A'] }}"}}}}}, ""),
        ({"mcp_servers": {"m": {"config": {"extra_headers": {"A": "{{ env.K | trim }}"}}}}, **K}, "'K'"),
        ({"mcp_servers": {"m": {"config": {"extra_headers": {"A": "{{ env['K'] }}"}}}}, **K}, "'K'"),
        ({"podAnnotations": {"x": "{{ env.K }} envRef:K"}}, ""),
        (key("none"), ""),
        ({**key("{{ env.K }}"), "additionalEnvVars": [{"name": "K", "value": 5}]}, "'K'"),
        ({"additionalEnvVars": env(A="x", B="$(A)/v1", C="a $ b", D="100% {}", E="$$(F)")}, ""),
        ({"additionalEnvVars": env(A="x"), "additional_env_vars": env(B="$(A)")}, ""),
        ({"additionalEnvVars": env(A="$(KUBERNETES_SERVICE_HOST):$(VLLM_SERVICE_PORT)$(VLLM_PORT)")}, ""),
        ({"additionalEnvVars": env(A="$(B)"), "extraEnvVarsSecrets": ["s"]}, ""),
        ({"additionalEnvVars": env(A="$b", C="$1", D="x $HOME")}, ""),
    ],
)
def test_right(values: dict[str, t.Any], text: str) -> None:
    assert_row(CHECK, case(values), "pass", text)


def test_what_the_chart_itself_defines() -> None:
    assert_row(CHECK, case(key("{{ env.LOG_LEVEL }}"), manifests=rendered_env("LOG_LEVEL")), "pass", "'LOG_LEVEL'")
    value = {"additionalEnvVars": env(A="$(LOG_LEVEL)")}
    assert_row(CHECK, case(value, manifests=rendered_env("LOG_LEVEL", "A")), "pass")


DIES = "the server would die at start"
MISSING = "refers to the variable K, which nothing defines: "


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (key("{{ env.K }}"), f"modelList.a.api_key {MISSING}{DIES}."),
        (key("a {{ env.K }} b"), f"modelList.a.api_key {MISSING}{DIES}."),
        (key("envRef:K"), f"modelList.a.api_key {MISSING}{DIES}."),
        ({"toolsets": {"g": {"a": "{{ env.K }}"}}}, f"toolsets.g.a {MISSING}that toolset would not work."),
        ({"mcp_servers": {"m": {"a": ["{{ env.K }}"]}}}, f"m.a.0 {MISSING}that server's tools would not work."),
        (
            {"mcp_servers": {"m": {"config": {"extra_headers": {"A": "Bearer {{ env.K }}"}}}}},
            f"mcp_servers.m.config.extra_headers.A {MISSING}the header would be empty.",
        ),
    ],
)
def test_missing(values: dict[str, t.Any], text: str) -> None:
    assert_row(CHECK, case(values), "fail", text, "Define it in holmes_env: {K: {secret: NAME, key: KEY}}")


def test_every_missing_name_is_told_once_at_its_first_place() -> None:
    values = {"modelList": {alias: {"api_key": "{{ env.K }}", "api_base": "{{ env.B }}"} for alias in "ba"}}
    found = assert_row(CHECK, case(values), "fail", "modelList.b.api_key", "modelList.b.api_base")
    assert found.message.count("refers to") == 2
    assert found.message.index("api_key") < found.message.index("api_base")


@pytest.mark.parametrize(
    ("wanted", "given", "hint"),
    [
        ("VLM", "VLLM", " Did you mean 'VLLM'?"),
        ("openai_api_key", "OPENAI_API_KEY", " Did you mean 'OPENAI_API_KEY'?"),
        ("Key", "KEY", " Did you mean 'KEY'?"),
        ("ABC", "XYZ", ""),
    ],
)
def test_hint(wanted: str, given: str, hint: str) -> None:
    values = {**key("{{ env." + wanted + " }}"), "additionalEnvVars": env(**{given: "x"})}
    assert verdict_of(CHECK, case(values)).message.endswith(f"{DIES}.{hint}")


@pytest.mark.parametrize("text", ["{{ env.a-b }}", "{{ env.a.b }}", "{{ env.1a }}", "envRef:a-b", "envRef:"])
def test_impossible_names(text: str) -> None:
    values = {**key(text), "extraEnvVarsSecrets": ["s"]}
    name = text.replace("{{ env.", "").replace(" }}", "").replace("envRef:", "")
    assert_row(CHECK, case(values), "fail", f"refers to '{name}', which cannot be the name", "letters, digits and '_'")


@pytest.mark.parametrize(
    ("more", "rendered"),
    [
        ({"extraEnvVarsSecrets": ["s"]}, []),
        ({"additional_env_froms": [{"secretRef": {"name": "s"}}]}, []),
        ({}, rendered_env(whole=True)),
    ],
)
def test_it_may_come_from_a_whole_secret(more: dict[str, t.Any], rendered: t.Any) -> None:
    found = case({**key("{{ env.K }}"), **more}, manifests=rendered)
    text = "modelList.a.api_key refers to K, which may come from a whole Secret"
    assert_row(CHECK, found, "not_checked", text, "See that the Secret has the key K.")


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("{{ env. K }}", "{{ env. K }}", "K"),
        ("{{ .env.K }}", "{{ … }}", "K"),
        ("{{ $env.K }}", "{{ … }}", "K"),
        ("{{- env.K -}}", "{{ … }}", "K"),
        ("{{ Env.K }}", "{{ … }}", "K"),
        ("{{ env['K'] }}", "{{ … }}", "K"),
        ('{{ env("K") }}', "{{ … }}", "K"),
        ("{{ secrets.K }}", "{{ … }}", "K"),
        ("{{ os.environ['K'] }}", "{{ … }}", "K"),
        ("{{ .Values.key }}", "{{ … }}", "NAME"),
        ("{{ lookup('env', 'K') }}", "{{ … }}", "NAME"),
        ("{ env.K }", "{ env.K }", "K"),
        ("{{ env.K }", "{ env.K }", "K"),
        ("${K}", "${K}", "K"),
        ("$(K)", "$(K)", "K"),
        ("$K", "$K", "K"),
        ("os.environ/K", "os.environ/K", "K"),
        ("Bearer envRef:K", "envRef: in a longer text", "NAME"),
        ("secretRef:K", "secretRef:, an old name of envRef:,", "K"),
        ("secretRef: K", "secretRef:, an old name of envRef:,", "K"),
    ],
)
def test_forms_that_nobody_fills_in(text: str, form: str, name: str) -> None:
    fix = f"Write '{{{{ env.{name} }}}}' there, and nothing else between the braces."
    message = f"modelList.a.api_key has '{form}', which nobody fills in: the text itself would be used."
    assert_row(CHECK, case({**key(text), **K}), "fail", message, fix)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"toolsets": {"g": {"api_key": "envRef:K"}}}, "toolsets.g.api_key"),
        ({"toolsets": {"g": {"api_key": "${K}"}}}, "toolsets.g.api_key"),
        ({"toolsets": {"g": {"api_key": "{{ .env.K }}"}}}, "toolsets.g.api_key"),
        ({"mcp_servers": {"g": {"api_key": "envRef:K"}}}, "mcp_servers.g.api_key"),
        (models(keys=["envRef:K"]), "modelList.a.keys.0"),
    ],
)
def test_forms_that_nobody_fills_in_there(values: dict[str, t.Any], path: str) -> None:
    assert_row(CHECK, case({**values, **K}), "fail", f"{path} has '", "which nobody fills in")


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("{{ env.K | default('hunter2x') }}", "{{ env.NAME … }}", "K"),
        ("{{ env.K|trim }}", "{{ env.NAME … }}", "K"),
        ("{{ env.K or env.L }}", "{{ env.NAME … }}", "K"),
        ("{{ env.$K }}", "{{ env.NAME … }}", "NAME"),
        ("{{ env. }}", "{{ env. }}", "NAME"),
    ],
)
@pytest.mark.parametrize(
    ("area", "then"), [("modelList", DIES), ("toolsets", "that toolset would not work")], ids=["models", "toolsets"]
)
def test_forms_over_which_the_server_stumbles(text: str, form: str, name: str, area: str, then: str) -> None:
    message = f"{area}.a.k has '{form}', but a name alone may follow 'env.': {then}."
    found = assert_row(CHECK, case({area: {"a": {"k": text}}, **K}), "fail", message, f"Write '{{{{ env.{name} }}}}'")
    assert "hunter2x" not in repr(found)


def test_the_old_chart_knows_no_short_reference() -> None:
    values = {"modelList": {alias: {"api_key": "envRef:K"} for alias in "ba"}, **K}
    places = "'modelList.a.api_key', 'modelList.b.api_key'"
    text = f"Chart holmes 0.16.1 does not know the short form envRef: ({places}); the text itself would be used."
    assert_row(CHECK, case(values, chart_path=OLD), "fail", text, "Write '{{ env.NAME }}' instead.")
    assert_row(CHECK, case({**key("{{ env.K }}"), **K}, chart_path=OLD), "pass")


def test_a_variable_that_is_empty() -> None:
    empty = {"additionalEnvVars": env(K="")}
    text = "modelList.a.api_key refers to K, which is empty: then '{{ env.K }}' itself is sent."
    assert_row(CHECK, case({**key("{{ env.K }}"), **empty}), "fail", text, "Give K a text; 'none'")
    assert_row(CHECK, case({**key("Bearer {{ env.K }}"), **empty}), "pass")
    header = {"mcp_servers": {"m": {"config": {"extra_headers": {"A": "{{ env.K }}"}}}}}
    assert_row(CHECK, case({**header, **empty}), "pass")


def test_a_variable_with_a_backslash() -> None:
    values = {"additionalEnvVars": env(K="a\\db")}
    text = f"modelList.a.api_key refers to K, whose value has a backslash: {DIES}."
    assert_row(CHECK, case({**key("{{ env.K }}"), **values}), "fail", text, "Write each backslash of it twice")
    toolset = {"toolsets": {"g": {"a": "{{ env.K }}"}}}
    assert_row(CHECK, case({**toolset, **values}), "fail", "whose value has a backslash: that toolset would not work.")
    header = {"mcp_servers": {"m": {"config": {"extra_headers": {"A": "{{ env.K }}"}}}}}
    assert_row(CHECK, case({**header, **values}), "pass")


@pytest.mark.parametrize("kind", ["secretKeyRef", "configMapKeyRef"])
def test_a_variable_that_may_be_missing(kind: str) -> None:
    source = {"valueFrom": {kind: {"name": "s", "key": "k", "optional": True}}}
    values = {**key("{{ env.K }}"), "additionalEnvVars": [{"name": "K", **source}]}
    text = f"modelList.a.api_key refers to K, whose {kind} is optional: if it is missing, {DIES}."
    assert_row(CHECK, case(values), "warn", text, "Remove 'optional' from K;")


@pytest.mark.parametrize(
    ("entries", "message", "fix"),
    [
        (env(A="$(B)"), "The value of A refers to $(B), which nothing defines: the text", "Define B before A."),
        (env(A="x $(B) $(C)", C=""), "The value of A refers to $(C), which stands at or after A:", "Put C before A."),
        (env(A="$(A)"), "The value of A refers to $(A), which stands at or after A:", "Put A before A."),
        (env(A="$$$(B)"), "The value of A refers to $(B), which nothing defines", "write '$$('."),
    ],
)
def test_a_variable_in_a_variable(entries: t.Any, message: str, fix: str) -> None:
    assert_row(CHECK, case({"additionalEnvVars": entries}), "fail", message, fix)


@pytest.mark.parametrize(("name", "status"), [("date", "warn"), ("Date", "warn"), ("DATE", "fail"), ("A_1", "fail")])
def test_a_command_for_a_shell_may_be_meant(name: str, status: str) -> None:
    text = f"The value of A refers to $({name}), which nothing defines"
    assert_row(CHECK, case({"additionalEnvVars": env(A=f"$({name})")}), status, text)


def test_a_variable_of_the_second_list_comes_too_late() -> None:
    values = {"additionalEnvVars": env(A="$(B)"), "additional_env_vars": env(B="x")}
    whole = {**values, "extraEnvVarsSecrets": ["s"]}
    assert_row(CHECK, case(values), "fail", "$(B), which stands at or after A")
    assert_row(CHECK, case(whole), "fail", "$(B), which stands at or after A")


@pytest.mark.parametrize("text", ["{{ env.K }}", "x {{env.K}}", "envRef:K"])
def test_the_server_fills_in_nothing_in_variables(text: str) -> None:
    values = {"additionalEnvVars": env(K="x", A=text)}
    message = "The value of A has a form that is filled in only in modelList, toolsets and mcp_servers."
    assert_row(CHECK, case(values), "fail", message, "Write '$(OTHER)' there, with OTHER defined before A.")


@pytest.mark.parametrize(("text", "name"), [("${K}", "K"), ("$K", "K"), (" $K\t", "K"), ("$k", "k"), ("$HOME", "HOME")])
def test_kubernetes_is_no_shell(text: str, name: str) -> None:
    values = {"additionalEnvVars": env(K="x", k="x", A=text)}
    message = f"The value of A is '{text.strip()}', which Kubernetes does not fill in."
    assert_row(CHECK, case(values), "warn", message, f"Write '$({name})' there, with {name} defined before A.")
