# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's own variables, request headers, and the hosted platform."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import BLOCKED_HEADERS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_server_env import (
    LOG_LEVELS,
    NAMES,
    OTHER_NAMES,
    SWITCH,
    VARIABLES,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

from tests.unit.fixtures.env_rules import assert_row, rendered_env
from tests.unit.fixtures.values_world import case, env

CHECK = "values.server_variable"
DIES, CHAT, IGNORED = "the server would die at start.", "every chat would fail.", "it would count as not set."
TOOLS = "the server or every tool would die."


def given(**variables: str) -> dict[str, t.Any]:
    return {"additionalEnvVars": env(**variables)}


def from_secret(name: str) -> dict[str, t.Any]:
    return {"additionalEnvVars": [{"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_STEPS", "40"),
        ("MAX_STEPS", " 40 "),
        ("MAX_STEPS", "-1"),
        ("MAX_STEPS", "1_000"),
        ("MAX_STEPS", "$(STEPS_OF_SITE)"),
        ("LLM_REQUEST_TIMEOUT", "600"),
        ("LLM_REQUEST_TIMEOUT", "1e3"),
        ("LLM_REQUEST_TIMEOUT", "0.5"),
        ("TEMPERATURE", "0.2"),
        ("TEMPERATURE", "None"),
        ("TEMPERATURE", ""),
        ("ROBUSTA_AI", "False"),
        ("ROBUSTA_AI", "0"),
        ("ROBUSTA_AI", "null"),
        ("EXTRA_HEADERS", '{"X-Team": "ops"}'),
        ("EXTRA_HEADERS", ""),
        ("THINKING", '{"type": "enabled", "budget_tokens": 10}'),
        ("THINKING", ""),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "TRUE"),
        ("TOOL_MEMORY_LIMIT_MB", "1"),
        ("HOLMES_PORT", "5050"),
        ("HOLMES_PORT", " 05050"),
        ("HOLMES_HOST", "0.0.0.0"),
        ("HOLMES_HOST", "::"),
        ("HOLMES_HOST", ""),
        ("USE_LITELLM_PROXY", "false"),
        ("MODEL", "yes"),
        ("GRAFANA_API_KEY", "x"),
        ("VLLM_API_BASE", "http://x/v1"),
        ("HTTP_PROXY", "http://x"),
    ],
)
def test_right(name: str, value: str) -> None:
    values = given(**{name: value, "STEPS_OF_SITE": "5"})
    assert_row(CHECK, case(values), "pass", "The server understands")


@pytest.mark.parametrize(
    ("name", "value", "status", "wanted", "then"),
    [
        ("MAX_STEPS", "ten", "fail", "must be a whole number, but is 'ten'", DIES),
        ("MAX_STEPS", "10.5", "fail", "must be a whole number, but is '10.5'", DIES),
        ("MAX_STEPS", "", "fail", "must be a whole number, but is ''", DIES),
        ("KUBERNETES_LOGS_TIMEOUT_SECONDS", "60s", "fail", "must be a whole number", DIES),
        ("LLM_REQUEST_TIMEOUT", "10m", "fail", "must be a number, but is '10m'", DIES),
        ("LLM_REQUEST_TIMEOUT", "0,5", "fail", "must be a number", DIES),
        ("ROBUSTA_AI", "no", "fail", "must be true or false, but is 'no'", DIES),
        ("IS_OPENSHIFT", "", "fail", "must be true or false, but is ''", DIES),
        ("HOLMES_DISABLE_VISION", "yes", "fail", "must be true or false", CHAT),
        ("EXTRA_HEADERS", "X-Key: hunter2x", "fail", "must be a JSON object of texts, but is no such text", CHAT),
        ("EXTRA_HEADERS", '["hunter2x"]', "fail", "must be a JSON object of texts", CHAT),
        ("EXTRA_HEADERS", '{"a": 1}', "fail", "must be a JSON object of texts", CHAT),
        ("THINKING", "enabled", "fail", "must be a JSON object, but is no such text", CHAT),
        ("THINKING", "5", "fail", "must be a JSON object", CHAT),
        ("CONTEXT_WINDOW_COMPACTION_THRESHOLD_PCT", "95%", "warn", "must be a whole number, but is '95%'", IGNORED),
        ("HOLMES_TOOLSET_PREREQ_TIMEOUT_SECONDS", "20s", "warn", "must be a number", IGNORED),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "1", "warn", "must be true or false, but is '1'", IGNORED),
        ("LITELLM_LOCAL_MODEL_COST_MAP", "true ", "warn", "must be true or false", IGNORED),
        ("TOOL_MEMORY_LIMIT_MB", "1500Mi", "fail", "must be a whole number above 0, but is '1500Mi'", TOOLS),
        ("TOOL_MEMORY_LIMIT_MB", "0", "fail", "must be a whole number above 0, but is '0'", TOOLS),
    ],
)
def test_wrong_type(name: str, value: str, status: str, wanted: str, then: str) -> None:
    fix = f"Set holmes_env: {{{name}: '{VARIABLES[name].kind.example}'}}, or remove {name}."
    found = assert_row(CHECK, case(given(**{name: value})), status, f"{name} {wanted}", f": {then}", fix)
    assert "hunter2x" not in repr(found), "a header may be secret"


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_of_the_table(name: str) -> None:
    variable = VARIABLES[name]
    assert variable.kind.fits(variable.kind.example)
    status = "warn" if variable.then == "it would count as not set" else "fail"
    assert_row(CHECK, case(given(**{name: "so-so"})), status, f"{name} must be", variable.then)
    assert_row(CHECK, case(given(**{name: variable.kind.example})), "pass")
    assert_row(CHECK, case(from_secret(name)), "pass")


