# SPDX-License-Identifier: GPL-3.0-or-later
"""llm.endpoint and endpoint.mcp: what answers at the addresses of the values, or why nothing does."""

from __future__ import annotations

import json
import time
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_endpoint import IDS, tasks

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.tls_world import HOST, SERVICE_HOST, Net, Pki, Wires, pod, service
from tests.unit.fixtures.verify_world import FakeCluster, HolmesServer, forbidden

MODELS = "/api/v1/namespaces/models"
INSIDE = {f"{MODELS}/services/llm": service(), f"{MODELS}/pods": [pod()]}
CANARY = "canary-7f3a"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    return Net().install(monkeypatch)


def values(*urls: str, **more: t.Any) -> dict[str, t.Any]:
    models = {f"m{place}": {"model": "openai/m", "api_base": url} for place, url in enumerate(urls)}
    return {"modelList": models, **more}


def checks(given: dict[str, t.Any], answers: t.Any = None, wires: Wires | None = None, **options: t.Any) -> list[Check]:
    cluster: t.Any = FakeCluster(answers or {})
    context = Context(cluster=lambda: cluster, rendered=lambda: pytest.fail("?"), values=given, **options)
    return run_all(tasks(context, wires or Wires(1, "connection refused")))


def one(given: dict[str, t.Any], answers: t.Any = None, wires: Wires | None = None, **options: t.Any) -> Check:
    found = checks(given, answers, wires, **options)
    assert len(found) == 1
    assert found[0].id in IDS
    assert (found[0].fix == "") is (found[0].status == "pass")
    return found[0]


ANSWERS = [
    (200, {}, "pass", "answers with HTTP 200"),
    (401, {}, "pass", "answers with HTTP 401"),
    (404, {}, "pass", "answers with HTTP 404"),
    (503, {}, "warn", "HTTP 503: something is there, but it does not work"),
    (308, {"Location": f"https://{HOST}:8443/v1/models?k={CANARY}"}, "warn", f"a redirection to https://{HOST}:8443,"),
]


@pytest.mark.parametrize(("status", "headers", "expected", "told"), ANSWERS)
def test_whatever_answers_http_is_there(net: Net, status: int, headers: t.Any, expected: str, told: str) -> None:
    with HolmesServer({"GET /v1/models": (status, {}, headers)}) as server:
        net.ports[f"{HOST}:8000"] = server.port
        found = one(values(f"http://{HOST}:8000/v1"))
        assert "Authorization" not in server.requests[0].headers
    assert (found.id, found.status) == ("llm.endpoint", expected)
    assert told in found.message
    assert found.evidence["where"] == f"from this host to {HOST}:8000"
    assert "NetworkPolicies" in found.evidence["unproven"]
    assert CANARY not in json.dumps(found.as_dict())


def test_a_service_is_asked_through_a_forward() -> None:
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        found = one(values(f"http://{SERVICE_HOST}:8000/v1"), INSIDE, Wires(server.port))
    assert found.status == "pass"
    assert "through a port-forward to pod models/vllm-0 port 8080" in found.message


def test_each_host_and_port_is_asked_once_and_all_its_models_are_named(net: Net) -> None:
    with HolmesServer({"GET /v1/models": (200, {})}) as server:
        net.ports.update({f"{HOST}:8000": server.port, f"{HOST}:8001": server.port})
        given = values(*(f"http://{HOST}:{port}/v1" for port in (8000, 8001, 8000)))
        assert [found.evidence["for"] for found in checks(given)] == ["m0, m2", "m1"]
        assert len(server.requests) == 2


SILENT = [
    ({}, f"http://{HOST}:8000/v1", f"The name '{HOST}' does not resolve on this host.", "Correct it in holmes_llm_api"),
    (
        {f"{HOST}:8000": 1},
        f"http://{HOST}:8000/v1",
        f"Nothing listens on {HOST}:8000",
        "Start the server, or correct the port",
    ),
]


@pytest.mark.parametrize(("ports", "url", "told", "fix"), SILENT)
def test_no_way_to_the_server(net: Net, ports: dict[str, int], url: str, told: str, fix: str) -> None:
    net.ports.update(ports)
    found = one(values(url))
    assert found.status == "fail"
    assert told in found.message
    assert fix in found.fix


def test_nothing_listens_in_the_pod() -> None:
    found = one(values(f"http://{SERVICE_HOST}:8000/v1"), INSIDE, Wires(1, "dial tcp: connection refused"))
    assert found.status == "fail"
    assert "nothing listens on port 8080 of pod vllm-0" in found.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_hangs_costs_its_time_once(net: Net, scheme: str) -> None:
    with tls_world.silent() as port:
        net.ports[f"{HOST}:8000"] = port
        started = time.monotonic()
        found = one(values(f"{scheme}://{HOST}:8000/v1"), timeout=1.0)
    assert time.monotonic() - started < 4
    assert found.status == "fail"
    assert f"{HOST}:8000 does not answer" in found.message
    assert "holmes_preflight_timeout" in found.fix


