# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights of a ServiceAccount: found through every kind of binding, and judged rule by rule."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_everyone import beyond
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
EVERYONE: Object = {"kind": "Group", "name": "system:authenticated"}
ANYBODY: Object = {"kind": "Group", "name": "system:unauthenticated"}
REVIEWS = rule("create", "selfsubjectaccessreviews,selfsubjectrulesreviews", "authorization.k8s.io")


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
    ({"kind": "Group", "name": "ServiceAccount"}, ""),
    ({"kind": "Group", "name": "User"}, ""),
    ({"kind": "Group", "name": "system:serviceaccount:holmes:sa"}, ""),
    ({"kind": "Group", "name": "system:anonymous"}, ""),
    ({"kind": "Group", "name": "system:unauthenticated"}, "system:unauthenticated"),
    ({"kind": "User", "name": "system:anonymous"}, "system:anonymous"),
    ({"kind": "User", "name": "system:authenticated"}, ""),
]


@pytest.mark.parametrize(("subject", "via"), SUBJECTS)
def test_how_a_binding_reaches_the_account(subject: Object, via: str) -> None:
    assert subject_match(binding("b", "r", subject), "holmes", "sa") == via


def test_of_several_subjects_the_narrowest_counts() -> None:
    both = {**binding("b", "r", ANYBODY), "subjects": [ANYBODY, EVERYONE, ME]}
    assert subject_match(both, "holmes", "sa") == "ServiceAccount"
    both["subjects"] = [ANYBODY, EVERYONE]
    assert subject_match(both, "holmes", "sa") == "system:authenticated"
    assert subject_match({"metadata": {}}, "holmes", "sa") == ""


def test_a_subject_without_a_namespace_is_in_that_of_its_binding() -> None:
    subject = {"kind": "ServiceAccount", "name": "sa"}
    assert subject_match(binding("b", "r", subject, "holmes"), "holmes", "sa") == "ServiceAccount"
    assert subject_match(binding("b", "r", subject, "other"), "holmes", "sa") == ""