@pytest.mark.parametrize(
    ("text", "taken"),
    [("true", True), (" TRUE ", True), ("0", True), ("null", True), ("yes", False), ("on", False), ("", False)],
)
def test_a_switch_is_json(text: str, taken: bool) -> None:
    assert SWITCH.fits(text) is taken


def test_the_last_entry_of_a_name_counts() -> None:
    values = {"additionalEnvVars": [*env(MAX_STEPS="x"), *env(MAX_STEPS="5")]}
    assert_row(CHECK, case(values), "pass")


@pytest.mark.parametrize(
    ("value", "server", "status", "text"),
    [
        ("none", (0, 32, 0), "pass", ""),
        (" NULL ", (0, 45, 0), "pass", ""),
        ("none", None, "pass", ""),
        ("none", (0, 31, 1), "fail", "HolmesGPT 0.31.1 takes only a number as TEMPERATURE: the server would die"),
        ("", (0, 31, 1), "fail", "HolmesGPT 0.31.1 takes only a number as TEMPERATURE"),
        ("0.1", (0, 31, 1), "pass", ""),
        ("cold", (0, 45, 0), "fail", "TEMPERATURE must be a number or none, but is 'cold': the server would die"),
        ("$(X)", (0, 45, 0), "pass", ""),
    ],
)
def test_temperature(value: str, server: Version | None, status: str, text: str) -> None:
    fix = "Set temperature in holmes_models instead, as a number." if text else ""
    assert_row(CHECK, case(given(TEMPERATURE=value), server), status, text, fix)


@pytest.mark.parametrize(
    ("variables", "status", "text", "fix"),
    [
        (
            {"HOLMES_PORT": "8080"},
            "fail",
            "HOLMES_PORT is 8080, but the chart's Service and probes ask port 5050",
            "Remove",
        ),
        (
            {"HOLMES_PORT": "http"},
            "fail",
            "HOLMES_PORT must be a whole number, but is 'http': the server would die",
            "Rem",
        ),
        ({"HOLMES_PORT": ""}, "fail", "HOLMES_PORT must be a whole number, but is ''", "Remove HOLMES_PORT."),
        (
            {"HOLMES_HOST": "127.0.0.1"},
            "fail",
            "HOLMES_HOST is '127.0.0.1', so only the pod itself",
            "Remove HOLMES_HOST.",
        ),
        (
            {"HOLMES_HOST": "localhost"},
            "fail",
            "HOLMES_HOST is 'localhost', so only the pod itself",
            "Remove HOLMES_HOST.",
        ),
        ({"HOLMES_HOST": "::1"}, "fail", "HOLMES_HOST is '::1', so only the pod itself", "Remove HOLMES_HOST."),
        (
            {"HOLMES_HOST": "10.0.0.1"},
            "warn",
            "HOLMES_HOST is '10.0.0.1': the server starts only if",
            "Remove HOLMES_HOST",
        ),
        (
            {"HOLMES_HOST": "localhost2"},
            "warn",
            "HOLMES_HOST is 'localhost2': the server starts only",
            "Remove HOLMES_HOST",
        ),
        ({"HOLMES_HOST": "10.127.0.1"}, "warn", "the server starts only if", "Remove HOLMES_HOST"),
    ],
)
def test_port_and_host(variables: dict[str, str], status: str, text: str, fix: str) -> None:
    assert_row(CHECK, case(given(**variables)), status, text, fix)


