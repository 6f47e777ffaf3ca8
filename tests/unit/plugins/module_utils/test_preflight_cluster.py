# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the cluster together: what they ask for, what one missing right costs, and that nothing is changed."""

from __future__ import annotations

import threading
import time
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_cluster as cluster
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_served as served
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import read_kinds
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import encode_payload
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures.cluster_world import (
    FakeApi,
    Refusal,
    binding,
    container,
    context,
    deployment,
    discovery,
    kinds,
    made,
    role,
    rule,
)
from tests.unit.fixtures.verify_world import FakeCluster, forbidden

Object = dict[str, t.Any]
HERE = "/api/v1/namespaces/holmes"
MANIFESTS = (
    deployment(container()),
    made("Service", "holmes-holmes"),
    made("ServiceAccount", "holmes-holmes-service-account"),
    made("ConfigMap", "custom-toolsets-configmap"),
    role(rule("get,list", "pods,nodes")),
    binding("reader"),
)
NODE = made(
    "Node",
    "worker-1",
    status={
        "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
        "conditions": [{"type": "Ready", "status": "True"}],
    },
)


def answers(**changed: t.Any) -> dict[str, t.Any]:
    """A healthy cluster by path; ``changed`` by the last part of the path."""
    found: dict[str, t.Any] = {
        **discovery(),
        "/version": {"gitVersion": "v1.35.4"},
        "/api/v1/namespaces/holmes": made("Namespace", "holmes", status={"phase": "Active"}),
        f"{HERE}/resourcequotas": [],
        f"{HERE}/limitranges": [],
        f"{HERE}/secrets": [],
        "/apis/apps/v1/namespaces/holmes/deployments": [],
        "/api/v1/nodes": [NODE],
        "/api/v1/pods": [],
    }
    for name, answer in changed.items():
        (path,) = [path for path in found if path.rpartition("/")[2] == name]
        found[path] = answer
    return found


def run(api: FakeCluster, **more: t.Any) -> dict[str, Check]:
    given = context(api, *more.pop("manifests", MANIFESTS), **{"timeout": 2.0, **more})
    return {check.id: check for check in run_all(cluster.tasks(given))}


def test_a_healthy_cluster_passes_every_check_once() -> None:
    checks = run(FakeApi(answers()))
    assert {check.status for check in checks.values()} == {"pass"}, [c for c in checks.values() if c.status != "pass"]
    assert list(checks) == list(cluster.IDS)
    assert all(check.title == cluster.IDS[check.id] for check in checks.values())


def test_nothing_is_changed() -> None:
    api = FakeApi(answers())
    run(api)
    writes = [(path, query) for _method, path, query in api.sent if not path.endswith("selfsubjectaccessreviews")]
    assert len(writes) == 5, "four objects of the namespace and a pod"
    assert all(query.get("dryRun") == "All" for _path, query in writes)


MISSING = [
    ("holmes", "get namespaces", {"cluster.namespace", "cluster.pod_security"}),
    ("resourcequotas", "list resourcequotas", {"cluster.quota"}),
    ("nodes", "list nodes", {"cluster.nodes"}),
    ("secrets", "list secrets", {"cluster.release"}),
    ("deployments", "list deployments", {"release.conflict"}),
]


@pytest.mark.parametrize(("name", "right", "lost"), MISSING)
def test_a_missing_right_costs_only_its_own_check(name: str, right: str, lost: set[str]) -> None:
    checks = run(FakeApi(answers(**{name: forbidden(right)})))
    assert {check.id for check in checks.values() if check.status != "pass"} == lost
    assert all(checks[one].status == "not_checked" and checks[one].fix for one in lost)


def test_a_namespace_that_is_to_be_made() -> None:
    found = answers()
    del found["/api/v1/namespaces/holmes"]
    checks = run(FakeApi(found))
    assert {check.id for check in checks.values() if check.status != "pass"} == set()
    assert "does not exist yet" in checks["cluster.admission"].message
    registered = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    checks = run(FakeApi({**found, registered: [made("ValidatingWebhookConfiguration", "kyverno")]}))
    assert {check.id: check.status for check in checks.values() if check.status != "pass"} == {
        "cluster.admission": "not_checked"
    }
    assert "ValidatingWebhookConfiguration kyverno" in checks["cluster.admission"].message
    refused = run(FakeApi(found), create_namespace=False)
    assert refused["cluster.namespace"].status == "fail"


