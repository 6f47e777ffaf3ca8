# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of versions, rights, images and fixed fields, case by case."""

from __future__ import annotations

import copy
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _upgrade_fields,
    _upgrade_images,
    _upgrade_rights,
    _upgrade_running,
    _upgrade_values,
    _upgrade_version,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_objects import compare

from tests.unit.fixtures.cluster_world import binding, container, deployment, made, role, rule
from tests.unit.fixtures.upgrade_world import NAMESPACE, NEW, OLD, chart, cluster, payload, revision
from tests.unit.fixtures.values_world import keys

Object = dict[str, t.Any]


def running(path: t.Any = NEW, **change: t.Any) -> _upgrade_running.Running:
    found = _upgrade_running.read(cluster(revision(path, objects=[], **change)), NAMESPACE, "holmes")
    assert found
    return found


@pytest.mark.parametrize(
    ("old", "new", "status", "message"),
    [
        ("0.45.0", "0.45.0", "pass", "stays"),
        ("0.9.0", "0.10.0", "pass", "takes chart 0.9.0 -> 0.10.0"),
        ("0.45.0-rc.2", "0.45.0", "pass", "takes"),
        ("0.45.0", "0.45.0-rc.2", "fail", "goes back"),
        ("1.0.0-rc.10", "1.0.0-rc.9", "fail", "goes back"),
        ("1.0.0-9", "1.0.0-a", "pass", "takes"),
        ("0.45.0", "0.45.0+build.7", "pass", "takes"),
        ("0.46.0", "1.0.0", "pass", "takes"),
        ("0.46.0", "2.0.0", "fail", "skips major version 1"),
        ("1.9.0", "4.0.0", "fail", "skips major version 2"),
        ("latest", "0.45.0", "not_checked", "'latest' is no version"),
        ("0.45.0", "0.45", "not_checked", "'0.45' is no version"),
        ("0.045.0", "0.46.0", "not_checked", "'0.045.0' is no version"),
    ],
)
def test_versions(old: str, new: str, status: str, message: str) -> None:
    found = _upgrade_version.judge(running(version=old), replace(chart(NEW), version=new))
    assert (found.status, message in found.message, bool(found.fix)) == (status, True, status != "pass"), found
    assert ("playbooks/rollback.yml" in found.fix) == ("goes back" in message)


def test_versions_of_another_chart_say_nothing() -> None:
    found = _upgrade_version.judge(running(name="robusta"), chart(OLD))
    assert found.status == "not_checked" and "'robusta'" in found.message


def test_a_chart_comes_back_from_the_record_of_a_revision() -> None:
    found, direct = _upgrade_running.chart_of(payload(NEW), "revision 1"), chart(NEW)
    assert (found.name, found.version, found.values) == (direct.name, direct.version, direct.values)
    assert found.templates == direct.templates
    assert ChartKeys(found).reads.whole == keys(NEW).reads.whole


@pytest.mark.parametrize("payload_", [None, {}, {"templates": [{"name": "templates/a", "data": "%"}]}])
def test_a_damaged_record_is_told(payload_: t.Any) -> None:
    if payload_ and payload_.get("templates"):
        with pytest.raises(HolmesError, match="damaged"):
            _upgrade_running.chart_of({"metadata": {"name": "x"}, **payload_}, "revision 1")
    else:
        assert _upgrade_running.chart_of(payload_, "revision 1").templates == {}


def lost(config: Object, values: Object, old: t.Any = NEW, new: t.Any = OLD) -> Check:
    before = running(old)
    return _upgrade_values.judge(replace(before, release=replace(before.release, config=config)), chart(new), values)


def test_keys_that_vanish_and_die() -> None:
    found = lost({"tls": {"enabled": True, "secretName": "t"}}, {"k8sRBAC": True, "never": 1})
    assert found.evidence["vanish"] == ["tls", "k8sRBAC"] or set(found.evidence["vanish"]) == {"tls", "k8sRBAC"}
    assert found.status == "warn" and "never" not in found.message, "what had no effect before loses none"
    dying = replace(chart(OLD), values={**chart(OLD).values, "k8sRBAC": False})
    before = running(NEW)
    found = _upgrade_values.judge(before, dying, {"k8sRBAC": True})
    assert found.evidence["die"] == ["k8sRBAC"] and "still ships k8sRBAC, but reads it no more" in found.message
    assert lost({"podSecurityContext": {}}, {}).evidence["vanish"] == [], "an empty one never did anything"


