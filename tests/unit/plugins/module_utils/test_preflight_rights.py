# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights of the account: which are needed, what the API server says of them, and what may be handed on."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_rights as rights
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import (
    Account,
    Answers,
    Right,
    reviewer,
    rules,
    snippet,
    told,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_escalation import (
    Escalation,
    escalation,
    rights_in,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures.cluster_world import (
    NAMESPACE,
    FakeApi,
    Refusal,
    binding,
    container,
    deployment,
    kinds,
    made,
    role,
    rule,
)
from tests.unit.fixtures.verify_world import FakeCluster, forbidden

RBAC = "rbac.authorization.k8s.io"
CLUSTER_ROLE = f"/apis/{RBAC}/v1/clusterroles"


def account(*denied: str) -> tuple[Account, list[Right]]:
    """An account that may do all but these ("patch deployments.apps"), and what it was asked. Never everything."""
    asked: list[Right] = []

    def review(right: Right) -> bool | None:
        asked.append(right)
        if right.verb == "*" and right.resource == "*":
            return False
        return f"{right.verb} {right.target}" not in denied

    return Account(review), asked


def needed(*manifests: t.Any) -> list[Right]:
    return rights.needed(Rendered(manifests=manifests), kinds(), NAMESPACE)


def test_needed_rights_follow_the_rendered_objects() -> None:
    found = needed(deployment(container()), role(rule("get")))
    assert Right("create", "deployments", "apps", NAMESPACE) in found
    assert Right("patch", "deployments", "apps", NAMESPACE, "holmes-holmes") in found
    assert Right("get", "clusterroles", RBAC, "", "reader") in found
    assert Right("delete", "secrets", "", NAMESPACE) in found, "Helm deletes its oldest revision"
    assert not [right for right in found if right.resource == "configmaps"]
    assert not [right for right in found if right.verb == "delete" and right.resource == "deployments"]


def test_what_exists_need_not_be_made_and_may_be_handed_on_as_it_is() -> None:
    rendered = Rendered(manifests=(role(rule("get", "nodes")),))
    found = rights.needed(rendered, kinds(), NAMESPACE, {"ClusterRole/reader"})
    assert {right.verb for right in found if right.resource == "clusterroles"} == {"get", "patch"}
    mine, _asked = account(f"escalate clusterroles.{RBAC}", "get nodes")
    assert escalation(FakeCluster(), mine, rendered, NAMESPACE).denied
    assert not escalation(FakeCluster(), mine, rendered, NAMESPACE, {"ClusterRole/reader"}).denied


def test_a_hook_is_waited_for_and_removed_and_a_test_is_not_run() -> None:
    def hook(moment: str) -> dict[str, t.Any]:
        return made("Job", "setup", metadata={"annotations": {"helm.sh/hook": moment}})

    verbs = {right.verb for right in needed(hook("pre-install,pre-upgrade")) if right.resource == "jobs"}
    assert verbs == {"get", "create", "patch", "list", "watch", "delete"}
    assert not [right for right in needed(hook("test")) if right.resource == "jobs"]


@pytest.mark.parametrize(
    ("create", "found", "verbs"),
    [(True, None, ["get", "create"]), (True, made("Namespace", "holmes"), ["get"]), (False, None, [])],
)
def test_rights_on_the_namespace(create: bool, found: t.Any, verbs: list[str]) -> None:
    assert [right.verb for right in rights.for_namespace(NAMESPACE, create, found)] == verbs


def judged(denied: t.Sequence[str], *manifests: t.Any) -> t.Any:
    mine, _asked = account(*denied)
    passing_on = escalation(FakeCluster(), mine, Rendered(manifests=manifests), NAMESPACE)
    wish = rights.wished(Rendered(manifests=manifests), kinds(), NAMESPACE)
    return rights.check(mine, needed(*manifests), wish, passing_on)


READER = role(rule("get,list", "pods,nodes"))
ROWS: list[tuple[list[str], str, str, str]] = [
    ([], "pass", "rights that the objects need are granted", ""),
    (["patch deployments.apps"], "fail", "may not patch deployments.apps", "resources: [deployments], verbs: [patch]"),
    (
        [f"create clusterroles.{RBAC}", f"patch clusterroles.{RBAC}"],
        "fail",
        f"create, patch clusterroles.{RBAC}",
        "a ClusterRole with",
    ),
    (["list secrets"], "fail", "may not list secrets", f"a Role in namespace '{NAMESPACE}'"),
    (["delete deployments.apps"], "warn", "may install, but not delete deployments.apps", "verbs: [delete]"),
    ([f"escalate clusterroles.{RBAC}"], "pass", "granted", ""),
    (
        [f"escalate clusterroles.{RBAC}", "list nodes"],
        "fail",
        "may not make ClusterRole/reader, because it lacks rights that it would hand on: list nodes",
        f"'escalate' on clusterroles.{RBAC} named reader",
    ),
    (
        [f"bind clusterroles.{RBAC}", "list nodes"],
        "fail",
        "may not make ClusterRoleBinding/binding",
        f"'bind' on clusterroles.{RBAC} named reader",
    ),
    ([f"bind clusterroles.{RBAC}", f"escalate clusterroles.{RBAC}"], "pass", "granted", ""),
]


@pytest.mark.parametrize(("denied", "status", "said", "fix"), ROWS)
def test_what_the_account_lacks_is_named(denied: list[str], status: str, said: str, fix: str) -> None:
    check = judged(denied, deployment(container()), READER, binding("reader"))
    assert (check.id, check.status) == ("cluster.rights", status)
    assert said in check.message
    assert fix in check.fix and bool(check.fix) == (status != "pass")


def test_a_role_and_its_binding_are_told_together() -> None:
    check = judged(
        [f"bind clusterroles.{RBAC}", f"escalate clusterroles.{RBAC}", "list nodes"], READER, binding("reader")
    )
    assert "may not make ClusterRole/reader and ClusterRoleBinding/binding, because" in check.message
    assert "'escalate' on" in check.fix and "'bind' on" in check.fix
    assert check.evidence["passing_on"]["ClusterRole/reader"] == ["list nodes"]


def test_the_way_without_a_right_on_the_namespace() -> None:
    mine, _asked = account("get namespaces")
    must = rights.for_namespace(NAMESPACE, True, made("Namespace", "holmes"))
    check = rights.check(mine, must, [], Escalation())
    assert check.status == "fail" and "holmes_create_namespace: false" in check.fix
    assert "holmes_create_namespace" not in judged(["list secrets"], READER).fix


def test_no_review_is_no_pass() -> None:
    mine = Account(lambda right: None)
    check = rights.check(mine, needed(deployment(container())), [], Escalation())
    assert check.status == "not_checked" and "selfsubjectaccessreviews" in check.fix
    check = rights.judge_verification(mine.ask(rights.for_verification(NAMESPACE, (1, 35))), 1)
    assert check.status == "not_checked" and check.fix


def test_an_unreadable_role_behind_a_binding_is_no_pass() -> None:
    mine, _asked = account(f"bind clusterroles.{RBAC}")
    cluster = FakeCluster({f"{CLUSTER_ROLE}/view": forbidden("get clusterroles")})
    manifests = (binding("view"),)
    found = escalation(cluster, mine, Rendered(manifests=manifests), NAMESPACE)
    check = rights.check(mine, needed(*manifests), [], found)
    assert check.status == "not_checked" and "'bind'" in check.fix and "view" in check.fix


def test_a_role_of_the_cluster_is_read() -> None:
    mine, _asked = account(f"bind clusterroles.{RBAC}", "get secrets")
    cluster = FakeCluster({f"{CLUSTER_ROLE}/view": role(rule("get", "secrets,pods"), name="view")})
    found = escalation(cluster, mine, Rendered(manifests=(binding("view", kind="RoleBinding"),)), NAMESPACE)
    assert found.denied == {"RoleBinding/binding": [Right("get", "secrets", "", NAMESPACE)]}


def test_another_error_while_reading_a_role_is_raised() -> None:
    mine, _asked = account(f"bind clusterroles.{RBAC}")
    cluster = FakeCluster({f"{CLUSTER_ROLE}/view": KubeError("The API server is gone.", 500)})
    with pytest.raises(KubeError):
        escalation(cluster, mine, Rendered(manifests=(binding("view"),)), NAMESPACE)


def test_every_right_of_a_role() -> None:
    given = {"apiGroups": ["", "apps"], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get", "list"]}
    found = rights_in(role(given, {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}), "")
    assert len(found) == 5
    assert Right("list", "pods", "apps", "", "a") in found and Right("get", url="/metrics") in found
    assert rights_in({"aggregationRule": {"clusterRoleSelectors": []}}, "")[0] == Right("*", "*", "*")


def test_an_administrator_is_asked_little() -> None:
    asked: list[Right] = []

    def review(right: Right) -> bool:
        asked.append(right)
        return True

    mine = Account(review)
    assert mine.ask(needed(deployment(container()), READER)) == Answers([], [])
    assert asked == [Right("*", "*", "*")]
    assert mine.ask([Right("get", url="/metrics")]).denied == []
    assert asked[1:] == [Right("get", url="/metrics")], "a grant of all resources says nothing of other URLs"


def test_an_administrator_of_the_namespace_is_asked_only_for_the_rest() -> None:
    asked: list[Right] = []

    def review(right: Right) -> bool:
        asked.append(right)
        return right.namespace == NAMESPACE

    answers = Account(review).ask([Right("get", "pods", "", NAMESPACE), Right("get", "nodes")])
    assert answers.denied == [Right("get", "nodes")]
    assert Right("get", "pods", "", NAMESPACE) not in asked


@pytest.mark.parametrize(
    ("right", "spec"),
    [
        (
            Right("create", "pods/portforward", "", "holmes"),
            {"resource": "pods", "subresource": "portforward", "namespace": "holmes", "verb": "create", "group": ""},
        ),
        (Right("get", "nodes"), {"resource": "nodes", "verb": "get", "group": ""}),
    ],
)
def test_reviews_as_they_are_sent(right: Right, spec: dict[str, str]) -> None:
    seen: list[dict[str, str]] = []
    cluster = FakeApi(granted=lambda given: bool(seen.append(given)))
    assert reviewer(t.cast(t.Any, cluster))(right) is False
    assert seen == [spec]


def test_reviews_that_are_refused_or_unanswered() -> None:
    def failing(status: int) -> t.Any:
        def granted(given: t.Any) -> bool:
            raise Refusal(status, "no")

        return reviewer(t.cast(t.Any, FakeApi(granted=granted)))

    assert failing(403)(Right("get", "pods")) is None
    with pytest.raises(KubeError):
        failing(500)(Right("get", "pods"))


def test_rules_put_what_belongs_together_in_one() -> None:
    lacking = [
        Right("create", "clusterroles", RBAC),
        Right("patch", "clusterroles", RBAC, "", "a"),
        Right("create", "clusterrolebindings", RBAC),
        Right("patch", "clusterrolebindings", RBAC, "", "b"),
        Right("get", "secrets", "", NAMESPACE),
    ]
    assert rules(lacking) == {
        "": [{"apiGroups": [RBAC], "resources": ["clusterroles", "clusterrolebindings"], "verbs": ["create", "patch"]}],
        NAMESPACE: [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    }
    assert '{apiGroups: [""], resources: [secrets], verbs: [get]}' in snippet(lacking)
    assert told(lacking)[0] == f"create, patch clusterroles.{RBAC}"


def test_the_verification_needs_its_own_rights() -> None:
    mine, asked = account("create pods/portforward", f"list rolebindings.{RBAC}")
    wanted = rights.for_verification(NAMESPACE, (1, 35))
    check = rights.judge_verification(mine.ask(wanted), len(wanted))
    assert (check.id, check.status) == ("cluster.verify_rights", "warn")
    assert "create pods/portforward" in check.message and "pods/log" not in check.message
    assert "a ClusterRole with" in check.fix
    assert {right.target for right in asked} >= {"pods/log", "events", "replicasets.apps", f"clusterroles.{RBAC}"}
    assert [right.verb for right in wanted if right.resource == "pods/portforward"] == ["get", "create"]
    before = rights.for_verification(NAMESPACE, (1, 34))
    assert [right.verb for right in before if right.resource == "pods/portforward"] == ["get"]
    mine, _asked = account()
    assert rights.judge_verification(mine.ask(wanted), len(wanted)).status == "pass"


def test_rights_for_the_definitions_of_the_chart() -> None:
    found = rights.for_definitions(["a.holmesgpt.dev", "b.holmesgpt.dev"])
    assert {right.target for right in found} == {"customresourcedefinitions.apiextensions.k8s.io"}
    assert [(right.verb, right.name, right.namespace) for right in found] == [
        ("create", "", ""),
        *[(verb, name, "") for name in ("a.holmesgpt.dev", "b.holmesgpt.dev") for verb in ("get", "patch")],
    ]
    assert rights.for_definitions([]) == []


@pytest.mark.parametrize("also", [[], ["delete deployments.apps"]])
def test_without_the_lease_a_run_works_but_two_at_once_are_not_prevented(also: list[str]) -> None:
    leases = "leases.coordination.k8s.io"
    mine, asked = account(f"create {leases}", f"patch {leases}", *also)
    wish = rights.wished(Rendered(manifests=(deployment(container()),)), kinds(), NAMESPACE)
    check = rights.check(mine, needed(deployment(container())), wish, Escalation(), rights.for_lock(NAMESPACE))
    assert (
        check.status == "warn" and f"not create, patch {leases}: two runs at once are not prevented." in check.message
    )
    assert "nothing can be removed" in check.message or not also
    assert "resources: [leases], verbs: [create, patch]" in check.fix
    assert {right.verb for right in asked if right.resource == "leases"} == {"get", "create", "patch", "delete"}
    assert {right.namespace for right in asked if right.resource == "leases"} == {NAMESPACE}