def world(*extra: tuple[Object, list[Object]], everywhere: t.Any = None) -> FakeCluster:
    """The chart's binding, what Kubernetes gives to everyone, and ``extra`` bindings with their rules."""
    cluster_bindings = [binding("chart", "chart-role", ME), binding("basic", "system:basic-user", EVERYONE)]
    role_bindings = []
    answers: dict[str, t.Any] = {
        f"{BASE}/clusterroles/chart-role": {"rules": recorded("rbac-0.45.0.json")},
        f"{BASE}/clusterroles/system:basic-user": {"rules": [REVIEWS]},
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
NOBODY = {"kind": "User", "name": "system:anonymous"}
EXTRA = [
    (binding("extra", "writer", ME), "writer"),
    (binding("extra", "writer", ME, "far-away", "Role"), "far-away"),
    (binding("extra", "writer", ME, "far-away"), "far-away"),
    (binding("extra", "writer", {"kind": "User", "name": "system:serviceaccount:holmes:sa"}), "User"),
    (binding("extra", "writer", {"kind": "Group", "name": "system:serviceaccounts"}), "system:serviceaccounts"),
    (binding("extra", "writer", GROUP), "system:serviceaccounts:holmes"),
    (binding("extra", "writer", EVERYONE), "system:authenticated"),
    (binding("extra", "writer", ANYBODY), "system:unauthenticated"),
    (binding("extra", "writer", NOBODY), "system:anonymous"),
    (binding("extra", "edit", ME, "holmes"), "edit"),
    # A well-known name makes nothing harmless.
    (binding("extra", "system:discovery", EVERYONE), "system:discovery"),
    (binding("extra", "system:webhook", ANYBODY), "system:webhook"),
]


@pytest.mark.parametrize(("one", "told"), EXTRA)
def test_one_more_verb_anywhere_is_found_and_named(one: Object, told: str) -> None:
    rights = rights_of(world((one, [rule("get,list", "pods"), rule("get,patch", "pods")])), "holmes", "sa")
    check = judge_rights(rights, "sa")
    assert check.status == "fail"
    for text in ("verbs patch on pods (core)", "extra", told):
        assert text in check.message
    assert check.fix


def test_an_aggregated_role_is_judged_by_what_it_has_collected() -> None:
    """The controller writes the collected rules into the role, where the API server's authorizer reads them, too."""
    one = binding("extra", "collects", ME)
    cluster = world((one, []))
    collected = {"aggregationRule": {"clusterRoleSelectors": [{}]}, "rules": [rule("delete", "pods")]}
    cluster.answers[f"{BASE}/clusterroles/collects"] = collected
    check = judge_rights(rights_of(cluster, "holmes", "sa"), "sa")
    assert check.status == "fail" and "verbs delete on pods (core)" in check.message


def scc(*names: str) -> Object:
    return {**rule("use", "securitycontextconstraints", "security.openshift.io"), "resourceNames": list(names)}


LEGACY = ("", "build.openshift.io")
# What OpenShift binds to everyone, as its operator writes it.
OPENSHIFT = [
    ("basic-user", [REVIEWS, {**rule("get", "users", "user.openshift.io"), "resourceNames": ["~"]}]),
    ("self-access-reviewer", [rule("create", "selfsubjectrulesreviews", "authorization.openshift.io"), REVIEWS]),
    ("system:build-strategy-docker", [{**rule("create", "builds/docker"), "apiGroups": list(LEGACY)}]),
    ("system:build-strategy-source", [{**rule("create", "builds/source"), "apiGroups": list(LEGACY)}]),
    (
        "system:build-strategy-jenkinspipeline",
        [{**rule("create", "builds/jenkinspipeline"), "apiGroups": list(LEGACY)}],
    ),
    ("system:webhook", [{**rule("create,get", "buildconfigs/webhooks"), "apiGroups": list(LEGACY)}]),
    ("system:oauth-token-deleter", [rule("delete", "oauthaccesstokens,oauthauthorizetokens", "oauth.openshift.io")]),
    (
        "system:scope-impersonation",
        [rule("impersonate", "userextras/scopes.authorization.openshift.io", "authentication.k8s.io")],
    ),
    ("system:openshift:scc:restricted-v2", [scc("restricted-v2")]),
    ("system:discovery", [{"nonResourceURLs": ["/api/*", "/version"], "verbs": ["get"]}]),
]


@pytest.mark.parametrize("subject", [EVERYONE, ANYBODY])
def test_what_openshift_gives_to_everyone_is_left_out_and_told(subject: Object) -> None:
    cluster = world(*[(binding(f"b{name}", name, subject), rules) for name, rules in OPENSHIFT])
    check = judge_rights(rights_of(cluster, "holmes", "sa"), "sa")
    assert check.status == "pass" and "32 rules" in check.message
    told = " ".join(check.evidence["excluded"])
    assert all(f"{name}: " in told for name, _rules in OPENSHIFT)
    assert "lets its pods use OpenShift's profile restricted-v2, which restricts them" in told


@pytest.mark.parametrize(("name", "rules"), OPENSHIFT)
@pytest.mark.parametrize(("key", "more"), [("verbs", "update"), ("resources", "pods"), ("apiGroups", "apps")])
def test_one_more_thing_in_what_everyone_has_is_found(name: str, rules: list[Object], key: str, more: str) -> None:
    wide = [{**one, key: [*one[key], more]} for one in rules if key in one]
    cluster = world((binding("b", name, EVERYONE), [*rules, *wide]))
    status = judge_rights(rights_of(cluster, "holmes", "sa"), "sa").status
    # A role that gives only URLs has no resource that could be widened.
    assert status == ("fail" if wide else "pass")


def test_a_gift_is_known_only_in_its_own_shape() -> None:
    odd = [{**REVIEWS, "nonResourceURLs": ["/x"]}, {**REVIEWS, "apiGroups": []}, {**REVIEWS, "resources": None}]
    assert beyond("system:basic-user", [REVIEWS, *odd]) == odd
    assert beyond("system:discovery", [REVIEWS]) == [REVIEWS]
    assert beyond("unknown", [rule("get", "pods")]) == [rule("get", "pods")]


@pytest.mark.parametrize("names", [("privileged",), ("anyuid",), ("restricted-v2", "hostaccess"), ()])
def test_a_profile_that_gives_more_is_found(names: tuple[str, ...]) -> None:
    check = judge_rights(rights_of(world((binding("b", "scc", ME), [scc(*names)])), "holmes", "sa"), "sa")
    assert check.status == "fail" and "verbs use on securitycontextconstraints" in check.message


def test_a_role_that_only_names_a_profile_leaves_no_grant_but_its_other_rules_do() -> None:
    two = world((binding("b", "scc", ME), [scc("nonroot-v2"), rule("get", "pods")]))
    rights = rights_of(two, "holmes", "sa")
    assert [(grant.role, len(grant.rules or [])) for grant in rights.grants] == [("chart-role", 32), ("scc", 1)]
    assert "nonroot-v2" in " ".join(rights.excluded)


def test_a_pod_security_policy_for_everyone_is_left_out_and_told() -> None:
    policy = {**rule("use", "podsecuritypolicies", "policy"), "resourceNames": ["eks.privileged"]}
    both = world((binding("b", "eks:podsecuritypolicy:privileged", EVERYONE), [policy]))
    rights = rights_of(both, "holmes", "sa")
    assert [grant.role for grant in rights.grants] == ["chart-role"]
    assert "eks:podsecuritypolicy:privileged: lets its pods start with a PodSecurityPolicy" in " ".join(rights.excluded)
    more = world((binding("b", "psp", EVERYONE), [policy, rule("create", "pods")]))
    assert judge_rights(rights_of(more, "holmes", "sa"), "sa").status == "fail"


def test_a_binding_to_a_role_that_is_gone_gives_nothing() -> None:
    cluster = world((binding("dangling", "gone", ME), []))
    del cluster.answers[f"{BASE}/clusterroles/gone"]
    assert judge_rights(rights_of(cluster, "holmes", "sa"), "sa").status == "pass"


def test_a_role_is_read_once_however_often_it_is_bound() -> None:
    many = [(binding(f"b{number}", "shared", GROUP, f"ns{number}"), [rule("get", "pods")]) for number in range(5)]
    cluster = world(*many)
    assert len(rights_of(cluster, "holmes", "sa").grants) == 6
    assert sum("clusterroles/shared" in path for path in cluster.asked) == 1


def test_what_could_not_be_seen_is_not_a_pass_but_what_was_seen_still_fails() -> None:
    blind = world(everywhere=forbidden("list rolebindings"))
    check = judge_rights(rights_of(blind, "holmes", "sa"), "sa")
    assert check.status == "not_checked"
    assert "cannot list rolebindings" in check.message
    bad = world((binding("x", "writer", ME, "holmes", "Role"), [rule("delete", "pods")]), everywhere=forbidden("list"))
    assert judge_rights(rights_of(bad, "holmes", "sa"), "sa").status == "fail"


@pytest.mark.parametrize("hidden", ["clusterrolebindings", "clusterroles/chart-role"])
def test_one_thing_that_may_not_be_read_hides_no_other(hidden: str) -> None:
    bad = world((binding("x", "writer", ME, "holmes", "Role"), [rule("delete", "pods")]))
    bad.answers[f"{BASE}/{hidden}"] = forbidden("see it")
    rights = rights_of(bad, "holmes", "sa")
    assert "cannot see it" in " ".join(rights.unread)
    assert judge_rights(rights, "sa").status == "fail"
    fine = world()
    fine.answers[f"{BASE}/{hidden}"] = forbidden("see it")
    assert judge_rights(rights_of(fine, "holmes", "sa"), "sa").status == "not_checked"


def test_without_the_right_to_read_bindings_the_error_names_it() -> None:
    paths = ("clusterrolebindings", "rolebindings", "namespaces/holmes/rolebindings")
    blind = FakeCluster({f"{BASE}/{path}": forbidden(f"list {path}") for path in paths})
    with pytest.raises(KubeError, match="cannot list clusterrolebindings"):
        rights_of(blind, "holmes", "sa")


@pytest.mark.parametrize("broken", ["clusterrolebindings", "rolebindings", "clusterroles/chart-role"])
def test_a_fault_of_the_api_server_is_no_missing_right(broken: str) -> None:
    cluster = world()
    cluster.answers[f"{BASE}/{broken}"] = KubeError("The API server refused it (500): etcd.", 500)
    with pytest.raises(KubeError, match="etcd"):
        rights_of(cluster, "holmes", "sa")
