# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of rules: documentation, joining of findings, and the rules about chart, keys, environment and pod."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rules, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import encode
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    RULES,
    Finding,
    Rule,
    fail,
    good,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Layer, Repair

from tests.unit.fixtures.values_world import GUIDE, NEW, OLD, case, certificate, chart, env, judge

DOCS = Path(__file__).resolve().parents[4] / "docs" / "checks" / "values.md"

Row = tuple[str, str, str]


def verdict_of(check: str, case_: Case) -> Check:
    found = judge(check, case_)
    assert found.message and "\n" not in found.message
    assert bool(found.fix) == (found.status != "pass"), found
    return found


def assert_row(check: str, case_: Case, status: str, text: str) -> None:
    found = verdict_of(check, case_)
    assert (found.status, text in found.message) == (status, True), found


def test_every_rule_has_its_section_in_the_docs() -> None:
    sections = re.findall(r"^## (\S+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == [check.id for check in _rules.judge(case({}))]
    assert len(sections) == len(set(sections))


def test_ids_are_dotted_and_titles_are_there() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"(values|render)\.[a-z_]+[a-z0-9_]*", rule.id)
        assert rule.title and not rule.title.endswith(".")


@pytest.mark.parametrize(
    ("findings", "status", "message", "fix", "evidence"),
    [
        ([], "pass", "title", "", {}),
        ([good("a"), good("b")], "pass", "a", "", {}),
        ([good("a", x=1), warn("b", "fb", y=2)], "warn", "b", "fb", {"x": 1, "y": 2}),
        ([warn("b", "fb"), fail("c", "fc")], "fail", "(1) c (2) b", "(1) fc (2) fb", {}),
        ([fail("b", "f", k=["x"]), fail("c", "f", k=["y"])], "fail", "b c", "f", {"k": ["x", "y"]}),
        ([fail("b", "f", k=1), fail("b", "f", k=2)], "fail", "b", "f", {"k": 1}),
        ([warn("a\n  b", "f\ng")], "warn", "a b", "f g", {}),
        ([unclear("u", "fu"), good("a")], "not_checked", "u", "fu", {}),
        ([unclear("u", "fu"), warn("b", "fb")], "warn", "(1) b (2) u", "(1) fb (2) fu", {}),
    ],
)
def test_findings_are_joined_into_one_check(
    findings: list[Finding],
    status: str,
    message: str,
    fix: str,
    evidence: dict[str, t.Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Rule("values.chart", "title", lambda _case: findings)
    found = _rules._check(rule, case({}), Exceptions({}))
    assert (found.id, found.title, found.status, found.message, found.fix) == (
        "values.chart",
        "title",
        status,
        message,
        fix,
    )
    assert found.evidence == evidence


# --- chart, names, version, key


@pytest.mark.parametrize(
    ("sha256", "status", "text"),
    [
        ("", "pass", "holmes 0.45.0"),
        (chart(NEW).sha256, "pass", "holmes 0.45.0"),
        (f"sha256:{chart(NEW).sha256.upper()}", "pass", "holmes 0.45.0"),
        ("0" * 64, "fail", "was expected"),
    ],
)
def test_chart(sha256: str, status: str, text: str) -> None:
    assert_row("values.chart", case({}, chart_sha256=sha256), status, text)


def test_another_chart(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: robusta\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("")
    assert_row("values.chart", case({}, chart_path=tmp_path), "warn", "not 'holmes'")


@pytest.mark.parametrize(
    ("names", "status"), [({}, "pass"), ({"release_name": "A"}, "fail"), ({"namespace": "a" * 64}, "fail")]
)
def test_names(names: dict[str, t.Any], status: str) -> None:
    assert judge("values.names", case({}, **names)).status == status


@pytest.mark.parametrize(
    ("server", "path", "status", "text"),
    [
        ((0, 45, 0), NEW, "pass", "0.45.0"),
        ((0, 45, 3), NEW, "pass", "0.45.3"),
        ((0, 16, 1), NEW, "warn", "made for 0.45.0"),
        ((0, 45, 0), OLD, "warn", "made for 0.16.1"),
        (None, NEW, "not_checked", "Neither the image's tag nor the chart"),
    ],
)
def test_server_version(server: t.Any, path: Path, status: str, text: str) -> None:
    assert_row("values.server_version", case({}, server=server, chart_path=path), status, text)


KEYED = {"additionalEnvVars": [{"name": "HOLMES_API_KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}


@pytest.mark.parametrize(
    ("values", "server", "status", "text"),
    [
        ({}, (0, 45, 0), "pass", "No key is asked for"),
        (KEYED, (0, 27, 0), "pass", "Requests need the key"),
        (KEYED, (0, 26, 9), "warn", "no effect before 0.27"),
        ({**KEYED, "operator": {"enabled": True}}, (0, 45, 0), "warn", "operator sends no key"),
        ({"operator": {"enabled": True}}, (0, 45, 0), "pass", "No key is asked for"),
    ],
)
def test_api_key(values: dict[str, t.Any], server: t.Any, status: str, text: str) -> None:
    assert_row("values.api_key", case(values, server), status, text)


# --- keys


def from_file(text: str) -> Case:
    values, duplicates = _yaml_text.load_mapping(text, "f")
    return case(values, layers=(Layer("the values file 'f'", values, duplicates),))


def test_duplicate_key() -> None:
    twice = from_file(GUIDE + "\nadditionalEnvVars: []\n")
    assert_row("values.duplicate_key", twice, "fail", "the values file 'f', line 18, 'additionalEnvVars'")
    assert_row("values.duplicate_key", from_file(GUIDE), "pass", "")


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        ({"modelList": {}}, "pass", ""),
        ({"modellist": {}}, "fail", "'modellist' (did you mean 'modelList'?)"),
        ({"config": {"temperature": 1}}, "fail", "'config' (did you mean modelList (holmes_models)"),
        ({"env": []}, "fail", "additionalEnvVars (holmes_env)"),
        ({"holmes": {"image": "x"}}, "fail", "umbrella chart"),
        ({"zzz": 1, "yyy": 1}, "fail", "'zzz', 'yyy'."),
    ],
)
def test_unknown_key(values: dict[str, t.Any], status: str, text: str) -> None:
    assert_row("values.unknown_key", case(values), status, text)


def test_unknown_keys_name_their_origin_and_spare_the_profile() -> None:
    layers = (Layer("the air-gap profile", {"p": 1}, given=False), Layer("one", {"a": 1}), Layer("two", {"b": 1}))
    found = judge("values.unknown_key", case({}, layers=layers))
    assert "in one: 'a'" in found.message and "in two: 'b'" in found.message and "'p'" not in found.message
    assert found.evidence == {"keys": ["a", "b"]}


def test_what_was_repaired_is_no_unknown_key() -> None:
    given = case({"config": {"model": "a"}})
    repair = Repair("values.config_model", ("config", "model"), "It was translated.", "Replace it.")
    repaired = replace(given, repairs=(repair,))
    assert judge("values.unknown_key", given).status == "fail"
    assert judge("values.unknown_key", repaired).status == "pass"
    assert_row("values.config_model", repaired, "warn", "It was translated.")
    assert_row("values.config_model", given, "pass", "")


def test_what_was_repaired_is_no_dead_key_either() -> None:
    given = case({"enableAccountsCreate": True})
    repair = Repair("values.config_model", ("enableAccountsCreate",), "It was left out.", "Remove it.")
    assert judge("values.dead_key", replace(given, repairs=(repair,))).status == "pass"


def test_dead_key() -> None:
    assert_row("values.dead_key", case({"enableAccountsCreate": False}), "warn", "'enableAccountsCreate'")
    found = verdict_of("values.dead_key", case({"openshift": True}))
    assert (found.status, found.evidence) == ("pass", {"shipped_without_effect": ["enableAccountsCreate"]})


# --- environment


def manifests(names: list[str], whole: bool = False) -> list[dict[str, t.Any]]:
    container = {
        "name": "holmes",
        "image": "x",
        "env": [{"name": name} for name in names],
        "envFrom": [1] if whole else [],
    }
    spec = {"template": {"spec": {"containers": [container]}}}
    return [{"kind": "Deployment", "metadata": {"name": "holmes-holmes"}, "spec": spec}]


def models(**entry: str) -> dict[str, t.Any]:
    return {"a": {"model": "openai/a", **entry}}


@pytest.mark.parametrize(
    ("values", "rendered", "status", "text"),
    [
        ({"modelList": models(api_key="{{ env.K }}"), "additionalEnvVars": env(K="x")}, [], "pass", "'K'"),
        ({"modelList": models(api_key="{{env.K}}"), "additional_env_vars": env(K="x")}, [], "pass", "'K'"),
        ({"modelList": models(api_key="{{ env.LOG_LEVEL }}")}, manifests(["LOG_LEVEL"]), "pass", "LOG_LEVEL"),
        ({"modelList": models(api_key="none")}, [], "pass", ""),
        ({"modelList": models(api_key="{{ env.K }}")}, [], "fail", "modelList.a.api_key refers to the variable K"),
        (
            {"modelList": models(api_key="{{ env.VLM }}"), "additionalEnvVars": env(VLLM="x")},
            [],
            "fail",
            "Did you mean 'VLLM'?",
        ),
        ({"toolsets": {"g": {"config": {"api_key": "{{ env.G }}"}}}}, [], "fail", "toolsets.g.config.api_key"),
        ({"mcp_servers": {"m": {"headers": ["Bearer {{ env.M }}"]}}}, [], "fail", "mcp_servers.m.headers.0"),
        ({"modelList": models(api_key="{{ env.a-b }}")}, [], "fail", "cannot be the name of a variable"),
        ({"modelList": models(api_key="envRef:K"), "additionalEnvVars": env(K="x")}, [], "pass", "'K'"),
        ({"modelList": models(api_key="envRef:K")}, [], "fail", "the variable K"),
        ({"modelList": models(api_key="envRef:a-b"), "extraEnvVarsSecrets": ["s"]}, [], "fail", "cannot be the name"),
        (
            {"modelList": models(api_key="{{ env.K }}"), "extraEnvVarsSecrets": ["s"]},
            [],
            "not_checked",
            "may come from a whole Secret",
        ),
        ({"modelList": models(api_key="{{ env.K }}")}, manifests([], whole=True), "not_checked", "may come from"),
        ({"toolsets": {"g": {"x": "envRef:K"}}}, [], "pass", ""),
        ({"podAnnotations": {"x": "{{ env.K }}"}}, [], "pass", ""),
    ],
)
def test_env_reference(values: dict[str, t.Any], rendered: t.Any, status: str, text: str) -> None:
    assert_row("values.env_reference", case(values, manifests=rendered), status, text)


def test_the_old_chart_knows_no_short_reference() -> None:
    values = {"modelList": models(api_key="envRef:K"), "additionalEnvVars": env(K="x")}
    assert_row("values.env_reference", case(values, chart_path=OLD), "fail", "does not know the short form")


@pytest.mark.parametrize(
    ("entries", "status", "text"),
    [
        (env(A="x", _B2="y"), "pass", ""),
        ([], "pass", ""),
        (env(**{"1A": "x"}), "fail", "'1A' is no legal name"),
        (env(**{"A B": "x"}), "fail", "'A B' is no legal name"),
        (env(**{"A-B": "x"}), "warn", "'A-B' cannot be used"),
        ([{"value": "x"}], "fail", "without a name"),
        (["A=x"], "fail", "without a name"),
        ({"A": "x"}, "fail", "must be a list"),
        ("A=x", "fail", "must be a list"),
        ([{"name": "A", "value": 1}], "fail", "the value of A is a number"),
        ([{"name": "A", "value": True}], "fail", "the value of A is a yes/no value"),
        ([{"name": "A", "value": "x", "valueFrom": {}}], "fail", "'value' and 'valueFrom'"),
        ([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}], "fail", "lacks 'name' or 'key'"),
        ([{"name": "A", "valueFrom": {"secretKeyRef": "s"}}], "fail", "lacks 'name' or 'key'"),
        ([{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}], "pass", ""),
        ([*env(A="x"), *env(A="y")], "fail", "A stands there twice"),
    ],
)
@pytest.mark.parametrize("key", ["additionalEnvVars", "additional_env_vars"])
def test_env_name(key: str, entries: t.Any, status: str, text: str) -> None:
    assert_row("values.env_name", case({key: entries}), status, text)


def test_the_same_name_in_two_layers_is_no_duplicate() -> None:
    layers = (Layer("one", {"additionalEnvVars": env(A="x")}), Layer("two", {"additionalEnvVars": env(A="y")}))
    assert judge("values.env_name", case({"additionalEnvVars": env(A="y")}, layers=layers)).status == "pass"


def test_the_same_name_in_both_lists_or_in_the_chart() -> None:
    both = {"additionalEnvVars": env(A="x"), "additional_env_vars": env(A="y")}
    assert_row("values.env_name", case(both), "fail", "A is set twice")
    one = case({"additionalEnvVars": env(LOG_LEVEL="x")}, manifests=manifests(["LOG_LEVEL", "LOG_LEVEL"]))
    assert_row("values.env_name", one, "fail", "LOG_LEVEL is set twice")
    told = judge("values.env_name", case({"additionalEnvVars": [*env(A="x"), *env(A="y")]}))
    assert told.message.count("twice") == 1


def test_literal_secret() -> None:
    found = verdict_of(
        "values.literal_secret",
        case({"additionalEnvVars": env(A_TOKEN="hunter2x"), "modelList": models(api_key="hunter3x")}),
    )
    assert found.status == "fail"
    assert "'additionalEnvVars: A_TOKEN', 'modelList.a.api_key'" in found.message
    assert "hunter" not in repr(found)
    clean = case(
        {"additionalEnvVars": env(OPENAI_API_KEY="none"), "modelList": models(api_key="{{ env.OPENAI_API_KEY }}")}
    )
    assert_row("values.literal_secret", clean, "pass", "")


# --- pod


def accounts(account: str, made: t.Sequence[str] = ()) -> list[dict[str, t.Any]]:
    pod = manifests([])
    pod[0]["spec"]["template"]["spec"]["serviceAccountName"] = account
    return [*pod, *({"kind": "ServiceAccount", "metadata": {"name": name}} for name in made)]


NOT = {"createServiceAccount": False}
OWN = {"customServiceAccountName": "mine"}


@pytest.mark.parametrize(
    ("values", "rendered", "status", "text"),
    [
        ({}, [], "pass", "The chart makes the account"),
        (NOT, accounts("default"), "warn", "runs as the namespace's 'default' account"),
        (NOT, accounts("holmes-holmes-service-account"), "fail", "'holmes-holmes-service-account', which nobody makes"),
        ({**NOT, **OWN}, accounts("mine"), "pass", "Own account 'mine'"),
        (
            {**NOT, **OWN, "customClusterRoleRules": [1]},
            accounts("mine"),
            "warn",
            "so this has no effect: customClusterRoleRules.",
        ),
        (
            {**NOT, **OWN, "customClusterRoleRules": [1], "crdPermissions": {"argo": True}},
            accounts("mine"),
            "warn",
            "so this has no effect: crdPermissions, customClusterRoleRules.",
        ),
        (OWN, accounts("mine", ["mine"]), "warn", "will try to create the account 'mine'"),
        (OWN, accounts("mine", ["holmes-holmes-service-account"]), "fail", "HolmesGPT would see nothing"),
        (OWN, [], "warn", "will try to create the account 'mine'"),
        ({"k8sRBAC": True}, [], "warn", "makes no role and turns the kubernetes toolsets off"),
    ],
)
def test_service_account(values: dict[str, t.Any], rendered: t.Any, status: str, text: str) -> None:
    assert_row("values.service_account", case(values, manifests=rendered), status, text)


@pytest.mark.parametrize(
    ("values", "path", "status"),
    [
        ({"containerSecurityContext": {"runAsUser": 1}}, NEW, "pass"),
        ({"containerSecurityContext": {"readOnlyRootFilesystem": False}}, NEW, "fail"),
        ({"containerSecurityContext": {"readOnlyRootFilesystem": False}}, OLD, "pass"),
    ],
)
def test_security_context(values: dict[str, t.Any], path: Path, status: str) -> None:
    assert judge("values.security_context", case(values, chart_path=path)).status == status


OFF: dict[str, t.Any] = {"enableTelemetry": False, "sentryDSN": ""}


@pytest.mark.parametrize(
    ("values", "path", "status", "text"),
    [
        (OFF, NEW, "pass", "Telemetry is off"),
        (OFF, OLD, "pass", "Telemetry is off"),
        ({**OFF, "enableTelemetry": "false"}, NEW, "pass", "Telemetry is off"),
        ({}, NEW, "warn", "counts as on"),
        ({**OFF, "enableTelemetry": None}, NEW, "warn", "counts as on"),
        ({**OFF, "enableTelemetry": True, "sentryDSN": "x"}, NEW, "warn", "will try to reach Sentry"),
        ({}, OLD, "warn", "will try to reach Sentry"),
        ({"enableTelemetry": False}, OLD, "warn", "still names an address"),
    ],
)
def test_telemetry(values: dict[str, t.Any], path: Path, status: str, text: str) -> None:
    assert_row("values.telemetry", case(values, chart_path=path), status, text)


KEPT = {**OFF, "toolsets": {name: {"enabled": False} for name in ("internet", "robusta", "connectivity_check", "bash")}}


@pytest.mark.parametrize(
    ("values", "profile", "status", "text"),
    [
        (KEPT, "airgap", "pass", ""),
        ({**KEPT, "enableTelemetry": True}, "airgap", "pass", ""),
        ({**KEPT, "toolsets": {}}, "airgap", "warn", "toolsets.bash.enabled is None, against the air-gap profile"),
        ({}, "none", "pass", "is not used"),
    ],
)
def test_profile(values: dict[str, t.Any], profile: str, status: str, text: str) -> None:
    assert_row("values.profile", case(values, profile=profile), status, text)


GOOD = encode(certificate()[0])


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        ({}, "pass", "No private authority"),
        ({"certificate": ""}, "pass", "No private authority"),
        ({"certificate": GOOD}, "pass", "Site CA"),
        ({"certificate": 5}, "fail", "must be text"),
        ({"certificate": "###"}, "fail", "not base64"),
        ({"certificate": encode(certificate(days=3)[0])}, "warn", "expires on"),
        ({"certificate": GOOD, "additionalEnvVars": env(SSL_CERT_FILE="/x")}, "warn", "SSL_CERT_FILE wins over"),
        (
            {"certificate": GOOD, "additionalEnvVars": env(SSL_CERT_DIR="/x", SSL_CERT_FILE="/x")},
            "warn",
            "SSL_CERT_FILE and SSL_CERT_DIR",
        ),
        ({"additionalEnvVars": env(SSL_CERT_FILE="/x")}, "pass", "No private authority"),
    ],
)
def test_certificate(values: dict[str, t.Any], status: str, text: str) -> None:
    assert_row("values.certificate", case(values), status, text)


def test_certificate_that_could_not_be_used_or_was_repaired() -> None:
    unusable = replace(case({}), problems={"values.certificate": HolmesError("It is DER.", "Convert it.")})
    assert_row("values.certificate", unusable, "fail", "It is DER.")
    repair = Repair("values.certificate", ("certificate",), "It was put right.", "Use ca_file.")
    assert_row(
        "values.certificate", replace(case({"certificate": GOOD}), repairs=(repair,)), "warn", "It was put right."
    )
    still = verdict_of("values.certificate", replace(case({"certificate": "###"}), repairs=(repair,)))
    assert "put right" not in still.message
