# SPDX-License-Identifier: GPL-3.0-or-later
"""The preview of an upgrade as a whole: real charts, rendered by Helm, against a release as Helm records it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _chart,
    _preflight,
    _preflight_cluster,
    _preflight_gate,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_upgrade import IDS, difference
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION

from tests.unit.fixtures.cluster_world import FakeApi, discovery
from tests.unit.fixtures.upgrade_world import (
    NEW,
    OLD,
    SECRETS,
    VALUES,
    checks,
    cluster,
    context,
    definitions,
    manifests,
    revision,
    served,
)
from tests.unit.fixtures.verify_world import FakeCluster, forbidden

GROUPS = (
    "admissionregistration.k8s.io, apiextensions.crossplane.io, argoproj.io, external-secrets.io, "
    "gateway.networking.k8s.io, helm.toolkit.fluxcd.io, kafka.strimzi.io, keda.sh and 7 more"
)
CHANGED = (
    "Nothing stands in the way of what changes. Objects changed: ClusterRole/holmes-holmes-cluster-role, "
    "ConfigMap/custom-toolsets-configmap, Deployment/holmes-holmes."
)
REGISTRY = "registry.site.internal:5000/holmesgpt"
UP = {
    "upgrade.version": ("pass", "This run takes chart 0.16.1 -> 0.45.0."),
    "upgrade.values": (
        "pass",
        "Every key that has an effect keeps it. Defaults that change, and that no value sets: "
        'enableTelemetry: true -> no default; sentryDSN: https://***@o1120648.ingest.us.sentry.i… -> ""; '
        "toolsets.bash.config.builtin_allowlist: extended (new); toolsets.bash.enabled: true (new); "
        "toolsets.connectivity_check.enabled: true (new) and 11 more (see the evidence).",
    ),
    "upgrade.rights": (
        "pass",
        "All that is new may only read. ClusterRole holmes-holmes-cluster-role: + get,list,watch 73 resources of "
        f"{GROUPS}.",
    ),
    "upgrade.images": ("pass", f"Changed: {REGISTRY}/holmes:0.16.1 -> {REGISTRY}/holmes:0.45.0."),
    "upgrade.crds": (
        "pass",
        "Not in the cluster: healthchecks.holmesgpt.dev, scheduledhealthchecks.holmesgpt.dev: left alone "
        "(holmes_skip_crds); nothing that is rendered needs them.",
    ),
    "upgrade.fields": ("pass", CHANGED),
}
DOWN = {
    "upgrade.version": ("fail", "Chart 0.45.0 -> 0.16.1 goes back to an older chart than the one that runs."),
    "upgrade.values": (
        "warn",
        "Chart holmes 0.16.1 no longer knows imagePullPolicy. Until now this had an effect. "
        "Defaults that change, and that no value sets: "
        'toolsets.bash: {"config": {"builtin_allowlist": "exten… -> no default; '
        'toolsets.connectivity_check: {"enabled": true} -> no default; '
        'toolsets.skills: {"enabled": true} -> no default and 1 more (see the evidence).',
    ),
    "upgrade.rights": (
        "pass",
        f"ClusterRole holmes-holmes-cluster-role: - get,list,watch 73 resources of {GROUPS}.",
    ),
    "upgrade.images": ("pass", f"Changed: {REGISTRY}/holmes:0.45.0 -> {REGISTRY}/holmes:0.16.1."),
    "upgrade.crds": ("pass", "The chart brings no definitions."),
    "upgrade.fields": ("pass", CHANGED),
}
STAYS = {
    "upgrade.version": ("pass", "Chart holmes 0.45.0 stays."),
    "upgrade.values": ("pass", "Every key that has an effect keeps it."),
    "upgrade.rights": ("pass", "The roles and bindings stay the same."),
    "upgrade.images": ("pass", "The images stay the same."),
    "upgrade.crds": UP["upgrade.crds"],
    "upgrade.fields": ("pass", "No object changes."),
}


@pytest.mark.parametrize(("old", "new", "told"), [(OLD, NEW, UP), (NEW, OLD, DOWN), (NEW, NEW, STAYS)])
def test_the_whole_preview(old: t.Any, new: t.Any, told: dict[str, tuple[str, str]]) -> None:
    world = cluster(revision(old))
    found = checks(context(world, new))
    assert {id_: (check.status, check.message) for id_, check in found.items()} == told
    assert all(bool(check.fix) == (check.status != "pass") for check in found.values())
    assert len([path for path in world.asked if path.startswith(SECRETS)]) == 1, "the revisions are read once"


def test_a_first_installation_has_nothing_to_compare() -> None:
    found = checks(context(cluster()))
    assert {check.message for id_, check in found.items() if id_ != "upgrade.crds"} == {
        "There is no release yet, so nothing changes."
    }
    assert {check.status for check in found.values()} == {"pass"}
    assert difference(context(cluster())) == []


def test_the_newest_good_revision_counts() -> None:
    upgrade = [revision(OLD, 1, "superseded"), revision(OLD, 2, "deployed"), revision(NEW, 3, "failed")]
    assert checks(context(cluster(*reversed(upgrade))))["upgrade.version"].evidence["revision"] == 2
    interrupted = [revision(OLD, 1, "superseded"), revision(NEW, 2, "pending-upgrade")]
    assert checks(context(cluster(*interrupted)))["upgrade.version"].evidence["revision"] == 1
    gone = checks(context(cluster(revision(OLD, 1, "uninstalled"))))
    assert "no release yet" in gone["upgrade.version"].message


def test_a_failed_first_installation_is_no_downgrade_but_its_objects_are_there() -> None:
    objects = manifests(NEW)
    next(one for one in objects if one["kind"] == "Deployment")["spec"]["selector"]["matchLabels"] = {"app": "x"}
    found = checks(context(cluster(revision(NEW, 1, "failed", objects)), OLD))
    assert found["upgrade.version"].status == "pass" and "no revision was good" in found["upgrade.version"].message
    assert found["upgrade.fields"].status == "fail"


def test_what_may_not_be_read_is_not_checked() -> None:
    found = checks(context(FakeCluster({SECRETS: forbidden("list secrets")})))
    assert found.pop("upgrade.crds").status == "pass"
    assert {(check.status, "list secrets" in check.message) for check in found.values()} == {("not_checked", True)}
    assert all(check.fix for check in found.values())
    with pytest.raises(KubeError):
        difference(context(FakeCluster({SECRETS: forbidden("list secrets")})))


def test_a_revision_that_cannot_be_read_is_not_checked() -> None:
    broken = revision(OLD)
    broken["data"]["release"] = "AAAA"
    found = checks(context(cluster(broken)))["upgrade.values"]
    assert found.status == "not_checked" and "sh.helm.release.v1.holmes.v1" in found.message


def test_the_annotation_of_the_secrets_and_hooks_are_no_change() -> None:
    objects = manifests(NEW)
    pod = next(one for one in objects if one["kind"] == "Deployment")["spec"]["template"]
    pod["metadata"].setdefault("annotations", {})[ROLLOUT_ANNOTATION] = "3f1c0a9b"
    hook = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "h", "annotations": {"helm.sh/hook": "test"}}}
    found = context(cluster(revision(NEW, objects=[*objects, hook])))
    assert checks(found)["upgrade.fields"].message == "No object changes."
    assert difference(found) == []


OPERATOR = {**VALUES[NEW], "operator": {"enabled": True}}
CRDS = definitions()
OTHER = [served(one, versions=[{**one["spec"]["versions"][0], "served": False}]) for one in CRDS]
STORED = [served(one, "v1alpha1", "v1alpha0") for one in CRDS]


@pytest.mark.parametrize(
    ("crds", "values", "skip", "status", "message", "fix"),
    [
        ([served(one) for one in CRDS], OPERATOR, True, "pass", "The cluster has healthchecks.holmesgpt.dev, sch", ""),
        ([], OPERATOR, True, "fail", "needs healthchecks.holmesgpt.dev, scheduled", "holmes_skip_crds: false"),
        (OTHER, OPERATOR, True, "warn", "differs from the chart's", "Set holmes_skip_crds: false"),
        (OTHER, None, True, "pass", "Other than the chart's: healthchecks.holmesgpt.dev, scheduled", ""),
        ([], None, False, "pass", "This run creates healthchecks.holmesgpt.dev, scheduledhealthch", ""),
        ([OTHER[0]], None, False, "pass", "creates scheduledhealthchecks.holmesgpt.dev and updates healthchecks.", ""),
        ([served(one) for one in CRDS], None, False, "pass", "as the chart does", ""),
        (
            STORED,
            None,
            False,
            "fail",
            "has objects stored as v1alpha0",
            "status.storedVersions: kubectl edit crd healthch",
        ),
        (STORED, None, True, "pass", "", ""),
    ],
)
def test_definitions(crds: t.Any, values: t.Any, skip: bool, status: str, message: str, fix: str) -> None:
    found = checks(context(cluster(crds=crds), NEW, values, skip_crds=skip))["upgrade.crds"]
    assert (found.status, message in found.message, fix in found.fix) == (status, True, True), found
    assert bool(found.fix) == (status != "pass")


@pytest.mark.parametrize(
    ("skip", "values", "status"), [(True, None, "pass"), (False, None, "not_checked"), (True, OPERATOR, "not_checked")]
)
def test_definitions_that_may_not_be_read(skip: bool, values: t.Any, status: str) -> None:
    world = cluster()
    world.answers |= {
        f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{one['metadata']['name']}": forbidden("get crds")
        for one in CRDS
    }
    found = checks(context(world, NEW, values, skip_crds=skip))["upgrade.crds"]
    assert found.status == status
    assert status == "pass" or ("get crds" in found.message and found.fix)


def test_it_is_a_part_of_the_preflight_and_what_cannot_work_cannot_be_accepted() -> None:
    assert set(IDS) <= set(_preflight.IDS)
    assert not _preflight_gate.excusable("upgrade.fields") and _preflight_gate.excusable("upgrade.version")
    down = checks(context(cluster(revision(NEW)), OLD))["upgrade.version"]
    accepted = Exceptions({"upgrade.version": "the new one is broken here"})
    assert [check.status for check in _preflight_gate.judged([down], accepted, "strict", IDS)] == ["warn"]


def test_the_preflight_shows_the_difference() -> None:
    def shown(world: FakeCluster) -> list[str]:
        preflight = _preflight.Preflight(context(world), [], Exceptions({}), "strict", "", False, _chart.read(NEW))
        return preflight.difference()

    lines = shown(cluster(revision(OLD)))
    assert "--- Deployment/holmes-holmes" in lines
    images = {line[0]: line.split(": ", 1)[1].strip('"') for line in lines if line[0] in "+-" and "image:" in line}
    assert images == {"-": f"{REGISTRY}/holmes:0.16.1", "+": f"{REGISTRY}/holmes:0.45.0"}
    assert shown(FakeCluster({SECRETS: forbidden("list secrets")})) == [], "the checks say why"


@pytest.mark.parametrize(("skip", "asked"), [(True, set()), (False, {"create", "get", "patch"})])
def test_rights_on_definitions_are_asked_only_if_this_run_writes_them(skip: bool, asked: set[str]) -> None:
    seen: list[dict[str, t.Any]] = []

    def granted(given: dict[str, t.Any]) -> bool:
        seen.append(given)
        return given.get("resource") not in ("*", "leases")

    api = FakeApi(discovery(), granted=granted)
    (task,) = [one for one in _preflight_cluster.tasks(context(api, skip_crds=skip)) if one.id == "cluster.rights"]
    (found,) = task.run()
    assert {given["verb"] for given in seen if given.get("resource") == "customresourcedefinitions"} == asked
    assert found.status == "warn" and "two runs at once are not prevented" in found.message
