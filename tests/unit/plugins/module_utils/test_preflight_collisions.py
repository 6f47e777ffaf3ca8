# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else owns what the release would make, and the state that Helm has recorded."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_collisions as collisions
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_release as state
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release

from tests.unit.fixtures.cluster_world import NAMESPACE, OURS, container, deployment, live, made, ours, role
from tests.unit.fixtures.verify_world import forbidden

Object = dict[str, t.Any]
CONFIG = collisions.CONFIG_MAP


def owned(kind: str, name: str, release: str = "holmes", namespace: str = NAMESPACE, **labels: str) -> Object:
    notes = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    labels = {"app.kubernetes.io/managed-by": "Helm", **labels}
    return made(kind, name, metadata={"annotations": notes, "labels": labels})


def conflict(rendered: Object | None = None, found: Object | None = None, **more: t.Any) -> Check:
    objects = [live(rendered or role(), found)]
    deployments, config_map = more.get("deployments", []), more.get("config_map")
    return collisions.judge(objects, deployments, config_map, "holmes", NAMESPACE, more.get("unread", []))


OTHER = {
    **deployment(container(), name="ai-holmes"),
    **{"metadata": owned("Deployment", "ai-holmes", "ai")["metadata"]},
}
MINE = {**deployment(container()), "metadata": {"name": "holmes-holmes", **OURS}}
WEB = deployment(container("nginx"), name="web")
WEB["spec"]["template"]["metadata"]["labels"] = {"app": "web"}
ROWS: list[tuple[dict[str, t.Any], str, str, str]] = [
    ({}, "pass", "No name is taken", ""),
    ({"found": ours("ClusterRole", "reader")}, "pass", "1 of 1 objects exist and belong to this release", ""),
    (
        {"found": owned("ClusterRole", "reader", namespace="elsewhere")},
        "fail",
        "ClusterRole/reader exists and belongs to Helm release 'holmes' of namespace 'elsewhere'",
        "another holmes_release_name",
    ),
    (
        {"found": made("ClusterRole", "reader")},
        "fail",
        "ClusterRole/reader exists and belongs to no Helm release",
        "kubectl annotate clusterroles.rbac.authorization.k8s.io/reader meta.helm.sh/release-name=holmes",
    ),
    (
        {"rendered": made("ServiceAccount", "sa"), "found": made("ServiceAccount", "sa", metadata={"labels": {}})},
        "fail",
        "ServiceAccount/sa exists",
        "kubectl label -n holmes serviceaccounts/sa app.kubernetes.io/managed-by=Helm",
    ),
    (
        {"found": made("ClusterRole", "reader", metadata={"annotations": OURS["annotations"]})},
        "fail",
        "no Helm release",
        "managed-by=Helm",
    ),
    (
        {"found": made("ClusterRole", "reader", metadata={"labels": {"argocd.argoproj.io/instance": "apps"}})},
        "fail",
        "Argo CD 'apps'",
        "holmes_release_name",
    ),
    (
        {"rendered": made("ConfigMap", CONFIG), "found": owned("ConfigMap", CONFIG, "ai")},
        "fail",
        "Helm release 'ai'",
        "holmes_namespace",
    ),
    ({"config_map": made("ConfigMap", CONFIG)}, "fail", "HolmesGPT would read it as its own", "Delete ConfigMap"),
    ({"config_map": ours("ConfigMap", CONFIG)}, "pass", "", ""),
    ({"deployments": [OTHER]}, "fail", "Deployment/ai-holmes of Helm release 'ai'", "holmes_namespace"),
    ({"deployments": [deployment(container(), name="hand-made")]}, "fail", "hand-made of no Helm release", "remove"),
    ({"deployments": [MINE, WEB]}, "pass", "", ""),
    ({"unread": [forbidden("list deployments")]}, "not_checked", "cannot list deployments", "'list' on deployments"),
]


@pytest.mark.parametrize(("more", "status", "said", "fix"), ROWS)
def test_conflicts(more: dict[str, t.Any], status: str, said: str, fix: str) -> None:
    check = conflict(**more)
    assert (check.id, check.status) == ("release.conflict", status), check.message
    assert said in check.message and fix in check.fix
    assert bool(check.fix) == (status != "pass")


