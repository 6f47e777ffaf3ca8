# SPDX-License-Identifier: GPL-3.0-or-later
"""Read-only, proven: the access checks against a double of the API server, through the real Kubernetes client."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _verify_access
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import masked

from tests.unit.fixtures.access_world import (
    ACCOUNT,
    HOLMES,
    OWN_TOKEN,
    SECRET_CONTENT,
    TOKEN,
    VERIFIER,
    ApiServer,
    Rules,
    reads,
    refusal,
    scene,
    status,
)
from tests.unit.fixtures.verify_world import FakeCluster

TOKENS = f"/api/v1/namespaces/holmes/serviceaccounts/{ACCOUNT}/token"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
SELF = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
OTHERS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
DOCS = Path(__file__).parents[4] / "docs" / "checks" / "access.md"


@pytest.fixture
def api(tmp_path: Path) -> t.Iterator[ApiServer]:
    with ApiServer(Rules(), tmp_path) as server:
        yield server


def run(found: Scene) -> dict[str, Check]:
    checks = run_all(_verify_access.tasks(found))
    assert sorted(check.id for check in checks) == sorted(_verify_access.IDS)
    assert all(bool(check.fix) == (check.status != "pass") for check in checks)
    # What hides credentials in other checks must not tear holes into these sentences.
    assert [masked(check, []) for check in checks] == checks
    said = json.dumps([check.as_dict() for check in checks])
    assert TOKEN not in said and TOKEN.split(".")[1] not in said and SECRET_CONTENT not in said
    # Nothing is recorded here of other workloads, see test_access_others.
    return {check.id: check for check in checks if check.id != "access.others"}


def also(*more: tuple[str, str]) -> t.Callable[[Right], bool]:
    """The chart's role and these (verb, resource) as well."""
    return lambda right: reads(right) or (right.verb, right.resource) in more


def test_a_role_that_only_reads_passes_all_three(api: ApiServer) -> None:
    checks = run(scene(api.cluster()))
    assert {check.status for check in checks.values()} == {"pass"}
    assert "14 attempts" in checks["access.refused"].message
    evidence = checks["access.review"].evidence
    assert {row["allowed"] for row in evidence["can"]} == {True}
    assert {row["expected"] for row in evidence["cannot"]} == {False}
    assert {
        "verb": "create",
        "resource": "pods/exec",
        "scope": "namespace holmes",
        "allowed": False,
        "expected": False,
    } in (evidence["cannot"])
    assert evidence["unknown"] == []
    assert set(checks["access.refused"].evidence["attempts"][0]) == {"verb", "resource", "scope", "status", "outcome"}


def test_the_token_is_asked_for_once_and_goes_out_without_the_client_certificate(api: ApiServer) -> None:
    run(scene(api.cluster()))
    tokens = [asked for asked in api.asked if asked.path == TOKENS]
    assert [(asked.user, asked.body["spec"]) for asked in tokens] == [(VERIFIER, {"expirationSeconds": 600})]
    bearing = [asked for asked in api.asked if asked.headers.get("Authorization")]
    assert len(bearing) > 70
    for asked in bearing:
        assert (asked.headers["Authorization"], asked.certificate, asked.user) == (f"Bearer {TOKEN}", "", HOLMES)
    assert not [asked for asked in api.asked if asked.certificate and asked.headers.get("Authorization")]


@pytest.mark.parametrize(
    "account",
    [{"client_cert": None, "client_key": None, "api_key": OWN_TOKEN}, {"impersonate_user": "eve"}],
)
def test_nothing_of_the_verifying_account_goes_along(api: ApiServer, account: dict[str, t.Any]) -> None:
    checks = run(scene(api.cluster(**account)))
    assert {check.status for check in checks.values()} == {"pass"}
    as_holmes = [asked for asked in api.asked if asked.user == HOLMES]
    assert len(as_holmes) > 70
    assert not any(OWN_TOKEN in str(asked.headers) or "Impersonate-User" in asked.headers for asked in as_holmes)
    for asked in api.asked:
        if asked.user == VERIFIER and "api_key" not in account:
            assert asked.headers["Impersonate-User"] == "eve"


