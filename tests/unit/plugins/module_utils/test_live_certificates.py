# SPDX-License-Identifier: GPL-3.0-or-later
"""live.certificates: what the installation lives on, looked at where it is in use."""

from __future__ import annotations

import base64
import json
import typing as t
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    FAIL,
    NOT_CHECKED,
    PASS,
    WARN,
    Check,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_certificates import check

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.live_objects import CANARY, CORE
from tests.unit.fixtures.live_world import FRONT, World, world
from tests.unit.fixtures.tls_world import HOST, SERVICE_HOST, Net, Pki, Wires, pod, service
from tests.unit.fixtures.verify_world import HolmesServer, forbidden

INSIDE = {"/api/v1/namespaces/models/services/llm": service(), "/api/v1/namespaces/models/pods": [pod()]}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


def installation(model: str = "http://x:8000/v1", certificate: t.Any = None) -> World:
    made = world()
    made.answers |= {**INSIDE, f"{CORE}/services": [FRONT]}
    made.config_map["data"]["model_list.yaml"] = f"local: {{model: openai/m, api_base: '{model}'}}"
    if certificate is not None:
        made.container["env"].append({"name": "CERTIFICATE", **certificate})
        made.restart()
    return made


def one(given: World, wires: Wires | None = None, kube: SimpleNamespace | None = None) -> Check:
    cluster: t.Any = given.cluster()
    if kube is not None:
        cluster.raw = SimpleNamespace(configuration=kube)
    (found,) = check(given.scene(cluster), wires or Wires(1, "refused"))
    assert found.id == "live.certificates"
    assert CANARY not in json.dumps(found.as_dict())
    assert bool(found.fix) is (found.status != PASS)
    return found


def seen(found: Check) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for row in found.evidence["certificates"]:
        assert set(row) == {"what", "subject", "until", "days"}
        told.setdefault(row["what"], []).append(row["subject"])
    return told


def kube(port: int, ca: str, name: str = "127.0.0.1", **more: t.Any) -> SimpleNamespace:
    return SimpleNamespace(host=f"https://{name}:{port}", ssl_ca_cert=ca, verify_ssl=True, **more)


def test_nothing_speaks_tls() -> None:
    found = one(installation())
    assert (found.status, found.evidence) == (PASS, {"certificates": [], "unseen": {}})
    assert "nothing here speaks TLS" in found.message


def test_the_api_server_and_its_authority(pki: Pki) -> None:
    with HolmesServer({}, pki.both("good")) as server:
        found = one(installation(), kube=kube(server.port, pki.path("root")))
    assert found.status == PASS
    assert seen(found) == {"the API server": ["server", "Northwind Root CA"]}
    assert "the first to end is 'server' of the API server" in found.message


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("soon", WARN, "ends on"),
        ("short", PASS, "'server' of the API server, on"),
        ("expired", FAIL, "expired on"),
        ("stranger", PASS, ""),
    ],
)
def test_the_ends_are_judged_and_not_the_trust(pki: Pki, name: str, status: str, told: str) -> None:
    with HolmesServer({}, pki.both(name)) as server:
        found = one(installation(), kube=kube(server.port, pki.path("root")))
    assert found.status == status
    assert told in found.message
    assert ("kubeadm" in found.fix) is (status != PASS)


def test_through_a_proxy_the_api_server_is_not_looked_at(pki: Pki) -> None:
    proxied = kube(1, pki.path("root"), "api.site.internal", proxy=f"http://u:{CANARY}@p:1", no_proxy="other")
    found = one(installation(), kube=proxied)
    assert found.status == NOT_CHECKED
    assert found.evidence["unseen"] == {"the API server": "it is reached through a proxy"}
    with HolmesServer({}, pki.both("good")) as server:
        excepted = kube(server.port, pki.path("root"), proxy="http://p:1", no_proxy="127.0.0.1")
        assert one(installation(), kube=excepted).status == PASS


def test_the_model_server_in_the_cluster_by_a_port_forward(pki: Pki) -> None:
    with HolmesServer({}, pki.both("below", "intermediate")) as server:
        given = installation(f"https://{SERVICE_HOST}:8000/v1", {"value": pki.value("root")})
        found = one(given, Wires(server.port))
    assert found.status == PASS
    told = seen(found)
    assert sorted(told.pop("the model server of local")) == ["Northwind Issuing CA", "Northwind Root CA", "server"]
    assert told == {"the variable CERTIFICATE": ["Northwind Root CA"]}


def test_another_domain_of_the_cluster_needs_no_option(pki: Pki) -> None:
    with HolmesServer({}, pki.both("good")) as server:
        given = installation("https://llm.models.svc.corp.example:8000/v1", {"value": pki.value("root")})
        found = one(given, Wires(server.port))
    assert "the model server of local" in seen(found), found


