# SPDX-License-Identifier: GPL-3.0-or-later
"""From a URL of the values to a server: through every kind of Service, or straight from this host."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_place import Place, place_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Way, way_to
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.tls_world import SERVICE_HOST, Net, Pki, Wires, pod, service
from tests.unit.fixtures.verify_world import FakeCluster, HolmesServer, forbidden

MODELS = "/api/v1/namespaces/models"
SERVICE = f"{MODELS}/services/llm"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/models/endpointslices"
URL = f"http://{SERVICE_HOST}:8000/v1"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    return Net().install(monkeypatch)


def context(answers: dict[str, t.Any] | None = None, **options: t.Any) -> Context:
    cluster: t.Any = FakeCluster(answers or {})
    return Context(cluster=lambda: cluster, rendered=lambda: pytest.fail("nothing is rendered"), **options)


def behind(**spec: t.Any) -> dict[str, t.Any]:
    return {SERVICE: service(**spec), f"{MODELS}/pods": [pod()]}


def status_of(way: Way) -> int:
    return way.transport.request("GET", "/v1/models", {}, None, 5).status


PLACES = [
    ("llm.models.svc.cluster.local", Place("llm", "models")),
    ("llm.models.svc", Place("llm", "models")),
    ("llm.models", Place("llm", "models", sure=False)),
    ("llm", Place("llm", "holmes")),
    ("vllm-0.llm.models.svc.cluster.local", Place("llm", "models", "vllm-0")),
    ("model.site.internal", None),
    ("10.0.0.7", None),
    ("fd00::7", None),
]


@pytest.mark.parametrize(("host", "place"), PLACES)
def test_which_names_are_services(host: str, place: Place | None) -> None:
    assert place_of(host, "holmes", "cluster.local") == place


# Service, URL's port, port of the pod.
FORWARDS = [
    ({}, 8000, 8080),
    ({"ports": [{"port": 8000, "targetPort": 9000}]}, 8000, 9000),
    ({"ports": [{"port": 8000}]}, 8000, 8000),
    ({"ports": [{"port": 1, "targetPort": 2}, {"port": 8000, "targetPort": "api"}]}, 8000, 8080),
    ({"clusterIP": "None"}, 8080, 8080),
    ({"clusterIP": "None"}, 8000, 8000),  # nothing translates the port
    ({"clusterIP": "None", "ports": None}, 8080, 8080),
]


@pytest.mark.parametrize(("spec", "port", "target"), FORWARDS)
def test_a_service_with_a_selector_is_reached_by_a_forward(net: Net, spec: t.Any, port: int, target: int) -> None:
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        wires = Wires(server.port)
        way = way_to(context(behind(**spec)), f"http://{SERVICE_HOST}:{port}/v1", forwards=wires)
        assert status_of(way) == 200
        assert server.requests[0].headers["Host"] == f"{SERVICE_HOST}:{port}"
    assert (wires.targets[0].pod, wires.targets[0].port) == ("vllm-0", target)
    assert way.where == f"through a port-forward to pod models/vllm-0 port {target} behind Service models/llm"
    assert "NetworkPolicies" in way.unproven
    assert way.inside
    assert not net.dialled


NAMES = ["llm.models.svc", "llm.models", f"{SERVICE_HOST}.", "LLM.models.svc.cluster.local"]


@pytest.mark.parametrize("host", NAMES)
def test_every_form_of_a_services_name(host: str) -> None:
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        assert status_of(way_to(context(behind()), f"http://{host}:8000/v1", forwards=Wires(server.port))) == 200


def test_a_name_alone_is_in_the_namespace_of_holmesgpt() -> None:
    answers = {"/api/v1/namespaces/mine/services/llm": service(), "/api/v1/namespaces/mine/pods": [pod()]}
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        wires = Wires(server.port)
        assert status_of(way_to(context(answers, namespace="mine"), "http://llm:8000", forwards=wires)) == 200
    assert wires.targets[0].namespace == "mine"


def test_tls_through_a_forward_is_verified_by_the_urls_name_and_the_pods_authorities(pki: Pki) -> None:
    values = {"certificate": pki.value("root")}
    with HolmesServer({"GET /v1/models": (200, {})}, tls=pki.both("good")) as server:
        wires, url = Wires(server.port), f"https://{SERVICE_HOST}:8000/v1"
        assert status_of(way_to(context(behind(), values=values), url, forwards=wires)) == 200
        for other, trusted in ((url, {}), ("https://llm.models.svc:8000/v1", values)):
            with pytest.raises(Unreachable, match="not trusted") as caught:
                status_of(way_to(context(behind(), values=trusted), other, forwards=wires))
            assert caught.value.kind == "tls"


def test_one_pod_behind_a_headless_service() -> None:
    answers = {SERVICE: service(clusterIP="None"), f"{MODELS}/pods": [pod("vllm-0"), pod("vllm-1")]}
    wires = Wires(1, "connection refused")
    way = way_to(context(answers), f"http://vllm-1.{SERVICE_HOST}:8080/v1", forwards=wires)
    with pytest.raises(Unreachable, match="nothing listens on port 8080 of pod vllm-1"):
        status_of(way)


SLICE = {
    "ports": [{"name": "http", "port": 9000}],
    "endpoints": [{"addresses": ["10.1.1.1"], "conditions": {"ready": False}}, {"addresses": ["10.2.2.2"]}],
}
STRAIGHT = [
    ({SERVICE: service(selector=None), SLICES: [SLICE]}, URL, "10.2.2.2:9000"),
    ({SERVICE: service(selector=None, clusterIP="None"), SLICES: [SLICE]}, URL, "10.2.2.2:8000"),
    ({SERVICE: service(type="ExternalName", externalName="gpu.site.internal.")}, URL, "gpu.site.internal:8000"),
    ({}, "http://model.site.internal:8000/v1", "model.site.internal:8000"),
    ({}, "http://model.site.internal/v1", "model.site.internal:80"),
    ({}, "http://10.9.9.9:8000/v1", "10.9.9.9:8000"),
    ({}, "http://model.site:8000/v1", "model.site:8000"),  # neither a Service nor a namespace
]


@pytest.mark.parametrize(("answers", "url", "address"), STRAIGHT)
def test_what_has_no_pods_is_asked_from_this_host(net: Net, answers: t.Any, url: str, address: str) -> None:
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        net.ports[address] = server.port
        way = way_to(context(answers), url, forwards=Wires(1, "no forward is wanted"))
        assert status_of(way) == 200
        assert server.requests[0].headers["Host"] == f"{way.goal.host}:{way.goal.port}".removesuffix(":80")
    assert way.where.startswith("from this host to ")
    assert not way.inside
    assert bool(way.doubt) is bool(answers)


def test_an_external_name_is_verified_by_the_urls_name(net: Net, pki: Pki) -> None:
    answers = {SERVICE: service(type="ExternalName", externalName="gpu.site.internal")}
    with HolmesServer({"GET /v1/models": (200, {})}, tls=pki.both("good")) as server:
        net.ports["gpu.site.internal:8000"] = server.port
        values = {"certificate": pki.value("root")}
        assert status_of(way_to(context(answers, values=values), f"https://{SERVICE_HOST}:8000/v1")) == 200


def test_a_proxy_of_the_pods_is_told() -> None:
    values = {"additionalEnvVars": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}]}
    assert "HTTPS_PROXY" in way_to(context(values=values), "https://model.site.internal/v1").unproven


SPACE, EVERYWHERE = {"/api/v1/namespaces/models": {"metadata": {"name": "models"}}}, "/api/v1/services"
SPACES = {"/api/v1/namespaces": [{"metadata": {"name": "models"}}]}
NOT_READY = pod(ready=False, containerStatuses=[{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}])
FAULTS: list[tuple[t.Any, str, str, str]] = [
    ({}, URL, "There is no namespace 'models'", "holmes_llm_api_base"),
    (SPACES, "http://llm.model.svc:8000", "no namespace 'model', .* Did you mean 'models'", "holmes_llm_api_base"),
    (SPACE, URL, "Namespace models has no Service 'llm'.$", "create the Service"),
    (SPACE, "http://llm.models:8000", "Namespace models has no Service 'llm'", "create the Service"),
    ({**SPACE, f"{MODELS}/services": [service("llm2")]}, URL, "Did you mean 'llm2'", "Correct the name"),
    ({**SPACE, f"{MODELS}/services": [service("web")]}, URL, "It has web", "Correct the name"),
    ({**SPACE, EVERYWHERE: [service()]}, URL, "There is one in models", "Correct the name"),
    (
        behind(ports=[{"name": "api", "port": 80}, {"port": 443}]),
        URL,
        r"no port 8000; .* 80 \(api\), 443\.",
        "the port",
    ),
    (behind(ports=[{"port": 8000, "protocol": "UDP"}]), URL, "is UDP, and HTTP needs TCP", "the port"),
    (
        behind(selector={"app": "other"}),
        URL,
        "no endpoints: no pod has the labels app=other",
        "kubectl get pods -n models",
    ),
    (
        {SERVICE: service(), f"{MODELS}/pods": [NOT_READY]},
        URL,
        r"none of its pods is ready \(1 with .*; vllm-0: CrashLoopBackOff\)",
        "kubectl describe",
    ),
    ({SERVICE: service(), f"{MODELS}/pods": [pod(ready=False)]}, URL, "readiness probe does not succeed", "has loaded"),
    (
        behind(ports=[{"port": 8000, "targetPort": "web"}]),
        URL,
        "sends to the port 'web', which pod vllm-0",
        "targetPort",
    ),
    ({SERVICE: service(selector=None), SLICES: []}, URL, "no selector, and no EndpointSlice", "service-name: llm"),
    (
        {},
        "http://llm.models.svc.corp.internal:8000",
        "in the domain 'corp.internal', but the cluster",
        "holmes_cluster_domain",
    ),
    ({}, "http://llm.models.cluster.local:8000", "'.svc' is missing", "holmes_cluster_domain"),
    ({}, "http://localhost:8000/v1", "HolmesGPT's own pod", "holmes_llm_api_base"),
    ({}, "ftp://model.site.internal/v1", "must start with http", "holmes_llm_api_base"),
]


@pytest.mark.parametrize(("answers", "url", "told", "fix"), FAULTS)
def test_every_fault_has_a_sentence_and_a_fix(net: Net, answers: t.Any, url: str, told: str, fix: str) -> None:
    with pytest.raises(HolmesError, match=told) as caught:
        way_to(context(answers), url, forwards=Wires(1))
    assert not isinstance(caught.value, KubeError)
    assert fix in caught.value.fix


RIGHTS: list[tuple[t.Any, str]] = [
    ({SERVICE: forbidden("get services")}, "get services"),
    ({**behind(), f"{MODELS}/pods": forbidden("list pods")}, "list pods"),
    ({SERVICE: service(selector=None), SLICES: forbidden("list endpointslices")}, "list endpointslices"),
]


@pytest.mark.parametrize(("answers", "right"), RIGHTS)
def test_a_missing_right_stays_what_it_is(answers: t.Any, right: str) -> None:
    with pytest.raises(KubeError, match=right):
        way_to(context(answers), URL)


def test_without_rights_elsewhere_a_missing_service_is_still_told() -> None:
    refused = {MODELS: forbidden("x"), f"{MODELS}/services": forbidden("x"), EVERYWHERE: forbidden("x")}
    with pytest.raises(HolmesError, match="Namespace models has no Service 'llm'"):
        way_to(context(refused), URL)


def test_a_password_in_a_url_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(HolmesError) as caught:
        way_to(context(), "http://eve:canary-7f3a@model.site.internal:99999999/v1")
    assert "canary" not in f"{caught.value.msg} {caught.value.fix}"
    way = way_to(context(), "http://eve:canary-7f3a@model.site.internal:8000/v1")
    assert "canary" not in f"{way.where} {way.unproven} {way.goal}"
