# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about a release that was removed, on a cluster of answers."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers import removed_check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import encode_payload

from tests.unit.fixtures.verify_world import FakeCluster, forbidden

SECRETS = "/api/v1/namespaces/holmes/secrets"
NAMESPACE = "/api/v1/namespaces/holmes"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
Object = dict[str, t.Any]


def secret(name: str, kind: str = "Opaque") -> Object:
    return {"metadata": {"name": name}, "type": kind, "data": {"key": "Y2FuYXJ5"}}


def revision(status: str) -> Object:
    release = {"name": "holmes", "namespace": "holmes", "version": 3, "info": {"status": status}}
    made = secret("sh.helm.release.v1.holmes.v3", "helm.sh/release.v1")
    return {**made, "data": {"release": encode_payload(release)}}


def owned(name: str, release: str = "holmes", namespace: str = "holmes") -> Object:
    annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    return {"metadata": {"name": name, "annotations": annotations}}


def world(*, secrets: t.Any = (), revisions: t.Any = (), **more: t.Any) -> FakeCluster:
    """A cluster that answers every list; ``more`` are lists by kind, or an error."""

    def answer(query: t.Mapping[str, str]) -> list[Object]:
        return list(revisions) if "owner=helm" in query.get("labelSelector", "") else [*secrets, *revisions]

    answers: Object = {SECRETS: answer}
    for kind, path in {"crds": CRDS, "roles": ROLES, "bindings": BINDINGS}.items():
        answers[path] = more.get(kind, [])
    if "namespace" in more:
        answers[NAMESPACE] = more["namespace"]
    return FakeCluster(answers)


def check(cluster: FakeCluster) -> Check:
    return removed_check(cluster, "holmes", "holmes")


def left(cluster: FakeCluster) -> list[str]:
    found = check(cluster)
    assert found.status == "pass"
    names: list[str] = found.evidence["left_behind"]
    return names


@pytest.mark.parametrize("status", ["deployed", "uninstalling"])
def test_a_release_that_helm_still_knows_is_a_failure(status: str) -> None:
    found = check(world(revisions=[revision(status)]))
    assert found.status == "fail"
    assert status in found.message
    assert "helm uninstall holmes -n holmes" in found.fix


def test_nothing_left_is_nothing_to_say() -> None:
    found = check(world())
    assert (found.status, found.evidence["left_behind"]) == ("pass", [])
    assert "kubectl delete" not in found.message


def test_what_helm_leaves_is_named_with_how_to_remove_it() -> None:
    found = check(
        world(
            secrets=[secret("holmes-secrets"), secret("holmes-registry", "kubernetes.io/dockerconfigjson")],
            crds=[{"metadata": {"name": "healthchecks.holmesgpt.dev"}}],
            roles=[owned("holmes-role")],
            bindings=[owned("holmes-binding")],
            namespace={"metadata": {"name": "holmes"}},
        )
    )
    assert set(found.evidence["left_behind"]) == {
        "secret/holmes-secrets -n holmes",
        "secret/holmes-registry -n holmes",
        "crd/healthchecks.holmesgpt.dev",
        "clusterrole/holmes-role",
        "clusterrolebinding/holmes-binding",
        "namespace/holmes",
    }
    for name in found.evidence["left_behind"]:
        assert name in found.message
    assert "kubectl delete" in found.message
    assert "Y2FuYXJ5" not in str(found)


def test_what_belongs_to_others_is_not_named() -> None:
    assert not left(
        world(
            secrets=[secret("holmes-token", "kubernetes.io/service-account-token")],
            crds=[{"metadata": {"name": "certificates.cert-manager.io"}}],
            roles=[{"metadata": {"name": "view"}}, owned("a", release="other"), owned("b", namespace="elsewhere")],
            bindings=[{"metadata": {"name": "cluster-admin", "annotations": None}}],
        )
    )


@pytest.mark.parametrize("kind", ["crds", "roles", "bindings", "namespace"])
def test_what_may_not_be_read_is_left_out(kind: str) -> None:
    world_with_refusal = world(secrets=[secret("holmes-secrets")], **{kind: forbidden("look")})
    assert left(world_with_refusal) == ["secret/holmes-secrets -n holmes"]


@pytest.mark.parametrize("kind", ["crds", "roles", "bindings", "namespace"])
def test_a_cluster_that_goes_away_is_no_pass(kind: str) -> None:
    with pytest.raises(KubeError, match="gone"):
        check(world(**{kind: KubeError("gone", 500)}))


def test_revisions_that_may_not_be_read_are_no_pass() -> None:
    cluster = world()
    cluster.answers[SECRETS] = forbidden("list secrets")
    with pytest.raises(KubeError, match="list secrets"):
        check(cluster)