def test_faults_meet_their_own_check() -> None:
    hard = {"requests.memory": "1Gi"}
    quota = made("ResourceQuota", "small", spec={"hard": hard}, status={"hard": hard, "used": {}})
    restricted = made("Namespace", "holmes", metadata={"labels": {"pod-security.kubernetes.io/enforce": "restricted"}})
    denied = Refusal(403, 'admission webhook "w.site" denied the request: no')
    found = answers(resourcequotas=[quota], holmes=restricted, nodes=[])
    found["/apis/rbac.authorization.k8s.io/v1/clusterroles/reader"] = role()
    api = FakeApi(
        found, granted=lambda given: given["resource"] not in ("*", "services"), dry={f"{HERE}/services": denied}
    )
    failed = {check.id for check in run(api).values() if check.status == "fail"}
    assert failed == {
        "cluster.quota",
        "cluster.pod_security",
        "cluster.nodes",
        "cluster.rights",
        "cluster.admission",
        "release.conflict",
    }


def test_without_manifests_nothing_that_needs_them_is_judged() -> None:
    checks = run(FakeApi(answers()), manifests=())
    assert {check.id for check in checks.values() if check.status == "pass"} == {
        "cluster.verify_rights",
        "cluster.namespace",
        "cluster.quota",
        "cluster.proxy",
        "cluster.release",
    }
    assert checks["cluster.rights"].status == "not_checked" and "Helm was not found" in checks["cluster.rights"].message
    assert "holmes_helm_binary" in checks["cluster.rights"].fix


def test_a_chart_that_cannot_be_rendered_is_told_by_others() -> None:
    def broken() -> t.Any:
        raise HolmesError("The template stops.", "See values.render.")

    checks = run_all(cluster.tasks(Context(lambda: t.cast(t.Any, FakeApi(answers())), broken)))
    found = {check.id: check for check in checks}
    assert "fail" not in {check.status for check in checks}
    assert (found["cluster.rights"].status, found["cluster.rights"].fix) == ("not_checked", "See values.render.")


def test_a_gone_cluster_is_no_pass() -> None:
    def gone() -> t.Any:
        raise KubeError("No connection to the cluster: refused.", fix="Check kubeconfig.")

    checks = run_all(cluster.tasks(Context(gone, lambda: Rendered(manifests=MANIFESTS))))
    assert {check.status for check in checks} == {"not_checked"}
    assert all(check.fix for check in checks)


def test_a_hanging_answer_costs_its_deadline_and_its_own_check(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody waits for a connection here.
    monkeypatch.setattr(cluster, "CONNECT_TIMEOUT", -5)
    release = threading.Event()

    def hang(query: t.Any) -> t.Any:
        release.wait(10)
        return []

    started = time.monotonic()
    checks = run(FakeApi(answers(secrets=hang)), timeout=0.3)
    release.set()
    assert time.monotonic() - started < 5
    assert {check.id for check in checks.values() if check.status != "pass"} == {"cluster.release"}


CANARY = "canary-8f3e2a91c7"
QUOTES = [
    ({f"{HERE}/services": Refusal(403, f'admission webhook "w.site" denied the request: {CANARY}')}, "fail"),
    ({f"{HERE}/services": Refusal(409, f"conflict {CANARY}")}, "not_checked"),
    ({f"{HERE}/services": f'299 - "unknown {CANARY}"'}, "warn"),
]


@pytest.mark.parametrize(("dry", "status"), QUOTES)
def test_no_secret_is_shown(dry: dict[str, t.Any], status: str) -> None:
    api = FakeApi(answers(secrets=[revision("failed", f"hook said {CANARY}")]), dry=dry)
    checks = run(api, secrets={"holmes-secrets": {"key": CANARY}})
    assert checks["cluster.admission"].status == status and "***" in checks["cluster.admission"].message
    assert "hook said ***" in checks["cluster.release"].message
    assert CANARY not in str(checks)
    assert CANARY not in str(run(api, registry={"password": CANARY}))


def revision(status: str, description: str) -> Object:
    info = {"status": status, "description": description}
    payload = {"name": "holmes", "namespace": "holmes", "version": 1, "info": info, "chart": {}, "config": {}}
    return made("Secret", "sh.helm.release.v1.holmes.v1", data={"release": encode_payload(payload)})


def test_what_is_shared_is_read_once() -> None:
    api = FakeApi(answers())
    run(api)
    for path in ("/api/v1", "/api/v1/namespaces/holmes", f"{HERE}/services/holmes-holmes"):
        assert [asked.partition("?")[0] for asked in api.asked].count(path) == 1, path


def test_many_keeps_the_order_and_hands_on_the_first_error() -> None:
    assert many(lambda number: number * 2, range(20)) == list(range(0, 40, 2))
    assert many(lambda number: number, []) == []
    seen: list[int] = []

    def fail(number: int) -> int:
        seen.append(number)
        raise KubeError("refused", 403)

    with pytest.raises(KubeError):
        many(fail, range(100), 2)
    assert len(seen) <= 2, "the rest is not asked for"


def test_kinds_are_read_from_the_apis_of_the_manifests() -> None:
    monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "m"}}
    api = FakeCluster(discovery())
    found = read_kinds(api, Rendered(manifests=(*MANIFESTS, monitor)))
    assert found == {key: kind for key, kind in kinds().items() if key[0] != "batch/v1"}
    refused = FakeCluster({**discovery(), "/apis/apps/v1": KubeError("gone", 500)})
    with pytest.raises(KubeError):
        read_kinds(refused, Rendered(manifests=MANIFESTS))