BOTH = {"HOLMES_SSL_CERTFILE": "/a", "HOLMES_SSL_KEYFILE": "/b"}
FIX = "and set tls.enabled: true and tls.secretName."


@pytest.mark.parametrize(
    ("values", "server", "status", "pieces"),
    [
        (
            given(**BOTH),
            (0, 36, 0),
            "fail",
            ("would speak TLS, but the chart's probes do not know it", "ask by HTTP", FIX),
        ),
        (given(**BOTH), (0, 36, 0), "fail", ("Remove HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE,",)),
        ({**given(**BOTH), "tls": {"enabled": False}}, (0, 45, 0), "fail", ("would speak TLS",)),
        ({**given(**BOTH), "tls": {"enabled": True}}, (0, 45, 0), "pass", ()),
        (given(HOLMES_SSL_KEYFILE="/b"), (0, 45, 0), "fail", ("HOLMES_SSL_KEYFILE stands alone,", DIES, FIX)),
        (given(HOLMES_SSL_CERTFILE="/b"), (0, 45, 0), "fail", ("HOLMES_SSL_CERTFILE stands alone,",)),
        (
            given(HOLMES_SSL_CERTFILE="/b"),
            (0, 35, 9),
            "warn",
            ("HOLMES_SSL_CERTFILE has no effect on HolmesGPT 0.35.9.",),
        ),
        (
            given(**BOTH),
            (0, 35, 9),
            "warn",
            ("HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE have no effect", "Remove HOLMES_SSL_CERTFILE and"),
        ),
    ],
)
def test_tls_by_hand(values: dict[str, t.Any], server: Version, status: str, pieces: tuple[str, ...]) -> None:
    assert_row(CHECK, case(values, server), status, *pieces)


@pytest.mark.parametrize("level", LOG_LEVELS)
def test_log_levels(level: str) -> None:
    assert_row(CHECK, case({"logLevel": level}), "pass")


@pytest.mark.parametrize(
    ("level", "wanted"), [("debug", "DEBUG"), ("Info", "INFO"), ("TRACE", "INFO"), ("", "INFO"), (10, "INFO")]
)
def test_a_log_level_that_python_does_not_know(level: t.Any, wanted: str) -> None:
    text = f"logLevel is '{level}', which Python does not know: {DIES}"
    assert_row(CHECK, case({"logLevel": level}), "fail", text, f"Set logLevel: {wanted}.")


def test_the_log_level_of_the_chart_counts_if_none_is_given() -> None:
    assert_row(CHECK, case({"logLevel": None}), "pass")


@pytest.mark.parametrize("value", ["true", "True", "1", " 2 "])
def test_every_model_through_a_gateway(value: str) -> None:
    text = "USE_LITELLM_PROXY makes LiteLLM take every model for one of a gateway"
    fix = "Remove it; write 'model: litellm_proxy/NAME'"
    assert_row(CHECK, case(given(USE_LITELLM_PROXY=value)), "fail", text, fix)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OVERRIDE_MAX_CONTEXT_SIZE", "OVERRIDE_MAX_CONTENT_SIZE"),
        ("OVERRIDE_MAX_OUTPUT_TOKENS", "OVERRIDE_MAX_OUTPUT_TOKEN"),
        ("HOLMES_APIKEY", "HOLMES_API_KEY"),
        ("holmes_api_key", "HOLMES_API_KEY"),
        ("Holmes-Api.Key", "HOLMES_API_KEY"),
        ("LITELLM_LOCAL_MODEL_COSTMAP", "LITELLM_LOCAL_MODEL_COST_MAP"),
        ("HOLMES_CONFIG_PATH_DIR", "HOLMES_CONFIGPATH_DIR"),
        ("model", "MODEL"),
        *sorted(OTHER_NAMES.items()),
        ("default_model", "MODEL"),
    ],
)
def test_nearly_the_servers_names(name: str, meant: str) -> None:
    text = f"{name} is no variable of HolmesGPT. Did you mean '{meant}'?"
    assert_row(CHECK, case(given(**{name: "5"})), "warn", text, f"Rename it to {meant}.")


