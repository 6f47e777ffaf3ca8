# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift of a release: what is found, what is not, and what putting it back writes."""

from __future__ import annotations

import copy
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _drift, _verify_drift
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_compare import differences
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import Intent
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

from tests.unit.fixtures.drift_world import NS, RESOURCES, Api, by_helm, installed, path_to, release
from tests.unit.fixtures.live_world import rendered
from tests.unit.fixtures.values_world import NEW, OLD

Object = dict[str, t.Any]
CANARY = "canary-2b81f0"
DEPLOYMENT = f"/apis/apps/v1/namespaces/{NS}/deployments/holmes-holmes"
CONFIG = f"/api/v1/namespaces/{NS}/configmaps/custom-toolsets-configmap"
SERVICE = f"/api/v1/namespaces/{NS}/services/holmes-holmes"
ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/holmes-obs-cluster-role"
NEVER = "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: old, namespace: obs}\ndata: {a: b}\n"


def world(chart: Path = NEW, *others: t.Any, applies: bool = False) -> tuple[Api, t.Any]:
    return installed(rendered(chart), *others, applies=applies)


def the(api: Api, kind: str) -> Object:
    """The one live object of a kind."""
    found = [thing for thing in api.stored.values() if thing["kind"] == kind]
    assert len(found) == 1
    return found[0]


def pod(thing: Object) -> Object:
    return t.cast(Object, thing["spec"]["template"]["spec"])


def box(thing: Object) -> Object:
    return t.cast(Object, pod(thing)["containers"][0])


def variable(name: str) -> t.Callable[[Object], None]:
    def edit(thing: Object) -> None:
        kept = [one for one in box(thing)["env"] if one["name"] != name]
        box(thing)["env"] = [*kept, {"name": name, "value": CANARY}]

    return edit


# kind, hand edit, what is told of it
EDITS: list[tuple[str, t.Callable[[Object], t.Any], str]] = [
    ("Deployment", lambda it: it["spec"].update(replicas=7), "replicas 1 -> 7"),
    ("Deployment", lambda it: it["spec"].update(paused=True), "paused added"),
    ("Deployment", variable("MODEL"), "container holmes: env MODEL changed"),
    ("Deployment", variable("ADDED"), "container holmes: env ADDED added"),
    ("Deployment", lambda it: box(it)["env"].pop(0), "missing"),
    ("Deployment", lambda it: box(it).update(image="evil/holmes:1"), "-> evil/holmes:1"),
    ("Deployment", lambda it: box(it).update(args=["--x", CANARY]), "args"),
    ("Deployment", lambda it: box(it).setdefault("securityContext", {}).update(privileged=True), "privileged added"),
    (
        "Deployment",
        lambda it: box(it)["resources"].setdefault("limits", {}).update(cpu="2"),
        "resources.limits.cpu added",
    ),
    ("Deployment", lambda it: pod(it).update(hostNetwork=True), "hostNetwork added"),
    ("Deployment", lambda it: pod(it)["containers"].append({"name": "side", "image": "x"}), "container side added"),
    ("Deployment", lambda it: pod(it)["volumes"].append({"name": "more", "emptyDir": {}}), "volumes more added"),
    ("ConfigMap", lambda it: it["data"].update({"custom_toolset.yaml": CANARY}), "data.custom_toolset.yaml changed"),
    ("ConfigMap", lambda it: it["data"].update(more=""), "data.more added"),
    ("ConfigMap", lambda it: it["data"].pop("model_list.yaml"), "data.model_list.yaml missing"),
    ("Service", lambda it: it["spec"]["selector"].update(app=CANARY), "selector.app changed"),
    ("Service", lambda it: it["spec"]["selector"].update(more="x"), "selector.more added"),
    ("Service", lambda it: it["spec"]["ports"].append({"port": 1}), "ports[1] added"),
    ("Service", lambda it: it["spec"]["ports"][0].update(targetPort=9), "targetPort 5050 -> 9"),
    ("Service", lambda it: it["spec"].update(type="NodePort"), "type ClusterIP -> NodePort"),
    ("Service", lambda it: it["spec"].update(externalIPs=["192.0.2.1"]), "externalIPs added"),
    ("ClusterRole", lambda it: it["rules"].insert(3, {"apiGroups": [""], "resources": ["secrets"]}), "rules[3] added"),
    ("ClusterRole", lambda it: it["rules"][0]["verbs"].append("delete"), "rules[0].verbs[3] added"),
    ("ClusterRole", lambda it: it["rules"].pop(), "missing"),
    ("ClusterRoleBinding", lambda it: it["subjects"].append({"kind": "Group", "name": "x"}), "subjects[1] added"),
    ("ClusterRoleBinding", lambda it: it["metadata"]["annotations"].clear(), "release-name missing"),
]