def test_hooks_come_and_go() -> None:
    hook = made("ServiceAccount", "setup", metadata={"annotations": {"helm.sh/hook": "pre-install"}})
    api = FakeApi(answers())
    run(api, manifests=(*MANIFESTS, hook))
    assert not [path for path in api.asked if "serviceaccounts/setup" in path]
    assert [path for path in api.asked if "serviceaccounts/holmes" in path]


def other(api: str, kind: str) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}}


@pytest.mark.parametrize(
    ("version", "manifests", "status", "said", "fix"),
    [
        ("v1.35.4", MANIFESTS, "pass", "v1.35.4 serves every kind", ""),
        ("v1.28.1+k3s1", MANIFESTS, "pass", "", ""),
        ("v1.24.0", MANIFESTS, "warn", "older than 1.25", "1.25"),
        ("", MANIFESTS, "warn", "of unknown version", "1.25"),
        (
            "v1.35.4",
            [other("monitoring.coreos.com/v1", "ServiceMonitor")],
            "fail",
            "does not serve ServiceMonitor (monitoring.coreos.com/v1)",
            "ServiceMonitor/x",
        ),
        ("v1.35.4", [other("policy/v1beta1", "PodDisruptionBudget")], "fail", "policy/v1beta1", "holmes_values"),
        ("v1.35.4", [other("holmesgpt.dev/v1alpha1", "HealthCheck")], "warn", "itself", "holmes_skip_crds: false"),
    ],
)
def test_versions(version: str, manifests: t.Any, status: str, said: str, fix: str) -> None:
    check = served.judge({"gitVersion": version}, Rendered(manifests=tuple(manifests)), kinds())
    assert (check.id, check.status) == ("cluster.version", status)
    assert said in check.message and fix in check.fix
    assert bool(check.fix) == (status != "pass")


PROXY = "http://user:canary-8f3e2a91c7@proxy.site:3128"


@pytest.mark.parametrize(
    ("host", "environment", "status", "said"),
    [
        ("https://api.site:6443", {}, "pass", "No proxy"),
        ("https://api.site:6443", {"HTTP_PROXY": PROXY}, "pass", "No proxy"),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY}, "warn", "HTTPS_PROXY of this host sends requests"),
        ("https://api.site:6443", {"https_proxy": PROXY}, "warn", "through the proxy proxy.site"),
        ("https://api.site:6443", {"all_proxy": "proxy.site:3128"}, "warn", "through the proxy proxy.site"),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.site"}, "pass", "NO_PROXY excepts"),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY, "no_proxy": "a, .site"}, "pass", "no_proxy excepts"),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.site:6443"}, "pass", ""),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "pi.site"}, "warn", ""),
        ("https://api.site:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "pass", ""),
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8"}, "pass", ""),
        ("https://10.1.2.3:6443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "192.168.0.0/16,x/y"}, "warn", ""),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": PROXY}, "pass", ""),
    ],
)
def test_proxies(host: str, environment: dict[str, str], status: str, said: str) -> None:
    check = served.judge_proxy(host, environment)
    assert (check.id, check.status) == ("cluster.proxy", status)
    assert said in check.message
    assert bool(check.fix) == (status != "pass")
    assert "canary" not in str(check)