def test_what_is_referred_to_is_the_users_own() -> None:
    models = {"modelList": {"a": {"api_key": "{{ env.HOLMES_APIKEY }}"}}}
    assert_row(CHECK, case({**given(HOLMES_APIKEY="5"), **models}), "pass")
    assert_row(CHECK, case(given(HOLMES_APIKEY="5", A="$(HOLMES_APIKEY)")), "pass")


@pytest.mark.parametrize("name", ["MODELS", "API_KEYS", "SITE_MODEL", "STORE_API", "OPENAI_API_KEY_2", "TOOL_LIMIT"])
def test_other_names_are_not_guessed_at(name: str) -> None:
    assert_row(CHECK, case(given(**{name: "x"})), "pass")


def test_no_other_name_is_one_of_the_servers() -> None:
    assert not NAMES & set(OTHER_NAMES)
    assert set(OTHER_NAMES.values()) <= NAMES


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(("url", "right"), [
    ("ftp://p:1", False), ("tcp://p:1", False), ("http://p:1", True), ("HTTPS://p:1", True), ("p:1", True),
    ("socks5://p:1", True), ("socks5h://p:1", True), ("", True),
])  # fmt: skip
def test_kinds_of_proxies(name: str, url: str, right: bool) -> None:
    found = case(given(**{name: url}))
    if right:
        assert_row(CHECK, found, "pass")
    else:
        text = f"{name} starts with '{url[:6]}', which is no kind of proxy: every chat would fail."
        assert_row(CHECK, found, "fail", text, f"Write {name} as http://HOST:PORT.")


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_entries_that_end_every_chat(name: str) -> None:
    text = f"{name} holds 'fd00::/8', '[::1]', which the library for chats cannot read: every chat"
    found = case(given(**{name: "10.0.0.0/8,fd00::/8,[::1],::1"}))
    assert_row(CHECK, found, "fail", text, "name IPv6 addresses one by one, without brackets.")


# --- request headers

HEADERS, NAME = "values.headers", "HOLMES_PASSTHROUGH_BLOCKED_HEADERS"
SET = f"Set holmes_env: {{{NAME}: '{BLOCKED_HEADERS}'}}."
OWN = "authorization,cookie,set-cookie"
REFUSED = "reach the kubernetes tools, and these refuse every call if one has a shell character"


@pytest.mark.parametrize(
    ("blocked", "server", "missing"),
    [
        (BLOCKED_HEADERS, (0, 43, 0), ""),
        (BLOCKED_HEADERS.upper().replace(",", " , "), (0, 43, 0), ""),
        (f"{OWN},accept,user-agent,content-type", (0, 43, 0), ""),
        (f"{OWN},accept,user-agent,content-type", None, ""),
        (OWN, (0, 42, 9), ""),
        (None, (0, 42, 9), ""),
        (None, (0, 43, 0), "accept, user-agent, content-type"),
        (None, None, "accept, user-agent, content-type"),
        (OWN, (0, 45, 0), "accept, user-agent, content-type"),
        (f"{OWN},accept", (0, 45, 0), "user-agent, content-type"),
        (f"{OWN},accept,user-agent", (0, 45, 0), "content-type"),
        (f"{OWN},user-agent,content-type", (0, 45, 0), "accept"),
    ],
)
def test_headers(blocked: str | None, server: Version | None, missing: str) -> None:
    values = given(**{NAME: blocked}) if blocked is not None else {}
    if missing:
        found = assert_row(HEADERS, case(values, server), "warn", f"The request headers {missing} {REFUSED}", SET)
        assert found.evidence == {"missing": missing.split(", ")}
    else:
        told = "This version takes any header" if server == (0, 42, 9) else "Such headers are not passed on"
        assert_row(HEADERS, case(values, server), "pass", told)


def test_the_key_comes_in_a_header_too() -> None:
    own = f"{OWN},accept,user-agent,content-type"
    values = {"additionalEnvVars": [*env(**{NAME: own}), *from_secret("HOLMES_API_KEY")["additionalEnvVars"]]}
    assert_row(HEADERS, case(values), "warn", f"The request headers x-api-key {REFUSED}")
    rendered = case(given(**{NAME: own}), manifests=rendered_env("HOLMES_API_KEY"))
    assert_row(HEADERS, rendered, "warn", f"The request headers x-api-key {REFUSED}")
    values["additionalEnvVars"][0]["value"] = f"{own},x-api-key"
    assert_row(HEADERS, case(values), "pass")