def test_nothing_is_changed_even_if_everything_is_allowed(api: ApiServer) -> None:
    """Writes are dry runs, reviews store nothing, and of Secrets only metadata is asked for."""
    api.rules.holmes = lambda right: True
    run(scene(api.cluster()))
    names = set()
    for asked in api.asked:
        if asked.method == "GET" and "/secrets" in asked.path:
            assert asked.headers["Accept"].startswith("application/json;as=PartialObjectMetadata")
            assert asked.query.get("limit") == "1" or asked.path.rpartition("/")[2].startswith("holmes-verify-")
        if asked.method == "GET" or asked.path in (TOKENS, WHO, SELF):
            continue
        if asked.path.endswith("/exec"):
            names.add(asked.path.split("/")[-2])
            continue
        assert asked.query == {"dryRun": "All"}, asked.path
        names.add(asked.body["metadata"]["name"] if asked.method == "POST" else asked.path.rpartition("/")[2])
    (name,) = names
    assert name.startswith("holmes-verify-") and len(name) > 20


def test_every_write_that_is_allowed_is_named_by_both(api: ApiServer) -> None:
    api.rules.holmes = also(("patch", "deployments"), ("create", "pods/exec"))
    checks = run(scene(api.cluster()))
    for check in (checks["access.review"], checks["access.refused"]):
        assert check.status == "fail"
        assert "patch deployments.apps" in check.message and "create pods/exec" in check.message
        assert f"{check.id}:patch deployments.apps" in check.evidence["may_be_accepted"]
    assert checks["access.reads"].status == "pass"
    rows = [row for row in checks["access.review"].evidence["can"] if not row["expected"]]
    assert [(row["verb"], row["resource"]) for row in rows] == [("patch", "deployments.apps"), ("create", "pods/exec")]


def test_a_right_in_the_other_namespace_is_found_by_trying(api: ApiServer) -> None:
    api.rules.holmes = lambda right: reads(right) or (right.resource, right.namespace) == ("secrets", "kube-system")
    checks = run(scene(api.cluster()))
    assert checks["access.review"].status == "pass"
    assert checks["access.refused"].status == "fail"
    assert "get, list secrets (namespace kube-system)" in checks["access.refused"].message


ALL_OF = "the remediation tool patches"
EXCEPTIONS = [
    ({"access.review:patch deployments.apps": ALL_OF}, "warn", "fail"),
    ({"access.review:patch deployments.apps": ALL_OF, "access.refused:patch deployments.apps": ALL_OF}, "warn", "warn"),
    ({"access.review": ALL_OF}, "warn", "fail"),
    ({"access.review:patch pods": ALL_OF}, "fail", "fail"),
]


@pytest.mark.parametrize(("given", "review", "refused"), EXCEPTIONS)
def test_a_right_that_is_meant_is_accepted_by_its_name(
    api: ApiServer, given: dict[str, str], review: str, refused: str
) -> None:
    api.rules.holmes = also(("patch", "deployments"))
    checks = run(scene(api.cluster(), exceptions=given))
    assert (checks["access.review"].status, checks["access.refused"].status) == (review, refused)
    if review == "warn":
        assert checks["access.review"].message.startswith(f"Accepted ({ALL_OF}): ")
        assert checks["access.review"].evidence["accepted"] == ["access.review:patch deployments.apps"]


def test_who_accepts_the_roles_has_accepted_what_comes_of_them(api: ApiServer) -> None:
    api.rules.holmes = also(("patch", "deployments"))
    checks = run(scene(api.cluster(), exceptions={"verify.rbac_read_only": "ticket 4711"}))
    for name in ("access.review", "access.refused"):
        assert (checks[name].status, "Accepted (ticket 4711)" in checks[name].message) == ("warn", True)


def test_an_exception_for_one_verb_does_not_cover_another(api: ApiServer) -> None:
    api.rules.holmes = also(("patch", "deployments"), ("delete", "pods"))
    given = {f"{check}:patch deployments.apps": ALL_OF for check in _verify_access.EXCUSABLE}
    for check in map(run(scene(api.cluster(), exceptions=given)).__getitem__, ("access.review", "access.refused")):
        assert check.status == "fail" and "delete pods" in check.message and "patch" not in check.message
        assert check.evidence["may_be_accepted"] == [f"{check.id}:delete pods"]


