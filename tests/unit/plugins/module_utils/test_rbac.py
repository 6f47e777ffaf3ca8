# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights of a ServiceAccount: found through every kind of binding, and judged rule by rule."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import rights_of, subject_match, violations
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import judge_rights

from tests.unit.fixtures.verify_world import FakeCluster, forbidden, recorded

BASE = "/apis/rbac.authorization.k8s.io/v1"
Object = dict[str, t.Any]


def rule(verbs: str, resources: str, group: str = "") -> Object:
    return {"apiGroups": [group], "resources": resources.split(","), "verbs": verbs.split(",")}


def binding(name: str, role: str, subject: Object, namespace: str = "", kind: str = "ClusterRole") -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"metadata": metadata, "roleRef": {"kind": kind, "name": role}, "subjects": [subject]}


ME: Object = {"kind": "ServiceAccount", "name": "sa", "namespace": "holmes"}


@pytest.mark.parametrize(("name", "rules"), [("rbac-0.45.0.json", 32), ("rbac-0.16.1.json", 17)])
def test_the_charts_own_rules_only_read(name: str, rules: int) -> None:
    found = recorded(name)
    assert len(found) == rules
    assert violations(found) == []


BAD = [
    (rule("get,create", "pods"), "verbs create"),
    (rule("*", "pods"), "verbs *"),
    (rule("get", "*"), "includes Secrets"),
    (rule("get", "*", "apps"), "wildcard"),
    (rule("get", "pods", "*"), "wildcard"),
    (rule("list", "configmaps,secrets"), "Secrets"),
    (rule("get", "pods/exec"), "more than reading"),
    (rule("get", "nodes/proxy"), "more than reading"),
    (rule("get", "pods/attach"), "more than reading"),
    (rule("get", "pods/portforward"), "more than reading"),
    (rule("get", "*/exec"), "more than reading"),
    (rule("get", "*/proxy"), "more than reading"),
    (rule("get", "pods/*"), "wildcard"),
    (rule("get", "secrets/x"), "Secrets on secrets/x (core)"),
    ({"apiGroups": [""], "resources": ["pods"], "verbs": "get"}, "something that is no list"),
    (rule("impersonate", "users"), "verbs impersonate"),
    (rule("bind,escalate", "clusterroles", "rbac.authorization.k8s.io"), "verbs bind, escalate"),
    (rule("create", "serviceaccounts/token"), "verbs create"),
    ({"nonResourceURLs": ["/metrics"], "verbs": ["get", "post"]}, "verbs post on /metrics"),
]


@pytest.mark.parametrize(("one", "told"), BAD)
def test_a_rule_that_goes_beyond_reading_is_told(one: Object, told: str) -> None:
    (text,) = violations([rule("get,list,watch", "pods"), one])
    assert told in text


@pytest.mark.parametrize(
    "one",
    [
        rule("get,list,watch", "pods,pods/log"),
        rule("get", "secrets", "external-secrets.io"),
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
    ],
)
def test_reading_is_fine(one: Object) -> None:
    assert violations([one]) == []


SUBJECTS = [
    (ME, "ServiceAccount"),
    ({**ME, "namespace": "other"}, ""),
    ({**ME, "name": "other"}, ""),
    ({"kind": "User", "name": "system:serviceaccount:holmes:sa"}, "User"),
    ({"kind": "User", "name": "sa"}, ""),
    ({"kind": "Group", "name": "system:serviceaccounts"}, "system:serviceaccounts"),
    ({"kind": "Group", "name": "system:serviceaccounts:holmes"}, "system:serviceaccounts:holmes"),
    ({"kind": "Group", "name": "system:serviceaccounts:other"}, ""),
    ({"kind": "Group", "name": "system:authenticated"}, "system:authenticated"),
    ({"kind": "Group", "name": "system:masters"}, ""),
]


@pytest.mark.parametrize(("subject", "via"), SUBJECTS)
def test_how_a_binding_reaches_the_account(subject: Object, via: str) -> None:
    assert subject_match(binding("b", "r", subject), "holmes", "sa") == via