@pytest.mark.parametrize("server", [(0, 45, 0), (0, 16, 1)])
@pytest.mark.parametrize("name", OWN.split(","))
def test_the_servers_own_list_is_lost(server: Version, name: str) -> None:
    blocked = ",".join(header for header in BLOCKED_HEADERS.split(",") if header != name)
    text = f"{NAME} takes the place of the server's own list, so {name} would reach the tools."
    found = assert_row(HEADERS, case(given(**{NAME: blocked}), server), "warn", text, SET)
    assert found.evidence == {"lost": [name]} and "shell" not in found.message


def test_both_are_told() -> None:
    found = assert_row(HEADERS, case(given(**{NAME: ""})), "warn", "authorization, cookie, set-cookie would", "accept,")
    assert set(found.evidence) == {"lost", "missing"}


def test_headers_from_elsewhere() -> None:
    text = f"{NAME} comes from elsewhere, so its names were not looked at."
    assert_row(HEADERS, case(from_secret(NAME)), "not_checked", text, "Write it in clear", SET)


# --- the hosted platform

ROBUSTA = "values.robusta"
STORE = ("ROBUSTA_ACCOUNT_ID", "STORE_URL", "STORE_API_KEY", "STORE_EMAIL", "STORE_PASSWORD")
SIGNS_IN = "in to the hosted platform: with no way there it dies."


@pytest.mark.parametrize(
    "values",
    [
        {},
        given(ROBUSTA_AI="false"),
        given(ROBUSTA_AI="False", LOAD_ALL_ROBUSTA_MODELS="true", ROBUSTA_API_ENDPOINT="https://x", CLUSTER_NAME="c"),
        given(ROBUSTA_AI="0", ROBUSTA_UI_DOMAIN="https://site"),
        given(ROBUSTA_UI_TOKEN="", STORE_URL=""),
    ],
)
def test_not_hosted(values: dict[str, t.Any]) -> None:
    assert_row(ROBUSTA, case(values), "pass", "The hosted Robusta platform is not used")


@pytest.mark.parametrize(
    ("values", "subject", "pieces"),
    [
        (
            given(ROBUSTA_UI_TOKEN="x"),
            "ROBUSTA_UI_TOKEN",
            (f"ROBUSTA_UI_TOKEN signs the server {SIGNS_IN}", "Remove ROB"),
        ),
        (from_secret("ROBUSTA_UI_TOKEN"), "ROBUSTA_UI_TOKEN", (SIGNS_IN, "Remove ROBUSTA_UI_TOKEN.")),
        (
            given(**dict.fromkeys(STORE, "x")),
            "STORE_URL",
            (f"ROBUSTA_ACCOUNT_ID and STORE_* sign the server {SIGNS_IN}", "Remove ROBUSTA_ACCOUNT_ID and STORE_*."),
        ),
        (
            given(ROBUSTA_AI="true"),
            "ROBUSTA_AI",
            ("ROBUSTA_AI makes the hosted model 'Robusta' the default", "'false'}"),
        ),
        (given(ROBUSTA_AI="TRUE"), "ROBUSTA_AI", ("before MODEL: chats without a model fail.",)),
        (given(ROBUSTA_AI="1"), "ROBUSTA_AI", ("Set holmes_env: {ROBUSTA_AI: 'false'}, as the air-gap profile does.",)),
    ],
)
def test_hosted(values: dict[str, t.Any], subject: str, pieces: tuple[str, ...]) -> None:
    assert_row(ROBUSTA, case(values), "fail", *pieces)
    assert_row(ROBUSTA, case(values, profile="none"), "warn", *pieces)
    accepted = case(values, exceptions={f"{ROBUSTA}:{subject}": "There is a way."})
    assert_row(ROBUSTA, accepted, "warn", "Accepted (There is a way.)")


@pytest.mark.parametrize("name", STORE)
def test_all_five_are_needed(name: str) -> None:
    rest = [other for other in STORE if other != name]
    text = f"{', '.join(rest)} alone has no effect: the platform needs all of {', '.join(STORE)}."
    assert_row(ROBUSTA, case(given(**dict.fromkeys(rest, "x"))), "warn", text, f"Remove {', '.join(rest)}.")
    assert_row(ROBUSTA, case(given(**{name: "x"})), "warn", f"{name} alone has no effect", f"Remove {name}.")


def test_a_file_of_the_platform() -> None:
    text = "ROBUSTA_CONFIG_PATH names a file of Robusta; with a token in it the server would sign in or die."
    assert_row(ROBUSTA, case(given(ROBUSTA_CONFIG_PATH="/x")), "warn", text, "Remove ROBUSTA_CONFIG_PATH.")