def test_a_default_that_the_user_sets_surprises_nobody() -> None:
    def told(values: Object) -> str:
        return " ".join(map(str, _upgrade_values.changes(keys(OLD), keys(NEW), values)))

    assert "enableTelemetry" in told({}) and "enableTelemetry" not in told({"enableTelemetry": False})
    assert "toolsets.bash.enabled" in told({"toolsets": {"internet": {"enabled": False}}})
    assert "toolsets.bash.config" not in told({"toolsets": {"bash": {"enabled": False}}})
    assert "toolsets" not in told({"toolsets": None})
    assert "mcpAddons" not in told({})
    assert "mcpAddons.aws.image" in told({"mcpAddons": {"aws": {"enabled": True}}})
    assert "51f9cd9b" not in told({})


ROLE = role(rule("get,list", "pods"))
WRITER = role(rule("create", "pods"), name="writer")
HERE = {"kind": "ServiceAccount", "name": "sa", "namespace": "holmes"}


def bound(to: str) -> Object:
    return {**binding(to), "subjects": [HERE]}


@pytest.mark.parametrize(
    ("old", "new", "status", "message"),
    [
        ([ROLE], [ROLE], "pass", "The roles and bindings stay the same."),
        (
            [ROLE],
            [role(rule("get,list", "pods"), rule("watch,get,list", "pods", "metrics.k8s.io"))],
            "pass",
            "All that is new may only read. ClusterRole reader: + get,list,watch pods.metrics.k8s.io.",
        ),
        ([ROLE], [role(rule("get", "pods"))], "pass", "ClusterRole reader: - list pods."),
        ([ROLE], [role(rule("get", "pods"), rule("list", "pods"))], "pass", "stay the same"),
        ([ROLE], [], "pass", "ClusterRole reader: - get,list pods."),
        ([], [WRITER], "warn", "More than reading: ClusterRole writer gains verbs create on pods (core)."),
        ([WRITER], [WRITER, ROLE], "pass", "ClusterRole reader: + get,list pods."),
        ([ROLE], [role(rule("get,list", "pods,secrets"))], "warn", "gains Secrets on secrets (core)"),
        ([ROLE], [role(rule("get,list", "*"))], "warn", "gains a wildcard (*)"),
        (
            [role({**rule("get", "secrets"), "resourceNames": ["a"]})],
            [role(rule("get", "secrets"))],
            "warn",
            "+ get secrets, - get secrets named a",
        ),
        ([ROLE], [{**ROLE, "aggregationRule": {"clusterRoleSelectors": []}}], "warn", "rules of other roles"),
        ([], [role({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})], "pass", "+ get /metrics"),
        ([ROLE], [ROLE, bound("reader")], "pass", "+ ClusterRole reader for ServiceAccount holmes/sa"),
        ([WRITER], [WRITER, bound("writer")], "warn", "ClusterRoleBinding binding gains verbs create on pods"),
        ([], [bound("view")], "pass", "+ ClusterRole view for"),
        ([], [bound("edit")], "warn", "gains the role 'edit', which is not part of the chart"),
        (
            [bound("edit")],
            [bound("view")],
            "pass",
            "+ ClusterRole view for ServiceAccount holmes/sa, - ClusterRole edit",
        ),
    ],
)
def test_rights(old: list[Object], new: list[Object], status: str, message: str) -> None:
    found = _upgrade_rights.judge(old, new)
    assert (found.status, message in found.message, bool(found.fix)) == (status, True, status != "pass"), found


def pod(name: str, *images: str) -> Object:
    return deployment(*({"name": f"c{place}", "image": image} for place, image in enumerate(images)), name=name)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ([pod("a", "x:1")], [pod("a", "x:1")], "The images stay the same."),
        ([pod("a", "x:1")], [pod("a", "x:2")], "Changed: x:1 -> x:2."),
        ([pod("a", "x:1")], [pod("a", "x:1", "y:1")], "New: y:1."),
        ([pod("a", "x:1"), pod("b", "y:1")], [pod("a", "x:1")], "No longer used: y:1."),
        ([pod("a", "x:1", "y:1")], [pod("a", "x:2", "x:1")], "New: x:2. No longer used: y:1."),
        ([], [made("ConfigMap", "c", data={"DIAGNOSTIC_IMAGES": "a:1, b:1"})], "New: a:1, b:1."),
    ],
)
def test_images(old: list[Object], new: list[Object], message: str) -> None:
    found = _upgrade_images.judge(old, new)
    assert (found.status, found.message) == ("pass", message)


