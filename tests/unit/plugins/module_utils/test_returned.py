# SPDX-License-Identifier: GPL-3.0-or-later
"""After an upgrade that does not serve: what counts against the revision, where to go back to, what is told."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _holmes_errors, _verify_api, _verify_chat
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import ChatAnswer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import translate
from ansible_collections.holmesgpt.onprem.plugins.module_utils._returned import blames, good_before, returned_check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._returned_reasons import REASONS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify import IDS

from tests.unit.fixtures.release_history import deployed, failed, history, left, rolled_back, superseded
from tests.unit.fixtures.verify_world import RECORDED


def bad(check: str, message: str = "No.", status: str = "fail", **evidence: t.Any) -> dict[str, t.Any]:
    return {"id": check, "status": status, "message": message, "evidence": evidence}


def chat_of(name: str, status: int = 500) -> dict[str, t.Any]:
    """The check for a recorded answer of HolmesGPT."""
    answer = Answer(status, {}, (RECORDED / name).read_bytes())
    return _verify_api.refused(answer, lambda _seconds: "", 5).as_dict()


def tools(*rows: tuple[str, str]) -> dict[str, t.Any]:
    return bad("verify.tool_call", tools=[{"name": "kubectl", "error": one, "hidden_error": two} for one, two in rows])


EMPTY = _verify_chat.judge_answer(ChatAnswer("", [], {}), "m", 1.0)
# What failed, and whether it justifies going back.
CASES = [
    (bad("verify.rollout", reason="pull.not_found"), True),
    (bad("verify.rollout", reason="probe"), True),
    (bad("verify.rollout", reason="unschedulable"), True),
    (bad("verify.rollout", reason="node"), False),
    (bad("verify.rollout", reason="old_pods"), False),
    (bad("verify.rollout", reason="paused"), False),
    (bad("verify.rollout", "Namespace x has no Deployment of the release y (Deployments there: none at all)."), True),
    (bad("verify.rollout", "Namespace x does not exist."), False),
    (bad("verify.rollout", translate(OSError("Connection refused"), "/apis").msg), False),
    (bad("verify.release", "The API server refused /api/v1 (503): no."), False),
    (bad("verify.release", "Revision 4 of release holmes is failed: x."), True),
    (bad("verify.chart"), False),
    (bad("verify.api", readyz=500, healthz=200), True),
    (bad("verify.api", "HolmesGPT does not answer (port-forward to pod x): connection refused."), True),
    (bad("verify.api", "HolmesGPT does not answer (https://holmes.example): connection refused."), False),
    (bad("verify.api_key", with_key=401, without_key=401), False),
    (bad("verify.api_key", without_key=200), True),
    (bad("verify.rbac_read_only", of_release=["holmes-holmes-cluster-role-binding"]), True),
    (bad("verify.rbac_read_only", of_release=[]), False),
    (bad("access.refused"), False),
    (bad("access.reads"), True),
    (bad("verify.models"), True),
    (bad("egress.model"), False),
    (bad("egress.blocked"), False),
    (bad("live.secrets", "The pods run, but their next start will fail: Secret x does not exist."), True),
    (bad("live.secrets", "Changed after pod x started: y. The pod goes on with the old content."), False),
    (bad("live.certificates", "The pod's variable CERTIFICATE brings HolmesGPT no authority of the site: x."), True),
    (bad("live.certificates", "The certificate of the API server expired."), False),
    (bad("live.objects"), False),
    (tools(("", "Error from server (Forbidden): pods is forbidden")), True),
    (tools(("out of memory", "")), True),
    (tools(("", "error: the server doesn't have a resource type")), False),
    (tools(("", "Unable to connect to the server: i/o timeout")), False),
    (tools(("", "the server doesn't have a resource type"), ("Forbidden", "")), True),
    (tools(), False),
    (bad("verify.ground_truth", in_tool_output=[], in_answer=[]), True),
    (bad("verify.ground_truth", in_tool_output=["pod-1"], in_answer=[]), False),
    (bad("verify.chat", "The chat got no answer: no answer within 180 s."), False),
    (bad("verify.chat", "The chat got no answer: it broke off."), True),
    (bad("verify.chat", "HolmesGPT stopped answering: connection refused."), True),
    (bad("verify.chat", "HTTP 200, but the body is no chat answer."), False),
    (EMPTY.as_dict(), False),
    (chat_of("chat-0.45.0-down.json"), False),
    (chat_of("chat-0.45.0-llm401.json", 401), False),
    (chat_of("chat-0.45.0-notools.json"), False),
    (chat_of("chat-0.45.0-ctx32k.json"), True),
    (bad("no.such.check"), False),
]


@pytest.mark.parametrize(("check", "counts"), CASES)
def test_what_counts_against_the_revision(check: dict[str, t.Any], counts: bool) -> None:
    assert check["status"] == "fail"
    assert blames([check], helm_failed=False) == ([check["id"]] if counts else [])
    for status in ("pass", "warn", "not_checked"):
        assert blames([{**check, "status": status}], helm_failed=False) == []


def test_every_check_of_the_verification_has_its_reason() -> None:
    assert set(IDS) <= set(REASONS)
    assert all(reason and not reason.endswith(".") for _judge, reason in REASONS.values())


def test_every_word_for_a_failed_chat_is_judged() -> None:
    kinds = {kind for _pattern, kind, _message, _fix in _holmes_errors._KINDS} | {
        "holmes_key",
        "not_holmes",
        "not_ready",
        "other",
    }
    counted = {kind for kind in kinds if blames([bad("verify.chat", kind=kind)], helm_failed=False)}
    assert counted == {
        "llm_context",
        "llm_provider",
        "llm_key_missing",
        "llm_strict",
        "no_models",
        "headers",
        "not_ready",
        "other",
    }


def test_helm_itself_counts_once() -> None:
    checks = [bad("verify.release", "Revision 4 is failed."), bad("verify.models"), bad("egress.model")]
    assert blames(checks, helm_failed=True) == ["verify.release", "verify.models"]
    assert blames([], helm_failed=True) == ["verify.release"]
    assert blames([], helm_failed=False) == []


@pytest.mark.parametrize(
    ("revisions", "applied", "good"),
    [
        ([], 0, 0),
        ([deployed()], 0, 1),
        ([deployed()], 1, 0),
        ([superseded(), deployed()], 2, 1),
        ([superseded(), deployed(), failed()], 3, 2),
        ([failed()], 0, 0),
        ([superseded(), left(), rolled_back(1), deployed()], 4, 3),
        ([superseded(), left(), rolled_back(1)], 0, 3),
    ],
)
def test_the_revision_that_was_good_before(revisions: list[t.Any], applied: int, good: int) -> None:
    assert good_before(history(*revisions), applied) == good


RETURNS: list[tuple[dict[str, t.Any], list[str], str]] = [
    (
        {"verification": {"verdict": "ready", "checks": []}},
        ["Revision 4 does not serve", "went back to revision 3, which runs now and was verified (ready)"],
        "run site.yml again",
    ),
    (
        {"verification": {"verdict": "not_ready", "checks": [bad("verify.chat"), bad("verify.api", status="pass")]}},
        ["runs now, but does not pass either: verify.chat."],
        "look at them first",
    ),
    ({"verification": None}, ["went back to revision 3", "was not verified"], "playbooks/verify.yml"),
    (
        {"verification": None, "problem": "The API server is gone."},
        ["going back to revision 3 did not work: The API server is gone.", "Pods of either may run now."],
        "helm rollback holmes 3 -n holmes",
    ),
]


@pytest.mark.parametrize(("given", "told", "fix"), RETURNS)
def test_what_is_told_of_the_return(given: dict[str, t.Any], told: list[str], fix: str) -> None:
    check: Check = returned_check(**{"applied": 4, "revision": 3, "secrets_changed": ["holmes-secrets"], **given})
    assert (check.id, check.status) == ("release.returned", "fail")
    for words in told:
        assert words in check.message
    assert fix in check.fix
    went = "problem" not in given
    assert check.evidence["went_back"] is went
    assert ("new content of Secret holmes-secrets stays" in check.message) is went


def test_the_failed_ids_are_evidence() -> None:
    verification = {"verdict": "not_ready", "checks": [bad("verify.chat"), bad("verify.logs", status="warn")]}
    check = returned_check(4, 3, verification, [])
    assert (check.evidence["verdict"], check.evidence["failed"]) == ("not_ready", ["verify.chat"])
    assert "Secret" not in check.message