def defaults(api: Api) -> None:
    """What API server, controllers and honest others put into the objects."""
    deployment = the(api, "Deployment")
    deployment["metadata"]["labels"]["argocd.argoproj.io/instance"] = "x"
    deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    deployment["spec"].update(
        progressDeadlineSeconds=600, strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}
    )
    deployment["spec"]["template"]["metadata"].setdefault("annotations", {})["kubectl.kubernetes.io/restartedAt"] = "x"
    pod(deployment).update(
        schedulerName="default-scheduler",
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        serviceAccount="x",
        securityContext=pod(deployment).get("securityContext") or {},
    )
    box(deployment).update(
        terminationMessagePath="/dev/termination-log",
        resources={"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},
    )
    box(deployment)["env"].append({"name": "STAKATER_HOLMES_SECRETS", "value": "hash"})
    for volume in pod(deployment)["volumes"]:
        for source in ("configMap", "secret"):
            if source in volume:
                volume[source]["defaultMode"] = 420
    the(api, "Service")["spec"].update(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1"], sessionAffinity="None")
    the(api, "Service")["spec"]["ports"][0].update(nodePort=30123, protocol="TCP")
    the(api, "ClusterRoleBinding")["subjects"][0]["apiGroup"] = ""


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_a_fresh_release_has_not_drifted(chart: Path) -> None:
    api, now = world(chart)
    defaults(api)
    assert [drift.told for drift in _drift.find(api.cluster, now)] == []


@pytest.mark.parametrize("applies", [False, True])
@pytest.mark.parametrize(("kind", "edit", "told"), EDITS, ids=[f"{kind}-{told}" for kind, _edit, told in EDITS])
def test_a_hand_edit_is_found_told_and_put_back(
    kind: str, edit: t.Callable[[Object], t.Any], told: str, applies: bool
) -> None:
    api, now = world(applies=applies)
    defaults(api)
    before = copy.deepcopy(api.stored)
    edit(the(api, kind))
    (drift,) = _drift.find(api.cluster, now)
    assert drift.title.startswith(f"{kind}/")
    assert told in drift.told
    assert CANARY not in drift.told
    planned = _drift.repair(api.cluster, [drift], now, check_mode=True)
    assert api.writes == []
    done = _drift.repair(api.cluster, [drift], now)
    assert [text.replace("would be", "was") for text in planned] == done
    assert _drift.find(api.cluster, now) == []
    others = {path: thing for path, thing in api.stored.items() if thing["kind"] != kind}
    assert others == {path: thing for path, thing in before.items() if thing["kind"] != kind}
    # Nothing that Helm applies on the server may have another owner afterwards.
    managers = list(the(api, kind)["metadata"]["managedFields"])
    assert {(one["manager"], one["operation"]) for one in managers} == {("helm", "Apply" if applies else "Update")}


@pytest.mark.parametrize("applies", [False, True])
def test_what_is_gone_is_made_again_as_helm_makes_it(applies: bool) -> None:
    api, now = world(applies=applies)
    was = api.stored.pop(CONFIG)
    (drift,) = _drift.find(api.cluster, now)
    assert drift.told == f"ConfigMap/custom-toolsets-configmap -n {NS}: missing"
    _drift.repair(api.cluster, [drift], now)
    made = api.stored[CONFIG]
    assert made["data"] == was["data"]
    assert made["metadata"]["labels"] == was["metadata"]["labels"]
    assert made["metadata"]["annotations"] == was["metadata"]["annotations"]
    ((method, path, _body, query),) = api.writes
    assert (method, query) == ("patch" if applies else "post", {"fieldManager": "helm"})
    assert path == (CONFIG if applies else CONFIG.rpartition("/")[0])


def test_an_autoscaler_decides_how_many_there_are() -> None:
    api, now = world()
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "holmes-holmes"}},
    }
    api.stored[DEPLOYMENT]["spec"]["replicas"] = 4
    api.add({**scaler, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "another"}}})
    assert [drift.told for drift in _drift.find(api.cluster, now)] == [
        f"Deployment/holmes-holmes -n {NS}: replicas 1 -> 4"
    ]
    api.add(scaler)
    assert _drift.find(api.cluster, now) == []