def with_(thing: Object, path: str, value: t.Any) -> Object:
    found = copy.deepcopy(thing)
    inner = found
    *steps, last = path.split(".")
    for step in steps:
        inner = inner.setdefault(step, {})
    inner[last] = value
    return found


WORK = with_(deployment(container()), "spec.selector.matchLabels", {"app": "holmes"})
SERVICE = made("Service", "web", spec={"type": "ClusterIP", "clusterIP": "10.0.0.1"})
CONFIG = made("ConfigMap", "c", immutable=True, data={"a": "1"})
SET = made("StatefulSet", "s", spec={"serviceName": "s", "replicas": 1})
CLAIM = made(
    "PersistentVolumeClaim", "v", spec={"storageClassName": "fast", "resources": {"requests": {"storage": "1"}}}
)


@pytest.mark.parametrize(
    ("old", "path", "value", "field", "command"),
    [
        (
            WORK,
            "spec.selector.matchLabels",
            {"app": "x"},
            "spec.selector",
            "kubectl delete deployment holmes-holmes -n holmes",
        ),
        (WORK, "spec.replicas", 3, "", ""),
        (WORK, "metadata.namespace", "holmes", "", ""),
        (binding("a"), "roleRef.name", "b", "roleRef", "kubectl delete clusterrolebinding binding"),
        (binding("a"), "subjects", [HERE], "", ""),
        (SERVICE, "spec.clusterIP", "10.0.0.2", "spec.clusterIP", "kubectl delete service web -n holmes"),
        (SERVICE, "spec.clusterIP", "None", "spec.clusterIP", "delete service"),
        (SERVICE, "spec.clusterIP", None, "", ""),
        (made("Service", "web", spec={}), "spec.clusterIP", "None", "spec.clusterIP", "delete service"),
        (SERVICE, "spec", {"type": "ExternalName"}, "", ""),
        (made("Job", "j", spec={"template": {}}), "spec.template.spec.x", 1, "spec.template", "delete job j"),
        (CONFIG, "data.a", "2", "data", "delete configmap c"),
        (with_(CONFIG, "immutable", False), "data.a", "2", "", ""),
        (made("Secret", "s"), "type", "Opaque", "", ""),
        (made("Secret", "s"), "type", "kubernetes.io/tls", "type", "delete secret s"),
        (SET, "spec.serviceName", "t", "spec.serviceName", "delete statefulset s"),
        (SET, "spec.replicas", 2, "", ""),
        (CLAIM, "spec.resources.requests.storage", "2", "", ""),
        (CLAIM, "spec.storageClassName", "slow", "spec.storageClassName", "delete persistentvolumeclaim v"),
        (
            made("StorageClass", "f", provisioner="a"),
            "provisioner",
            "b",
            "provisioner",
            "kubectl delete storageclass f",
        ),
    ],
)
def test_fields(old: Object, path: str, value: t.Any, field: str, command: str) -> None:
    found = _upgrade_fields.judge(compare([old], [with_(old, path, value)], NAMESPACE), NAMESPACE)
    assert found.status == ("fail" if field else "pass"), found
    assert found.evidence["fields"] == ({f"{old['kind']}/{old['metadata']['name']}": [field]} if field else {})
    assert command in found.fix and ("field is immutable" in found.message) == bool(field)
    assert ("nobody is served" in found.fix) == (old["kind"] == "Deployment" and bool(field))
    assert (" -n " in found.fix) == (bool(field) and old["kind"] not in ("ClusterRoleBinding", "StorageClass"))


def test_objects_are_told_by_kind_and_name() -> None:
    told = compare([ROLE, WORK], [WRITER, with_(WORK, "spec.replicas", 2)], NAMESPACE).told
    assert told == {
        "added": ["ClusterRole/writer"],
        "removed": ["ClusterRole/reader"],
        "changed": ["Deployment/holmes-holmes"],
    }
    noise = with_(ROLE, "metadata.labels", {"app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "holmes-1"})
    assert not compare([ROLE], [noise], NAMESPACE).changed
    elsewhere = [with_(WORK, "metadata.namespace", place) for place in ("a", "b")]
    assert len(compare([elsewhere[0]], [elsewhere[1]], NAMESPACE).added) == 1