def test_a_foreign_deployment_of_our_name_is_named_once() -> None:
    foreign = {**deployment(container()), "metadata": owned("Deployment", "holmes-holmes", "ai")["metadata"]}
    check = collisions.judge([live(deployment(container()), foreign)], [foreign], None, "holmes", NAMESPACE)
    assert check.status == "fail" and check.message.count("holmes-holmes") == 1


def test_what_may_not_be_read_hides_no_conflict() -> None:
    blind = live(made("Service", "s"), error=forbidden("get services"))
    assert collisions.judge([blind], [], None, "holmes", NAMESPACE).status == "not_checked"
    assert collisions.judge([blind], [OTHER], None, "holmes", NAMESPACE).status == "fail"


@pytest.mark.parametrize(
    ("labels", "annotations", "tool"),
    [
        ({}, {"argocd.argoproj.io/tracking-id": "apps:apps/Deployment:holmes/holmes-holmes"}, "Argo CD 'apps'"),
        ({"helm.toolkit.fluxcd.io/name": "holmes"}, {}, "Flux (HelmRelease) 'holmes'"),
        ({"kustomize.toolkit.fluxcd.io/name": "sre"}, {}, "Flux (Kustomization) 'sre'"),
        ({"app.kubernetes.io/instance": "holmes"}, {}, ""),
    ],
)
def test_gitops(labels: Object, annotations: Object, tool: str) -> None:
    found = made("ClusterRole", "reader", metadata={"labels": labels, "annotations": annotations})
    check = collisions.judge_keepers([live(role(), found)])
    assert check.id == "release.gitops"
    assert check.status == ("warn" if tool else "pass")
    assert tool in check.message and bool(check.fix) == bool(tool)


def test_gitops_without_the_right_to_look() -> None:
    check = collisions.judge_keepers([live(role(), error=forbidden("get clusterroles"))])
    assert check.status == "not_checked" and "'get'" in check.fix


VALUES = {"image": "holmes:0.45.0"}


# What is known of a Secret only later is no difference.
MARKED = {**VALUES, "podAnnotations": {"holmesgpt.onprem/secrets-checksum": "ab"}}


def revision(
    status: str, began: str = "1970-01-01T00:16:40Z", description: str = "", values: Object | None = None
) -> Release:
    names = ("holmes", NAMESPACE, 3, status, "holmes", "0.45.0", "0.45.0", began, "", description, "s", "7")
    return Release(*names, config=values or VALUES)


STATES: list[tuple[list[Release], dict[str, t.Any], float, str, str]] = [
    ([], VALUES, 0, "pass", "Helm installs: there is no release yet"),
    ([revision("deployed")], VALUES, 0, "pass", "Nothing to apply: revision 3 is deployed"),
    ([revision("deployed", values=MARKED)], VALUES, 0, "pass", "Nothing to apply"),
    ([revision("deployed", values={**MARKED, "x": 1})], VALUES, 0, "pass", "Helm upgrades"),
    ([revision("deployed")], {"image": "other"}, 0, "pass", "Helm upgrades: the values or the chart archive differ"),
    ([revision("failed", description="timed out.")], VALUES, 0, "warn", "revision 3 is failed (timed out)"),
    ([revision("uninstalled")], VALUES, 0, "warn", "revision 3 is uninstalled"),
    ([revision("pending-upgrade")], VALUES, 1060, "warn", "waits up to 240 s"),
    ([revision("pending-install")], VALUES, 1400, "warn", "marks it failed"),
    ([revision("uninstalling", began="")], VALUES, 9999, "warn", "since an unknown time: another run"),
    ([revision("failed"), revision("deployed")], VALUES, 0, "pass", "is deployed"),
]


def test_a_secret_that_changes_is_a_reason_to_apply() -> None:
    check = state.judge([revision("deployed", values=MARKED)], VALUES, 0, 300.0, ["holmes-secrets"])
    assert check.evidence["apply"] is True
    assert check.message == "Helm upgrades: the content of Secret holmes-secrets changes, which rolls the pods."


@pytest.mark.parametrize(("found", "values", "now", "status", "said"), STATES)
def test_the_state_of_the_release(found: list[Release], values: Object, now: float, status: str, said: str) -> None:
    check = state.judge(found, values, now, 300.0)
    assert (check.id, check.status) == ("cluster.release", status)
    assert said in check.message
    assert bool(check.fix) == (status != "pass")
