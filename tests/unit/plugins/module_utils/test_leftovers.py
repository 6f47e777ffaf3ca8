# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about a release that was removed, and what is removed with it, on a server that keeps objects."""

from __future__ import annotations

import copy
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers import Search
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers_remove import KINDS, Removal, rows

from tests.unit.fixtures.drift_world import NS, Api, by_helm, record, release

Object = dict[str, t.Any]
LABEL = {"app.kubernetes.io/managed-by": "holmesgpt.onprem"}
CANARY = "Y2FuYXJ5"
RBAC, EXT = "rbac.authorization.k8s.io/v1", "apiextensions.k8s.io/v1"


def thing(kind: str, name: str, version: str = "v1", *, ours: bool = False, **more: t.Any) -> Object:
    metadata: Object = {"name": name, "labels": dict(LABEL) if ours else {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def secret(name: str, *, ours: bool = True, kind: str = "Opaque") -> Object:
    return thing("Secret", name, ours=ours, type=kind, data={"key": CANARY})


def crd(*, ours: bool = True) -> Object:
    names = {"plural": "healthchecks"}
    spec = {"group": "holmesgpt.dev", "names": names, "versions": [{"name": "v1alpha1", "served": True}]}
    return thing("CustomResourceDefinition", "healthchecks.holmesgpt.dev", EXT, ours=ours, spec=spec)


def health_check(namespace: str) -> Object:
    made = thing("HealthCheck", "one", "holmesgpt.dev/v1alpha1")
    made["metadata"]["namespace"] = namespace
    return made


def deployment(name: str, namespace: str = NS) -> Object:
    template = {"spec": {"containers": [{"name": "holmes"}]}}
    made = thing("Deployment", name, "apps/v1", spec={"template": template})
    made["metadata"]["namespace"] = namespace
    return made


def uninstalled(*more: Object) -> Api:
    """What is left of an installation that this collection made, and what every namespace has."""
    api = Api()
    usual = secret("default-token", ours=False, kind="kubernetes.io/service-account-token")
    usual["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    api.add(
        thing("Namespace", NS, ours=True),
        secret("holmes-secrets"),
        by_helm(thing("ClusterRole", "obs-role", RBAC)),
        by_helm(thing("ClusterRoleBinding", "obs-binding", RBAC)),
        thing("ClusterRole", "view", RBAC),
        by_helm(thing("ClusterRole", "other-role", RBAC), "other"),
        crd(),
        usual,
        thing("ConfigMap", "kube-root-ca.crt"),
        thing("ServiceAccount", "default"),
        thing("Lease", "holmesgpt-onprem-holmes", "coordination.k8s.io/v1", ours=True),
        *more,
    )
    return api


def run(api: Api, *remove: str, check_mode: bool = False, **options: t.Any) -> Removal:
    search = Search(api.cluster, NS, "holmes", ("holmes-secrets", "holmes-registry"))
    removal = Removal(api.cluster, search, remove, check_mode, **options)
    removal.run()
    assert CANARY not in str(removal.checks)
    assert [check.id for check in removal.checks] == ["release.removed", "release.leftovers"]
    return removal


def leftovers(removal: Removal) -> Check:
    return removal.checks[1]


OURS = [
    f"secret/holmes-secrets -n {NS}",
    "clusterrolebinding/obs-binding",
    "clusterrole/obs-role",
    "crd/healthchecks.holmesgpt.dev",
    f"namespace/{NS}",
]


def test_what_is_left_is_listed_with_its_owner_and_nothing_is_removed() -> None:
    api = uninstalled(
        secret("holmes-registry", ours=False), thing("PersistentVolumeClaim", "data"), by_helm(secret("x"), "other")
    )
    removal = run(api)
    assert (api.writes, removal.removed) == ([], [])
    listed = {row["what"]: (row["owner"], row["why"]) for row in rows(removal.left)}
    assert set(OURS) < set(listed)
    assert listed["clusterrole/obs-role"][0] == "this release's"
    assert listed[f"secret/holmes-secrets -n {NS}"][0] == "ours"
    assert listed[f"secret/holmes-registry -n {NS}"] == (
        "somebody else's",
        "this role uses it, but somebody else made it",
    )
    assert listed[f"persistentvolumeclaim/data -n {NS}"][0] == "somebody else's"
    assert len(listed) == len(OURS) + 3
    assert leftovers(removal).status == "pass"
    assert "holmes_remove: [secrets, cluster_roles, crds, namespace]" in leftovers(removal).message


@pytest.mark.parametrize("check_mode", [True, False])
def test_everything_that_is_ours_goes_in_order_and_once(check_mode: bool) -> None:
    api = uninstalled()
    before = copy.deepcopy(api.stored)
    removal = run(api, *reversed(KINDS), check_mode=check_mode)
    assert [one.what for one in removal.removed] == OURS
    assert (rows(removal.left), leftovers(removal).status) == ([], "pass")
    assert ("Would be removed" in leftovers(removal).message) == check_mode
    if check_mode:
        assert (api.writes, api.stored) == ([], before)
        return
    assert sorted(one["metadata"]["name"] for one in api.stored.values()) == ["other-role", "view"]
    assert all(body["preconditions"]["uid"] for _method, _path, body, _query in api.writes)
    again = run(api, *KINDS)
    assert (again.removed, leftovers(again).message) == ([], "Nothing is left.")


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_asked_for_goes(kind: str) -> None:
    removal = run(uninstalled(), kind)
    assert {one.asked for one in removal.removed} == {kind}


def somebody_elses() -> list[tuple[str, list[Object], str]]:
    foreign = thing("Namespace", NS)
    return [
        ("secrets", [secret("holmes-secrets", ours=False)], f"secret/holmes-secrets -n {NS}"),
        ("secrets", [by_helm(secret("theirs", ours=False), "other")], "Helm release 'other'"),
        ("crds", [crd(ours=False)], "crd/healthchecks.holmesgpt.dev"),
        ("crds", [health_check("a"), health_check("b")], "2 healthchecks.holmesgpt.dev (namespaces a, b)"),
        ("crds", [by_helm(deployment("other-holmes", "elsewhere"), "other")], "other-holmes -n elsewhere"),
        ("namespace", [foreign], f"namespace/{NS}"),
        ("namespace", [deployment("web")], "deployment/web"),
        ("namespace", [secret("theirs", ours=False)], "secret/theirs"),
        ("namespace", [health_check(NS)], "healthcheck/one"),
    ]


@pytest.mark.parametrize(("kind", "more", "named"), somebody_elses())
def test_what_is_not_ours_or_still_needed_is_left_alone(kind: str, more: list[Object], named: str) -> None:
    api = uninstalled(*more)
    before = set(api.stored)
    removal = run(api, kind)
    check = leftovers(removal)
    assert (check.status, named in check.message) == ("warn", True)
    # Of the Secrets those that are ours go all the same.
    gone = {path.rpartition("/")[2] for path in before - set(api.stored)}
    assert (
        gone == {one.name for one in removal.removed} <= {"holmes-secrets"} - {one["metadata"]["name"] for one in more}
    )


def test_another_helm_release_keeps_the_namespace() -> None:
    other = record(release("", 1))
    other["metadata"]["labels"]["name"] = "other"
    removal = run(uninstalled(other), "namespace")
    assert (removal.removed, leftovers(removal).status) == ([], "warn")


@pytest.mark.parametrize("status", ["deployed", "uninstalling", "uninstalled"])
def test_as_long_as_helm_knows_the_release_nothing_is_removed(status: str) -> None:
    api = uninstalled(record(release("", 2, status)))
    removal = run(api, *KINDS)
    assert (removal.checks[0].status, api.writes) == ("fail", [])
    assert status in removal.checks[0].message
    assert f"helm uninstall holmes -n {NS}" in removal.checks[0].fix
    assert "this release's" in [row["owner"] for row in rows(removal.left) if "sh.helm.release" in row["what"]]


def test_check_mode_before_the_uninstall_counts_what_helm_will_take_as_gone() -> None:
    manifest = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: obs-role}\n---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: holmes-holmes}\n"
    )
    api = uninstalled(record(release(manifest)), by_helm(deployment("holmes-holmes")))
    removal = run(api, *KINDS, check_mode=True)
    assert removal.checks[0].status == "not_checked"
    assert [one.what for one in removal.removed] == [one for one in OURS if one != "clusterrole/obs-role"]
    assert (api.writes, removal.left) == ([], [])


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("secrets", "delete /api/v1/namespaces/obs/secrets/holmes-secrets"),
        ("cluster_roles", "clusterrolebindings"),
        ("crds", "customresourcedefinitions"),
        ("crds", "/apis/apps/v1/deployments"),
        ("crds", "healthchecks"),
        ("namespace", "persistentvolumeclaims"),
        ("namespace", "delete /api/v1/namespaces/obs"),
    ],
)
def test_a_right_that_is_missing_for_what_was_asked_is_a_failure(kind: str, refused: str) -> None:
    api = uninstalled()
    api.refuse = {refused: 403}
    check = leftovers(run(api, kind))
    assert (check.status, "eve cannot" in check.message, kind in check.fix) == ("fail", True, True)