def test_without_the_right_to_a_token_others_are_asked_and_no_attempt_is_made(api: ApiServer) -> None:
    api.rules.verifier = lambda right: right.resource != "serviceaccounts/token"
    checks = run(scene(api.cluster()))
    assert [check.status for check in checks.values()] == ["pass", "pass", "not_checked"]
    assert "SubjectAccessReview" in checks["access.review"].evidence["asked"]
    assert "resources: [serviceaccounts/token], verbs: [create]" in checks["access.refused"].fix
    spec = next(asked for asked in api.asked if asked.path == OTHERS).body["spec"]
    assert spec["user"] == HOLMES
    assert spec["groups"] == ["system:serviceaccounts", "system:serviceaccounts:holmes", "system:authenticated"]
    assert not any(asked.user == HOLMES for asked in api.asked)


def test_with_neither_right_both_are_named(api: ApiServer) -> None:
    api.rules.verifier = lambda right: False
    checks = run(scene(api.cluster()))
    assert {check.status for check in checks.values()} == {"not_checked"}
    for text in ("serviceaccounts/token", "subjectaccessreviews"):
        assert text in checks["access.review"].message and text in checks["access.review"].fix
    assert f'cannot create resource "{"serviceaccounts/token"}"' in checks["access.refused"].message


def test_an_account_that_may_not_review_itself_is_asked_about_by_the_other_way(api: ApiServer) -> None:
    right = Right("create", "selfsubjectaccessreviews", "authorization.k8s.io")
    api.rules.instead[f"POST {SELF}"] = refusal(HOLMES, right)
    checks = run(scene(api.cluster()))
    assert {check.status for check in checks.values()} == {"pass"}
    assert "SubjectAccessReview" in checks["access.review"].evidence["asked"]


WRONG_USERS = [
    ({f"POST {WHO}": (201, {"status": {"userInfo": {"username": "system:admin"}}})}, "for 'system:admin'"),
    ({f"POST {WHO}": (201, {"status": {"userInfo": {"username": "system:anonymous"}}})}, "for 'system:anonymous'"),
    ({f"POST {WHO}": (201, {})}, "does not say whom"),
    ({f"POST {WHO}": status(401, "Unauthorized", "Unauthorized")}, "does not accept the token"),
    ({f"POST {TOKENS}": (201, {"status": {}})}, "without a token"),
    ({f"POST {TOKENS}": (201, {"status": {"token": "a\nb"}})}, "without a token"),
    ({f"POST {TOKENS}": (201, "no json")}, "Expecting value"),
    ({f"POST {TOKENS}": status(404, "NotFound", "serviceaccounts not found")}, "serviceaccounts not found"),
]


@pytest.mark.parametrize(("instead", "told"), WRONG_USERS)
def test_what_is_not_that_account_proves_nothing(api: ApiServer, instead: dict[str, t.Any], told: str) -> None:
    api.rules.instead.update(instead)
    checks = run(scene(api.cluster()))
    assert checks["access.refused"].status == "not_checked"
    assert told in checks["access.refused"].message
    assert (
        checks["access.review"].status == "pass" and "SubjectAccessReview" in checks["access.review"].evidence["asked"]
    )
    assert not any(asked.query.get("dryRun") for asked in api.asked)


def test_before_kubernetes_1_28_a_refusal_says_who_one_is(api: ApiServer) -> None:
    api.rules.instead[f"POST {WHO}"] = status(404, "NotFound", "the server could not find the requested resource")
    assert {check.status for check in run(scene(api.cluster())).values()} == {"pass"}


def test_before_kubernetes_1_28_an_account_that_reads_secrets_cannot_be_told(api: ApiServer) -> None:
    api.rules.instead[f"POST {WHO}"] = status(404, "NotFound", "the server could not find the requested resource")
    api.rules.holmes = also(("get", "secrets"))
    checks = run(scene(api.cluster()))
    assert checks["access.refused"].status == "not_checked"
    assert checks["access.review"].status == "fail" and "get secrets" in checks["access.review"].message