def test_the_right_to_forward_is_named() -> None:
    class Refusing(Wires):
        def __call__(self, cluster: t.Any) -> t.Any:
            from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import refusal

            def opener(target: t.Any) -> t.Any:
                raise refusal(RuntimeError("Handshake status 403 Forbidden"), target)

            return opener

    found = one(values(f"http://{SERVICE_HOST}:8000/v1"), INSIDE, Refusing(1))
    assert found.status == "not_checked"
    assert "get and create pods/portforward" in found.fix


def test_a_missing_right_is_not_a_fault_of_the_server() -> None:
    found = one(values(f"http://{SERVICE_HOST}:8000/v1"), {f"{MODELS}/services/llm": forbidden("get services")})
    assert found.status == "not_checked"
    assert "get services" in found.message
    assert "'get and create pods/portforward'" in found.fix


def test_what_only_the_pods_may_reach_is_not_judged_from_here(net: Net) -> None:
    answers = {f"{MODELS}/services/llm": service(type="ExternalName", externalName="gpu.site.internal")}
    found = one(values(f"http://{SERVICE_HOST}:8000/v1"), answers)
    assert found.status == "not_checked"
    assert "reachable only from the cluster" in found.message


# What is served with which certificate, the URL's scheme, what is trusted, message, fix.
WRONG = [
    (None, "https", "root", "speaks plain HTTP, but its URL says https", "Write http:// in holmes_llm_api_base"),
    ("good", "http", "root", "speaks TLS, but its URL says http", "Write https:// in holmes_llm_api_base"),
    ("good", "https", "foreign", "signed by the authority 'Northwind Root CA'", "holmes_ca_file"),
    ("expired", "https", "root", "expired on", "Renew"),
    ("early", "https", "root", "is valid only from 2090", "clock"),
    ("wrong_host", "https", "root", "it is made for other.site.internal", "Use one of these names"),
    ("below", "https", "root", "is incomplete", "followed by"),
]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("tls", "scheme", "trusted", "told", "fix"), WRONG)
def test_mixed_up_schemes_and_certificates(
    net: Net, pki: Pki, tls: str | None, scheme: str, trusted: str, told: str, fix: str, inside: bool
) -> None:
    with HolmesServer({"GET /v1/models": (200, {})}, tls=pki.both(tls) if tls else None) as server:
        host = SERVICE_HOST if inside else HOST
        net.ports[f"{host}:8000"] = server.port
        given = values(f"{scheme}://{host}:8000/v1", certificate=pki.value(trusted))
        found = one(given, INSIDE, Wires(server.port))
    assert found.status == "fail"
    assert told in found.message
    assert fix in found.fix


def test_a_server_behind_tls_that_answers_plain_http_with_400(net: Net, pki: Pki) -> None:
    """As Go's servers and nginx do; here two servers take turns on one name."""
    with HolmesServer({"GET /v1/models": (400, {})}) as plain, HolmesServer({}, tls=pki.both("good")) as secure:
        turns = [plain.port, secure.port]
        real = net.dial

        def dial(address: t.Any, timeout: float) -> t.Any:
            net.ports[f"{HOST}:8000"] = turns.pop(0)
            return real(address, timeout)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("socket.create_connection", dial)
            found = one(values(f"http://{HOST}:8000/v1"))
    assert "speaks TLS, but its URL says http" in found.message


def test_where_others_decide_what_is_trusted_a_chain_is_not_judged(net: Net, pki: Pki) -> None:
    env = [{"name": "SSL_CERT_FILE", "value": "/etc/ssl/site.pem"}]
    with HolmesServer({"GET /v1/models": (200, {})}, tls=pki.both("good")) as server:
        net.ports[f"{HOST}:8000"] = server.port
        found = one(values(f"https://{HOST}:8000/v1", additionalEnvVars=env))
    assert found.status == "not_checked"
    assert "SSL_CERT_FILE decides what the pods trust" in found.message


def test_an_address_from_a_secret_is_not_known() -> None:
    env = [{"name": "BASE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    found = one(values("{{ env.BASE }}", additionalEnvVars=env))
    assert found.status == "not_checked"
    assert "m0 comes from a variable" in found.message


def test_a_server_of_tools_that_is_missing_is_a_limitation(net: Net) -> None:
    tools = {"mcp_servers": {"wiki": {"config": {"url": "http://wiki.site.internal:9000/sse"}}}}
    found = one(tools)
    assert (found.id, found.status) == ("endpoint.mcp", "warn")
    assert found.evidence["for"] == "mcp_servers.wiki.config"
    with HolmesServer({}) as server:
        net.ports["wiki.site.internal:9000"] = server.port
        assert one(tools).status == "pass"
        assert [request.path for request in server.requests] == ["/"]


@pytest.mark.parametrize("url", [f"http://eve:{CANARY}@{HOST}:8000/v1", f"http://eve:{CANARY}@{HOST}:port/v1"])
def test_a_password_in_a_url_is_never_shown(net: Net, url: str) -> None:
    found = checks({**values(url), "mcp_servers": {"wiki": {"config": {"url": url}}}})
    assert found
    assert CANARY not in json.dumps([check.as_dict() for check in found])


def test_no_model_no_question() -> None:
    assert checks({}) == []