def test_a_right_that_is_missing_to_look_is_no_pass() -> None:
    api = uninstalled()
    api.refuse = {"customresourcedefinitions": 403}
    check = leftovers(run(api))
    assert (check.status, "eve cannot" in check.message) == ("not_checked", True)


def test_a_cluster_that_goes_away_is_no_pass() -> None:
    api = uninstalled()
    api.refuse = {"customresourcedefinitions": 500}
    with pytest.raises(KubeError, match="500"):
        run(api)


def test_another_object_of_the_same_name_is_not_removed() -> None:
    api = uninstalled()
    path = f"/api/v1/namespaces/{NS}/secrets/holmes-secrets"

    def replaced() -> None:
        api.stored[path] = {**secret("holmes-secrets"), "metadata": {"name": "holmes-secrets", "uid": "new"}}

    api.meanwhile = replaced
    assert leftovers(run(api, "secrets")).status == "fail"
    assert path in api.stored


def test_a_namespace_that_does_not_go_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    api = uninstalled()
    write, now = api._write, [0.0]

    def slow(method: str, path: str, *rest: t.Any) -> Object:
        if path == f"/api/v1/namespaces/{NS}":
            api.stored[path]["metadata"]["deletionTimestamp"] = "T"
            return api.stored[path]
        return write(method, path, *rest)

    monkeypatch.setattr(api, "_write", slow)
    clock = Clock(lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))
    removal = run(api, "namespace", clock=clock)
    assert (leftovers(removal).status, now[0]) == ("warn", 120.0)
    assert "still being deleted" in leftovers(removal).message
    writes = len(api.writes)
    assert run(api, "namespace", clock=clock).removed == []
    assert len(api.writes) == writes