def world(*extra: tuple[Object, list[Object]], everywhere: t.Any = None) -> FakeCluster:
    """The chart's binding, what Kubernetes gives to everyone, and ``extra`` bindings with their rules."""
    everyone = {"kind": "Group", "name": "system:authenticated"}
    cluster_bindings = [binding("chart", "chart-role", ME), binding("basic", "system:basic-user", everyone)]
    role_bindings = []
    answers: dict[str, t.Any] = {
        f"{BASE}/clusterroles/chart-role": {"rules": recorded("rbac-0.45.0.json")},
        f"{BASE}/clusterroles/system:basic-user": {"rules": [rule("create", "selfsubjectaccessreviews")]},
    }
    for one, rules in extra:
        where = one["metadata"].get("namespace", "")
        (role_bindings if where else cluster_bindings).append(one)
        role = one["roleRef"]
        base = f"{BASE}/clusterroles" if role["kind"] == "ClusterRole" else f"{BASE}/namespaces/{where}/roles"
        answers[f"{base}/{role['name']}"] = {"rules": rules}
    answers[f"{BASE}/clusterrolebindings"] = cluster_bindings
    answers[f"{BASE}/rolebindings"] = everywhere if everywhere is not None else role_bindings
    answers[f"{BASE}/namespaces/holmes/rolebindings"] = [
        one for one in role_bindings if one["metadata"]["namespace"] == "holmes"
    ]
    return FakeCluster(answers)


def test_the_charts_rights_pass_and_everyones_are_named_as_excluded() -> None:
    rights = rights_of(world(), "holmes", "sa")
    check = judge_rights(rights, "ServiceAccount holmes/sa")
    assert check.status == "pass"
    assert "32 rules" in check.message
    assert check.evidence["excluded"] == ["system:basic-user: for everyone, creates only reviews of its own rights"]


GROUP = {"kind": "Group", "name": "system:serviceaccounts:holmes"}
EXTRA = [
    (binding("extra", "writer", ME), "writer"),
    (binding("extra", "writer", ME, "far-away", "Role"), "far-away"),
    (binding("extra", "writer", GROUP), "system:serviceaccounts:holmes"),
    (binding("extra", "writer", {"kind": "Group", "name": "system:authenticated"}), "system:authenticated"),
    (binding("extra", "edit", ME, "holmes"), "edit"),
]


@pytest.mark.parametrize(("one", "told"), EXTRA)
def test_one_more_verb_anywhere_is_found_and_named(one: Object, told: str) -> None:
    check = judge_rights(rights_of(world((one, [rule("get,patch", "pods")])), "holmes", "sa"), "sa")
    assert check.status == "fail"
    for text in ("verbs patch on pods (core)", "extra", told):
        assert text in check.message
    assert check.fix


def test_a_binding_to_a_role_that_is_gone_gives_nothing() -> None:
    cluster = world((binding("dangling", "gone", ME), []))
    del cluster.answers[f"{BASE}/clusterroles/gone"]
    assert judge_rights(rights_of(cluster, "holmes", "sa"), "sa").status == "pass"


def test_what_could_not_be_seen_is_not_a_pass_but_what_was_seen_still_fails() -> None:
    blind = world(everywhere=forbidden("list rolebindings"))
    check = judge_rights(rights_of(blind, "holmes", "sa"), "sa")
    assert check.status == "not_checked"
    assert "cannot list rolebindings" in check.message
    bad = world((binding("x", "writer", ME, "holmes", "Role"), [rule("delete", "pods")]), everywhere=forbidden("list"))
    assert judge_rights(rights_of(bad, "holmes", "sa"), "sa").status == "fail"


def test_without_the_right_to_read_bindings_the_error_names_it() -> None:
    with pytest.raises(KubeError, match="cannot list clusterrolebindings"):
        rights_of(FakeCluster({f"{BASE}/clusterrolebindings": forbidden("list clusterrolebindings")}), "holmes", "sa")
