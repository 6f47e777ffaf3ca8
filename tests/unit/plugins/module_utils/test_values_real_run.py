# SPDX-License-Identifier: GPL-3.0-or-later
"""Following the guide literally breaks in seventeen ways (facts: real run). Those that values decide, one by one.

The other points are the cluster's: 1 (repository), 5 and 12 (what a person types or reads), 7 (an account that does not
exist), 10 (new Secret data), 14 (names in use), 15 (what removal leaves), 16 (no probes).
"""

from __future__ import annotations

import base64
import typing as t
from pathlib import Path

import pytest

from tests.unit.fixtures.values_world import GUIDE, GUIDE_SECRETS, NEW, OLD, build, certificate, env, only

LIMITS = {"context_window": 32768, "max_output_tokens": 4096}
READS = {"apiGroups": ["sparkoperator.k8s.io"], "resources": ["sparkapplications"], "verbs": ["get", "list", "watch"]}


def guide(tmp_path: Path, *more: str, chart: Path = NEW, **options: t.Any) -> t.Any:
    """The outcome for the guide's own file, further files, and what an operator adds."""
    paths = []
    for number, text in enumerate((GUIDE, *more)):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return build(chart, **{"values_files": paths, "models": {}, "llm": LIMITS, **options})


def literal(outcome: t.Any, name: str) -> str | None:
    found = [entry.get("value") for entry in outcome.values["additionalEnvVars"] if entry["name"] == name]
    return found[0] if found else None


def message(outcome: t.Any, check: str) -> str:
    return next(found.message for found in outcome.checks if found.id == check)


@pytest.mark.parametrize(("chart", "status"), [(NEW, "warn"), (OLD, "fail")])
def test_2_the_default_image_is_on_no_cut_off_cluster(tmp_path: Path, chart: Path, status: str) -> None:
    """0.16.1 pulls at every start, so there it fails even with the image on the node."""
    assert only(guide(tmp_path, chart=chart, registry="", image=""))["render.images"] == status
    assert "render.images" not in only(guide(tmp_path, chart=chart))


def test_3_the_guides_curl_breaks_every_kubernetes_tool(tmp_path: Path) -> None:
    """The profile keeps curl's headers from the tools; without it, that is told."""
    assert "values.headers" not in only(guide(tmp_path))
    assert only(guide(tmp_path, profile="none"))["values.headers"] == "warn"
    assert "accept" in (literal(guide(tmp_path), "HOLMES_PASSTHROUGH_BLOCKED_HEADERS") or "")


def test_4_config_model_is_ignored_and_a_phantom_answers(tmp_path: Path) -> None:
    outcome = guide(tmp_path)
    assert only(outcome) == {"values.config_model": "warn"}
    assert literal(outcome, "MODEL") == outcome.result["default_model"] == "gpt-oss-120b"
    assert "values.phantom_model" not in only(outcome)
    old = guide(tmp_path, chart=OLD)
    assert literal(old, "MODEL") is None, "there it would break every chat"
    assert only(old)["values.phantom_model"] == "warn" and "gpt-4.1" in message(old, "values.phantom_model")


def test_6_rights_that_do_nothing_and_rights_that_do_too_much(tmp_path: Path) -> None:
    permissions = "crdPermissions: {argo: true, kafka: false}\n"
    assert "values.unknown_key" not in only(guide(tmp_path, permissions))
    assert only(guide(tmp_path, permissions, chart=OLD))["values.unknown_key"] == "fail"
    rules = [READS, {**READS, "verbs": ["*"]}]
    assert only(guide(tmp_path, rbac={"custom_cluster_role_rules": rules}))["render.rbac_read_only"] == "fail"
    assert "render.rbac_read_only" not in only(guide(tmp_path, rbac={"custom_cluster_role_rules": [READS]}))


def test_8_an_own_account_gets_no_role(tmp_path: Path) -> None:
    """Whether rights are bound to it is the cluster's; that nobody here binds them is told."""
    own = "createServiceAccount: false\ncustomServiceAccountName: your-existing-service-account\n"
    outcome = guide(tmp_path, own)
    assert "its rights are yours to bind" in message(outcome, "values.service_account")
    assert outcome.result["rbac_rules"] == []
    assert only(guide(tmp_path, "createServiceAccount: false\n"))["values.service_account"] == "warn"


def test_9_the_secret_section_loses_the_endpoint(tmp_path: Path) -> None:
    both = tmp_path / "both.yaml"
    both.write_text(f"{GUIDE}\n{GUIDE_SECRETS}", encoding="utf-8")
    appended = guide(tmp_path, values_files=[str(both)])
    assert only(appended)["values.duplicate_key"] == "fail" and "line 18" in message(appended, "values.duplicate_key")
    assert only(appended)["values.env_reference"] == "fail", "the server would die at start"
    second = guide(tmp_path, GUIDE_SECRETS)
    assert only(second) == {"values.config_model": "warn"}
    assert literal(second, "OPENAI_API_BASE") and literal(second, "OPENAI_API_KEY") is None


@pytest.mark.parametrize("form", ["folded", "block", "pem"])
def test_11_base64_in_lines_and_pem_are_put_right(tmp_path: Path, form: str) -> None:
    pem, _key = certificate()
    wrapped = base64.encodebytes(pem.encode()).decode()
    text = {
        "folded": 'certificate: "' + wrapped.replace("\n", "\n  ").strip() + '"\n',
        "block": "certificate: |\n  " + wrapped.replace("\n", "\n  ").strip() + "\n",
        "pem": "certificate: |\n  " + pem.replace("\n", "\n  ").strip() + "\n",
    }[form]
    outcome = guide(tmp_path, text)
    assert base64.b64decode(outcome.values["certificate"], validate=True).decode().strip() == pem.strip()
    assert only(outcome)["values.certificate"] == "warn"
    assert only(guide(tmp_path, "certificate: bm90IGEgY2VydA==\n"))["values.certificate"] == "fail"


def test_13_limits_of_a_small_server(tmp_path: Path) -> None:
    outcome = guide(tmp_path, llm=LIMITS)
    assert "values.limits" not in only(outcome)
    assert (literal(outcome, "OVERRIDE_MAX_CONTENT_SIZE"), literal(outcome, "OVERRIDE_MAX_OUTPUT_TOKEN")) == (
        "32768",
        "4096",
    )
    assert only(guide(tmp_path, llm={}))["values.limits"] == "warn", "7,949 + 64,000 tokens were refused"
    assert only(guide(tmp_path, llm={"context_window": 32768}))["values.limits"] == "fail"


def test_17_names_that_are_asked_outside(tmp_path: Path) -> None:
    outcome = guide(tmp_path)
    assert literal(outcome, "LITELLM_LOCAL_MODEL_COST_MAP") == "True"
    assert outcome.values["enableTelemetry"] is False and outcome.values["sentryDSN"] == ""
    assert all(outcome.values["toolsets"][name] == {"enabled": False} for name in ("internet", "robusta"))
    assert "values.telemetry" in only(guide(tmp_path, chart=OLD, profile="none"))


def test_kubectl_dies_quietly_under_a_small_memory_limit(tmp_path: Path) -> None:
    """The tool reports success without rows: 4 of 40 chats at the default, 0 of 60 at 1500."""
    assert literal(guide(tmp_path), "TOOL_MEMORY_LIMIT_MB") == "1500"
    outcome = guide(tmp_path, values={"additionalEnvVars": env(TOOL_MEMORY_LIMIT_MB="800")})
    assert only(outcome)["values.resources"] == "warn"