def test_the_model_server_outside_of_the_cluster(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    with HolmesServer({}, pki.both("soon")) as server:
        net = Net({f"{HOST}:8443": server.port}).install(monkeypatch)
        found = one(installation(f"https://u:{CANARY}@{HOST}:8443/v1"))
    assert net.dialled
    assert (found.status, "the model server of local ends on" in found.message) == (WARN, True)


def test_an_authority_from_a_secret_that_may_be_read(pki: Pki) -> None:
    given = installation(certificate={"valueFrom": {"secretKeyRef": {"name": "ca", "key": "pem"}}})
    once_more = base64.b64encode(pki.value("root", "old").encode()).decode()
    given.answers[f"{CORE}/secrets/ca"] = {"data": {"pem": once_more}}
    found = one(given)
    assert found.status == FAIL
    assert "'Northwind Former CA' of the variable CERTIFICATE expired" in found.message
    assert "holmes_ca_file" in found.fix
    given.answers[f"{CORE}/secrets/ca"] = forbidden("get secrets")
    found = one(given)
    assert (found.status, "cannot get secrets" in found.message) == (NOT_CHECKED, True)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "it is PEM text and not base64 of it"),
        ("no base64 !", "it contains no certificate in PEM form"),
        ("abc", "it is no base64 text"),
        (base64.b64encode(b"text").decode(), "it contains no certificate in PEM form"),
        (base64.b64encode(b"\x30\x82\x01\x0a").decode(), "it is DER, a binary form"),
        (
            base64.b64encode(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").decode(),
            "cannot be parsed",
        ),
    ],
)
def test_what_is_no_certificate_brings_no_authority(value: str, told: str) -> None:
    found = one(installation(certificate={"value": value}))
    assert (found.status, told in found.message) == (FAIL, True)
    assert "CERTIFICATE brings HolmesGPT no authority" in found.message
    assert "holmes_ca_file" in found.fix
    assert told in found.evidence["unseen"]["the variable CERTIFICATE"]


def test_it_is_decoded_as_leniently_as_holmesgpt_does_it(pki: Pki) -> None:
    value = f'"{pki.value("root")}"'
    assert seen(one(installation(certificate={"value": value}))) == {"the variable CERTIFICATE": ["Northwind Root CA"]}


def test_pem_text_from_a_secret_is_told_too_and_a_key_in_it_only_stops_the_look(pki: Pki) -> None:
    given = installation(certificate={"valueFrom": {"secretKeyRef": {"name": "ca", "key": "pem"}}})
    given.answers[f"{CORE}/secrets/ca"] = {"data": {"pem": pki.value("root")}}
    found = one(given)
    assert (found.status, "it is PEM text" in found.message) == (FAIL, True)
    key = (pki.folder / "root.key").read_text()
    found = one(installation(certificate={"value": base64.b64encode((key + pki.pem("root")).encode()).decode()}))
    assert (found.status, "contains a private key" in found.message) == (NOT_CHECKED, True)


def test_holmesgpt_at_its_url(pki: Pki) -> None:
    with HolmesServer({}, pki.both("good")) as server:
        given = installation()
        given.intent = replace(given.intent, url=server.url, ca_file=pki.path("root"))
        assert seen(one(given)) == {"HolmesGPT": ["server", "Northwind Root CA"]}


@pytest.mark.parametrize("shown_by", ["probe", "variable"])
def test_holmesgpt_that_serves_tls_in_the_pod(pki: Pki, shown_by: str) -> None:
    given = installation()
    if shown_by == "probe":
        given.container["readinessProbe"] = {"httpGet": {"scheme": "HTTPS"}}
    else:
        given.container["env"].append({"name": "HOLMES_SSL_CERTFILE", "value": "/etc/holmes/tls/tls.crt"})
    for probe in ("readinessProbe", "livenessProbe") if shown_by == "variable" else ():
        given.container[probe] = {"tcpSocket": {}}
    given.restart()
    given.intent = replace(given.intent, ca_file=pki.path("root"))
    with HolmesServer({}, pki.both("expired")) as server:
        wires = Wires(server.port)
        found = one(given, wires)
    assert wires.targets[0].port == 5050
    assert (found.status, "holmes_server_tls" in found.fix) == (FAIL, True)


def test_a_model_server_behind_a_secret_or_out_of_reach_is_named() -> None:
    given = installation("{{ env.BASE }}")
    given.container["env"].append({"name": "BASE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}})
    given.restart()
    found = one(given)
    assert (found.status, list(found.evidence["unseen"])) == (NOT_CHECKED, ["the model server of local"])
    found = one(installation(f"https://{SERVICE_HOST}:9999/v1"))
    assert (found.status, "has no port 9999" in found.message) == (NOT_CHECKED, True)


def test_without_the_right_to_read_the_config_map_the_rest_is_looked_at(pki: Pki) -> None:
    given = installation()
    given.answers[f"{CORE}/configmaps/custom-toolsets-configmap"] = forbidden("get configmaps")
    with HolmesServer({}, pki.both("good")) as server:
        found = one(given, kube=kube(server.port, pki.path("root")))
    assert found.status == NOT_CHECKED
    assert list(seen(found)) == ["the API server"]