def test_an_authorizer_that_failed_has_refused_nothing(api: ApiServer) -> None:
    api.rules.status = {"evaluationError": "webhook authorizer: timeout"}
    checks = run(scene(api.cluster()))
    assert checks["access.review"].status == "not_checked"
    assert "could not say" in checks["access.review"].message
    assert checks["access.refused"].status == "pass"
    assert checks["access.review"].evidence["cannot"] == []


def test_an_account_without_a_role_reads_nothing(api: ApiServer) -> None:
    api.rules.holmes = lambda right: False
    checks = run(scene(api.cluster()))
    assert checks["access.reads"].status == "fail"
    assert "get, list pods (namespace holmes)" in checks["access.reads"].message
    assert "holmes_rbac_create" in checks["access.reads"].fix
    assert checks["access.review"].status == "pass" and checks["access.refused"].status == "pass"


def namespaced(right: Right) -> bool:
    return reads(right) and right.namespace == "holmes"


def environment(value: str) -> t.Any:
    return {"containers": [{"name": "holmes", "env": [{"name": "SCOPED_NAMESPACES", "value": value}]}]}


SCOPES = [
    (reads, "", "pass", ""),
    (namespaced, "", "warn", "list nodes"),
    (namespaced, "holmes", "pass", ""),
    (namespaced, "holmes, shop", "fail", "get, list pods (namespace shop)"),
    (lambda right: reads(right) and right.resource != "nodes", "", "warn", "get, list nodes (cluster)"),
    (lambda right: reads(right) and right.resource != "pods/log", "", "warn", "get pods/log (cluster)"),
]


@pytest.mark.parametrize(("holmes", "value", "expected", "told"), SCOPES)
def test_reads_where_holmesgpt_is_meant_to_look(
    api: ApiServer, holmes: t.Callable[[Right], bool], value: str, expected: str, told: str
) -> None:
    api.rules.holmes = holmes
    check = run(scene(api.cluster(), **(environment(value) if value else {})))["access.reads"]
    assert check.status == expected
    assert told in check.message
    assert ("holmes_rbac_scope" in check.fix) == (expected == "warn" and not value)


@pytest.mark.parametrize(
    ("of_pod", "of_account", "status_of_reads"),
    [
        ({"automountServiceAccountToken": False}, {}, "warn"),
        ({}, {"automountServiceAccountToken": False}, "warn"),
        ({"automountServiceAccountToken": True}, {"automountServiceAccountToken": False}, "fail"),
        ({}, {"automountServiceAccountToken": True}, "fail"),
        ({}, None, "fail"),
    ],
)
def test_pods_without_a_token_are_told_apart_from_a_missing_role(
    api: ApiServer, of_pod: dict[str, t.Any], of_account: dict[str, t.Any] | None, status_of_reads: str
) -> None:
    """The chart's k8sRBAC: true."""
    api.rules.holmes = lambda right: False
    if of_account is not None:
        api.rules.instead[f"GET /api/v1/namespaces/holmes/serviceaccounts/{ACCOUNT}"] = (200, of_account)
    check = run(scene(api.cluster(), **of_pod))["access.reads"]
    assert check.status == status_of_reads
    assert ("k8sRBAC" in check.fix) == (status_of_reads == "warn")


def test_without_a_deployment_nothing_is_asked(api: ApiServer) -> None:
    cluster = api.cluster()
    before = len(api.asked)
    checks = run(scene(cluster, workload=False))
    assert {check.status for check in checks.values()} == {"not_checked"}
    assert len(api.asked) == before


def test_a_reader_without_a_client_ends_in_not_checked() -> None:
    assert {check.status for check in run(scene(FakeCluster())).values()} == {"not_checked"}


def test_an_api_server_that_is_gone_ends_in_not_checked(tmp_path: Path) -> None:
    with ApiServer(Rules(), tmp_path) as server:
        cluster = server.cluster()
    assert {check.status for check in run(scene(cluster)).values()} == {"not_checked"}


def test_every_check_has_a_section() -> None:
    text = DOCS.read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}
    assert set(_verify_access.IDS) <= set(sections)
    for name in _verify_access.IDS:
        assert all(word in sections[name] for word in ("**Judged:**", "**Why:**", "**Fix:**"))
    assert set(_verify_access.EXCUSABLE) < set(_verify_access.IDS)
