# SPDX-License-Identifier: GPL-3.0-or-later
"""tls.*: the certificate of everything that speaks TLS, and the clocks."""

from __future__ import annotations

import json
import re
import time
import typing as t
from dataclasses import replace
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_certificates import IDS, tasks
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.tls_world import HOST, SERVICE_HOST, Net, Pki, Wires, pod, service
from tests.unit.fixtures.verify_world import FakeCluster, HolmesServer

MODELS = "/api/v1/namespaces/models"
INSIDE = {f"{MODELS}/services/llm": service(), f"{MODELS}/pods": [pod()]}
REGISTRY = "registry.site.internal:5000"
CANARY = "canary-7f3a"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    return Net().install(monkeypatch)


def settings(host: str = "https://127.0.0.1:6443", ca: str = "", **more: t.Any) -> SimpleNamespace:
    return SimpleNamespace(**{"host": host, "ssl_ca_cert": ca or None, "verify_ssl": True, "proxy": None, **more})


def context(kube: SimpleNamespace | None = None, answers: t.Any = None, **options: t.Any) -> Context:
    cluster: t.Any = FakeCluster(answers or {})
    cluster.raw = SimpleNamespace(configuration=kube or settings("http://127.0.0.1:1"))
    # One authority for all of the site.
    own = dict.fromkeys(("registry_ca_file", "chart_repo_ca_file"), options.get("ca_file", ""))
    whole = {"registry": {"host": REGISTRY}, "timeout": 2.0, **own, **options}
    return Context(cluster=lambda: cluster, rendered=lambda: Rendered(({"kind": "none"},)), **whole)


def checks(given: Context, check_id: str, wires: Wires | None = None) -> list[Check]:
    """The checks of this id; only its tasks run."""
    found = run_all([task for task in tasks(given, wires or Wires(1, "refused")) if task.id == check_id])
    assert all((check.fix == "") is (check.status == "pass") and check.id in IDS for check in found)
    return found


def one(given: Context, check_id: str, wires: Wires | None = None) -> Check:
    found = checks(given, check_id, wires)
    assert len(found) == 1
    return found[0]


def model(url: str, *trusted: str, pki: Pki | None = None) -> dict[str, t.Any]:
    values: dict[str, t.Any] = {"modelList": {"m": {"model": "openai/m", "api_base": url}}}
    return {**values, "certificate": pki.value(*trusted)} if pki and trusted else values


def world(which: str, net: Net, pki: Pki, port: int, trusted: str) -> Context:
    """A context in which one of the four servers is at ``port`` and everybody trusts one authority."""
    net.ports.update(
        {
            "127.0.0.1:6443": port,
            REGISTRY: port,
            f"{HOST}:443": port,
            f"{HOST}:8000": port,
            f"{SERVICE_HOST}:8000": port,
        }
    )
    options: dict[str, t.Any] = {"ca_file": pki.path(trusted)}
    if which == "tls.chart_repository":
        options["chart_repo_url"] = f"https://{HOST}/charts"
    if which == "tls.model_server":
        options["values"] = model(f"https://{HOST}:8000/v1", trusted, pki=pki)
    return context(settings(ca=pki.path(trusted)), **options)


SERVERS = {
    "tls.api_server": ("the API server at 127.0.0.1:6443", "holmes_kube_ca_cert"),
    "tls.registry": (f"the registry {REGISTRY}", "holmes_registry_ca_file"),
    "tls.chart_repository": (f"the chart repository {HOST}:443", "holmes_chart_repo_ca_file"),
    "tls.model_server": (f"the model server at {HOST}:8000", "holmes_ca_file"),
}
# What is shown, what is trusted, status, message, fault.
SHOWN = [
    ("good", "root", "pass", "shows a certificate of 'Northwind Root CA' for", None),
    ("soon", "root", "warn", "expires on 20", None),
    ("short", "root", "pass", "valid until 20", None),
    ("expired", "root", "fail", "expired on 20", "expired"),
    ("early", "root", "fail", "is valid only from 2090-01-01", "not_yet_valid"),
    ("wrong_host", "root", "fail", "it is made for other.site.internal", "host_mismatch"),
    ("self_signed", "root", "fail", "is self-signed", "unknown_authority"),
    ("stranger", "root", "fail", "signed by the authority 'Elsewhere CA'", "unknown_authority"),
    ("below", "root", "fail", "is incomplete", "incomplete_chain"),
]


@pytest.mark.parametrize("which", SERVERS)
@pytest.mark.parametrize(("shown", "trusted", "status", "told", "fault"), SHOWN)
def test_every_server_and_every_fault(
    net: Net, pki: Pki, which: str, shown: str, trusted: str, status: str, told: str, fault: str | None
) -> None:
    with HolmesServer({}, tls=pki.both(shown)) as server:
        found = one(world(which, net, pki, server.port, trusted), which)
    whose, variable = SERVERS[which]
    assert (found.status, found.evidence.get("fault")) == (status, fault)
    assert told in found.message
    assert whose.lower() in found.message.lower()
    if fault in ("unknown_authority", "incomplete_chain"):
        assert variable in found.fix