def test_what_another_revision_left_is_found_and_deleted_only_when_asked() -> None:
    former = release(rendered(NEW) + NEVER, 2, "failed")
    api, now = world(NEW, former)
    thing = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}, "data": {}}
    path = path_to(thing)
    api.add(thing)
    assert _drift.find(api.cluster, now) == []  # nobody says that it is the release's
    api.add(by_helm(thing, "another"))
    assert _drift.find(api.cluster, now) == []
    api.add(by_helm({**thing, "metadata": {"name": "old", "annotations": {"helm.sh/resource-policy": "keep"}}}))
    assert _drift.find(api.cluster, now) == []
    api.add(by_helm(thing))
    drifts = _drift.find(api.cluster, now)
    assert [drift.told for drift in drifts] == [f"ConfigMap/old -n {NS}: left over from revision 2"]
    assert _drift.repair(api.cluster, drifts, now) == []
    check = _drift.repaired_check(now, [], drifts)
    assert (check.status, check.fix.partition(": ")[2]) == ("warn", f"kubectl delete -n {NS} configmaps/old")
    assert path in api.stored
    done = _drift.repair(api.cluster, drifts, now, orphans=True)
    assert path not in api.stored
    assert _drift.repaired_check(now, done, drifts).status == "pass"


def test_what_nobody_can_change_is_refused_before_anything_was_changed() -> None:
    api, now = world()
    the(api, "ClusterRoleBinding")["roleRef"]["name"] = "cluster-admin"
    the(api, "ConfigMap")["data"]["more"] = "x"
    drifts = _drift.find(api.cluster, now)
    assert len(drifts) == 2
    with pytest.raises(HolmesError) as error:
        _drift.repair(api.cluster, drifts, now)
    assert api.writes == []
    assert "kubectl delete clusterrolebindings.rbac.authorization.k8s.io/holmes-" in error.value.fix


def test_a_status_written_meanwhile_is_no_reason_to_give_up_but_another_edit_is() -> None:
    api, now = world()
    api.stored[DEPLOYMENT]["spec"]["replicas"] = 4
    (drift,) = _drift.find(api.cluster, now)
    api.stored[DEPLOYMENT]["metadata"]["resourceVersion"] = "later"
    _drift.repair(api.cluster, [drift], now)
    assert api.stored[DEPLOYMENT]["spec"]["replicas"] == 1
    api.stored[DEPLOYMENT]["spec"]["replicas"] = 4
    (drift,) = _drift.find(api.cluster, now)
    api.stored[DEPLOYMENT] = copy.deepcopy(api.stored[DEPLOYMENT])
    api.stored[DEPLOYMENT]["spec"]["replicas"] = 5
    api.stored[DEPLOYMENT]["metadata"]["resourceVersion"] = "later still"
    with pytest.raises(KubeError, match="could not be put back") as error:
        _drift.repair(api.cluster, [drift], now)
    assert "at the same moment" in error.value.fix


def test_a_kind_that_is_served_no_more_is_missing_and_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    api, now = world()
    monkeypatch.delitem(RESOURCES, "rbac.authorization.k8s.io/v1")
    api.stored = {path: thing for path, thing in api.stored.items() if "rbac" not in path}
    drifts = _drift.find(api.cluster, now)
    assert {drift.kind for drift in drifts} == {"missing"}
    with pytest.raises(HolmesError, match="does not serve"):
        _drift.repair(api.cluster, drifts, now)