def test_the_evidence_names_the_certificate_and_its_authority(net: Net, pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        evidence = one(world("tls.registry", net, pki, server.port, "root"), "tls.registry").evidence
    assert (evidence["issuer"], evidence["host"]) == ("Northwind Root CA", "registry.site.internal")
    assert "127.0.0.1" in evidence["names"]
    assert evidence["days_left"] in (363, 364)
    assert evidence["not_after"].endswith("Z")
    assert evidence["authorities"][0]["subject"] == "Northwind Root CA"
    assert 3600 < evidence["authorities"][0]["days_left"] < 3650


def test_verification_that_is_switched_off_is_told_whatever_the_certificate_is(net: Net, pki: Pki) -> None:
    for shown in ("good", "self_signed"):
        with HolmesServer({}, tls=pki.both(shown)) as server:
            net.ports["127.0.0.1:6443"] = server.port
            found = one(context(settings(ca=pki.path("root"), verify_ssl=False)), "tls.api_server")
        assert found.status == "warn"
        assert "is not verified" in found.message
        assert "holmes_kube_validate_certs to true" in found.fix
        assert found.evidence["verified"] is False


def test_the_api_server_by_the_data_and_the_name_of_the_settings(net: Net, pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        net.ports["10.0.0.1:6443"] = server.port
        kube = settings("https://10.0.0.1:6443", ca_cert_data=pki.pem("root"))
        assert one(context(kube), "tls.api_server").evidence["fault"] == "host_mismatch"
        kube.tls_server_name = HOST
        assert one(context(kube), "tls.api_server").status == "pass"


def test_no_connection_is_no_verdict_and_plain_http_needs_none(net: Net) -> None:
    proxied = one(context(settings("https://api.site.internal:6443", proxy="http://proxy:3128")), "tls.api_server")
    assert (proxied.status, "proxy" in proxied.message) == ("not_checked", True)
    excepted = settings("https://127.0.0.2:1", proxy="http://proxy:3128", no_proxy="127.0.0.2")
    assert "proxy" not in one(context(excepted), "tls.api_server").message
    assert checks(context(settings("http://127.0.0.1:8001")), "tls.api_server") == []
    assert one(context(), "tls.registry").status == "not_checked"
    with HolmesServer({}) as plain:
        net.ports[REGISTRY] = plain.port
        assert checks(context(), "tls.registry") == []
    assert checks(context(chart_repo_url="http://charts.site.internal"), "tls.chart_repository") == []


def test_registries_are_those_of_the_images_if_none_is_given(net: Net, pki: Pki) -> None:
    images = [f"{REGISTRY}/a:1", f"{REGISTRY}/b:1", "other.site.internal/c:1"]
    manifest = {"kind": "Pod", "spec": {"containers": [{"image": image} for image in images]}}
    with HolmesServer({}, tls=pki.both("good")) as server:
        net.ports[REGISTRY] = server.port
        given = context(registry={}, ca_file=pki.path("root"))
        given = replace(given, rendered=lambda: Rendered((manifest,)))
        found = {check.evidence["host"]: check.status for check in checks(given, "tls.registry")}
    assert found == {"other.site.internal": "not_checked", "registry.site.internal": "pass"}

    def broken() -> Rendered:
        raise HolmesError("The chart does not render.", "Look at render.")

    assert one(replace(given, rendered=broken), "tls.registry").status == "not_checked"


def test_helm_trusts_its_own_file_alone(net: Net, pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        given = world("tls.chart_repository", net, pki, server.port, "root")
        found = one(replace(given, chart_repo_ca_file=pki.path("foreign")), "tls.chart_repository")
    assert found.status == "fail"
    assert "holmes_chart_repo_ca_file" in found.fix


def test_a_registry_of_charts_is_looked_at_like_a_repository(net: Net, pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        given = replace(
            world("tls.chart_repository", net, pki, server.port, "root"), chart_repo_url=f"oci://{HOST}/charts"
        )
        found = one(given, "tls.chart_repository")
    assert found.status == "pass" and f"he chart registry {HOST}:443" in found.message


def test_a_registry_with_an_authority_of_its_own(net: Net, pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        net.ports[REGISTRY] = server.port
        given = context(ca_file=pki.path("foreign"), registry_ca_file=pki.path("root"))
        assert one(given, "tls.registry").status == "pass"
        found = one(replace(given, registry_ca_file=pki.path("old")), "tls.registry")
    assert (found.status, "holmes_registry_ca_file" in found.fix) == ("fail", True)


def test_a_file_that_is_missing_or_no_pem_is_named(net: Net, tmp_path: t.Any) -> None:
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    for path, told in ((tmp_path / "none.pem", "cannot be read"), (rubbish, "contains no certificate")):
        found = one(context(ca_file=str(path)), "tls.registry")
        assert found.status == "fail"
        assert told in found.message


def test_a_model_server_in_the_cluster_through_a_forward(pki: Pki) -> None:
    with HolmesServer({}, tls=pki.both("good")) as server:
        values = model(f"https://{SERVICE_HOST}:8000/v1", "root", pki=pki)
        found = one(context(answers=INSIDE, values=values), "tls.model_server", Wires(server.port))
    assert found.status == "pass"
    assert found.evidence["where"].startswith("through a port-forward to pod models/vllm-0")


PLAIN = [
    (f"http://{SERVICE_HOST}:8000/v1", INSIDE, "pass", "plain HTTP inside the cluster"),
    (f"http://{HOST}:8000/v1", {}, "warn", "travel in clear"),
    (
        f"http://{SERVICE_HOST}:8000/v1",
        {f"{MODELS}/services/llm": service(type="ExternalName", externalName=HOST)},
        "warn",
        "travel in clear",
    ),
    (f"http://{SERVICE_HOST}:8000/v1", {}, "not_checked", "There is no namespace 'models'"),
]


@pytest.mark.parametrize(("url", "answers", "status", "told"), PLAIN)
def test_plain_http_is_right_only_inside_the_cluster(url: str, answers: t.Any, status: str, told: str) -> None:
    found = one(context(answers=answers, values=model(url)), "tls.model_server")
    assert found.status == status
    assert told in found.message


def test_clocks_by_the_date_of_answers_even_if_a_certificate_is_refused(net: Net, pki: Pki) -> None:
    late = {"Date": formatdate(time.time() - 400, usegmt=True)}
    api = {"GET /version": (401, {})}
    registry = {"GET /v2/": (401, {}, late)}
    with (
        HolmesServer(api, tls=pki.both("good")) as one_server,
        HolmesServer(registry, tls=pki.both("expired")) as other,
    ):
        net.ports.update({"127.0.0.1:6443": one_server.port, REGISTRY: other.port})
        found = one(context(settings(ca=pki.path("root"))), "tls.clock")
        assert all("Authorization" not in request.headers for request in (*one_server.requests, *other.requests))
    assert found.status == "fail"
    assert re.search(r"The clock of the registry registry.site.internal:5000 is 40[01] s behind this", found.message)
    assert abs(found.evidence["seconds_ahead"]["the API server"]) <= 2


def test_a_model_server_tells_the_time_through_a_forward_whatever_its_certificate(pki: Pki) -> None:
    for scheme, tls in (("http", None), ("https", pki.both("early"))):
        with HolmesServer({"GET /v1/models": (200, {})}, tls=tls) as server:
            given = context(answers=INSIDE, values=model(f"{scheme}://{SERVICE_HOST}:8000/v1"))
            found = one(given, "tls.clock", Wires(server.port))
        assert found.status == "pass"
        assert f"the model server {SERVICE_HOST}:8000" in found.message


def test_servers_that_hang_cost_their_time_once(net: Net) -> None:
    with tls_world.silent() as port:
        net.ports.update({"127.0.0.1:6443": port, REGISTRY: port, f"{HOST}:443": port, f"{HOST}:8000": port})
        values = model(f"https://{HOST}:8000/v1")
        given = context(settings(), values=values, chart_repo_url=f"https://{HOST}/charts", timeout=1.0)
        started = time.monotonic()
        found = run_all(tasks(given))
    assert time.monotonic() - started < 5
    assert [(check.id, check.status) for check in found] == [(name, "not_checked") for name in IDS]
    assert all("did not end within 1 s" in check.message for check in found[:-1])


def test_without_a_cluster_the_others_are_judged(net: Net, pki: Pki) -> None:
    def gone() -> t.Any:
        raise KubeError("No connection to the cluster.", fix="Check the kubeconfig.")

    with HolmesServer({"GET /v2/": (200, {})}, tls=pki.both("good")) as server:
        net.ports[REGISTRY] = server.port
        given = replace(context(ca_file=pki.path("root")), cluster=gone)
        found = {check.id: check.status for check in run_all(tasks(given))}
    assert found == {"tls.api_server": "not_checked", "tls.registry": "pass", "tls.clock": "pass"}


def test_no_password_is_shown(net: Net) -> None:
    values = model(f"https://eve:{CANARY}@{HOST}:8000/v1")
    registry = {"host": REGISTRY, "username": "eve", "password": CANARY}
    given = context(values=values, registry=registry, chart_repo_url=f"https://eve:{CANARY}@{HOST}/charts")
    found = run_all(tasks(given))
    assert len(found) == 4
    assert CANARY not in json.dumps([check.as_dict() for check in found])