@pytest.mark.parametrize(
    ("said", "live", "told"),
    [
        ({"data": {"a": "1000m"}}, {"data": {"a": "1"}}, ["data.a changed"]),
        ({"data": {"a": ""}}, {"data": {}}, []),
        ({"spec": {"x": None, "y": "", "z": []}}, {"spec": {"x": 5, "y": "filled"}}, []),
        ({"rules": [{"verbs": ["get", "list"]}]}, {"rules": [{"verbs": ["list", "get"]}]}, []),
        (
            {"rules": [{"resourceNames": ["a"], "verbs": ["get"]}]},
            {"rules": [{"verbs": ["get"]}]},
            ["rules[0].resourceNames missing"],
        ),
        ({"aggregationRule": {"x": [1]}, "rules": []}, {"aggregationRule": {"x": [1]}, "rules": [{}]}, []),
        (
            {"spec": {"strategy": {"type": "Recreate"}}},
            {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
            ["strategy.type Recreate -> RollingUpdate", "strategy.rollingUpdate added"],
        ),
        ({"spec": {"type": "x"}}, {"spec": {"type": "x" * 200}}, ["type changed"]),
        ({"spec": {"image": "a"}}, {"spec": {"image": "https://u:canary@b"}}, ["image a -> https://***@b"]),
    ],
)
def test_how_things_are_compared(said: Object, live: Object, told: list[str]) -> None:
    assert [one.told for one in differences(said, live)] == told


def verified(api: Api, now: t.Any, **exceptions: str) -> t.Any:
    intent = Intent(namespace=NS, exceptions={name.replace("__", ":"): why for name, why in exceptions.items()})
    (task,) = _verify_drift.tasks(Scene(api.cluster, intent, None, now))
    (check,) = task.run()
    assert check.id == "live.objects"
    assert CANARY not in str(check)
    return check


def test_the_check_passes_and_counts() -> None:
    api, now = world()
    check = verified(api, now)
    assert (check.status, check.message) == ("pass", "6 objects are as revision 3 recorded them.")


def test_the_check_fails_and_can_be_accepted_per_object() -> None:
    api, now = world()
    variable("MODEL")(the(api, "Deployment"))
    the(api, "Deployment")["metadata"]["managedFields"].append({"manager": "kubectl-edit", "time": "T"})
    the(api, "ConfigMap")["data"].pop("model_list.yaml")
    check = verified(api, now)
    assert check.status == "fail"
    assert "holmes_repair_drift=true" in check.fix
    names = ["live.objects:ConfigMap/custom-toolsets-configmap", "live.objects:Deployment/holmes-holmes"]
    assert check.evidence["may_be_accepted"] == names
    assert check.evidence["changed_by"] == {f"Deployment/holmes-holmes -n {NS}": ["kubectl-edit (T)"]}
    one = verified(api, now, **{names[1]: "tried out"})
    assert (one.status, one.evidence["may_be_accepted"]) == ("fail", names[:1])
    assert "MODEL" not in one.message
    assert verified(api, now, **dict.fromkeys(names, "tried out")).status == "warn"
    assert verified(api, now, **{"live.objects": "tried out"}).status == "warn"


def test_what_only_a_webhook_can_have_added_is_a_warning() -> None:
    api, now = world()
    pod(the(api, "Deployment"))["tolerations"] = [{"key": "site"}]
    check = verified(api, now)
    assert (check.status, "webhook" in check.message, "tolerations added" in check.message) == ("warn", True, True)


def test_a_right_that_is_missing_hides_no_finding() -> None:
    api, now = world()
    api.refuse = {"clusterroles": 403}
    check = verified(api, now)
    assert (check.status, "cannot get" in check.message) == ("not_checked", True)
    with pytest.raises(KubeError, match="clusterroles"):
        _drift.find(api.cluster, now)
    the(api, "ConfigMap")["data"].pop("model_list.yaml")
    check = verified(api, now)
    assert (check.status, len(check.evidence["unseen"])) == ("fail", 1)


def test_left_overs_alone_are_a_warning_with_the_command() -> None:
    api, now = world(NEW, release(rendered(NEW) + NEVER, 2, "superseded"))
    api.add(by_helm({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}, "data": {}}))
    check = verified(api, now)
    assert (check.status, f"kubectl delete -n {NS} configmaps/old" in check.fix) == ("warn", True)


@pytest.mark.parametrize("status", ["failed", "pending-upgrade"])
def test_a_revision_that_was_not_deployed_proves_nothing(status: str) -> None:
    api, _now = world()
    check = verified(api, release(rendered(NEW), 4, status))
    assert (check.status, check.fix) == ("not_checked", "See verify.release.")
    assert verified(api, None).status == "not_checked"
