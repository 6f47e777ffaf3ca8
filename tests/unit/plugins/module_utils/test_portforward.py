# SPDX-License-Identifier: GPL-3.0-or-later
"""From a Service to a pod's port, and HTTP over a forwarded stream."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Direct, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import (
    Forward,
    PodTransport,
    refusal,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import Target, pick_service, target_of

from tests.unit.fixtures.verify_world import POD, HolmesServer, pod, service

TARGET = Target("holmes", POD, 5050, "holmes-holmes")


@pytest.mark.parametrize("port", ["http", 5050, "5050"])
def test_target_port_by_name_or_number(port: t.Any) -> None:
    assert target_of(service(port), [pod()], "holmes") == TARGET


def test_target_port_defaults_to_the_services_port() -> None:
    thing = service()
    del thing["spec"]["ports"][0]["targetPort"]
    assert target_of(thing, [pod()], "holmes").port == 80


def test_the_pod_is_ready_and_selected() -> None:
    waiting, stranger = pod(name="waiting", ready=False), pod(name="stranger")
    stranger["metadata"]["labels"] = {"app": "another"}
    assert target_of(service(), [waiting, stranger, pod()], "holmes").pod == POD


def test_tls_in_the_pod_shows_in_its_probes() -> None:
    one = pod()
    one["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"scheme": "HTTPS"}}
    assert target_of(service(), [one], "holmes").secure


BAD = [
    (service(), [pod(ready=False)], "selects no ready pod"),
    (service(selector={"app": "other"}), [pod()], "selects no ready pod"),
    (service("web"), [pod()], "sends to port 'web'"),
]


@pytest.mark.parametrize(("thing", "pods", "told"), BAD)
def test_no_target_is_a_sentence(thing: t.Any, pods: t.Any, told: str) -> None:
    with pytest.raises(HolmesError, match=told):
        target_of(thing, pods, "holmes")


def test_a_service_by_name_else_by_helms_annotation() -> None:
    owned = service()
    owned["metadata"] = {"name": "mine", "annotations": {"meta.helm.sh/release-name": "holmes"}}
    assert pick_service([owned, service()], "holmes", "holmes")["metadata"]["name"] == "holmes-holmes"
    assert pick_service([owned], "holmes", "holmes")["metadata"]["name"] == "mine"
    with pytest.raises(HolmesError, match="no Service other-holmes"):
        pick_service([service()], "other", "holmes")


@dataclass
class Wire:
    """A forward that is a plain connection to a local port, or a stream that closes with the far end's complaint."""

    port: int
    told: str | None = None

    def stream(self) -> socket.socket:
        if self.told is not None:
            near, far = socket.socketpair()
            far.close()
            return near
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def error(self) -> str | None:
        return self.told


def test_http_over_a_forward_a_new_one_for_each_request() -> None:
    opened: list[Target] = []
    with HolmesServer({"POST /api/chat": (200, {"ok": True})}) as server:

        def opener(target: Target) -> Forward:
            opened.append(target)
            return Wire(server.port)

        transport = PodTransport(TARGET, opener)
        for _request in range(2):
            answer = transport.request("POST", "/api/chat", {"Content-Type": "application/json"}, b"{}", 5)
            assert (answer.status, answer.json()) == (200, {"ok": True})
        assert server.requests[0].headers["Host"] == "holmes-holmes.holmes.svc"
    assert opened == [TARGET, TARGET]


COMPLAINTS = [
    ("an error occurred forwarding 5050: dial tcp4 127.0.0.1:5050: connect: connection refused", "refused"),
    ("lost connection to pod", "reset"),
    ("", "reset"),
]


@pytest.mark.parametrize(("told", "kind"), COMPLAINTS)
def test_the_far_ends_complaint_tells_refused_from_broken(told: str, kind: str) -> None:
    with pytest.raises(Unreachable) as caught:
        PodTransport(TARGET, lambda target: Wire(0, told)).request("GET", "/readyz", {}, None, 5)
    assert caught.value.kind == kind


REFUSALS = [
    (
        "(0)\nReason: Handshake status 403 Forbidden -+-+- {'audit-id': 'x'} -+-+- b'no'",
        "forbidden",
        "pods/portforward",
    ),
    ("(0)\nReason: Handshake status 404 Not Found", "other", POD),
    ("(0)\nReason: Handshake status 500 Internal Server Error b'pod holmes-6d403f5b7-abcde'", "other", POD),
]


@pytest.mark.parametrize(("text", "kind", "told"), REFUSALS)
def test_a_refused_websocket(text: str, kind: str, told: str) -> None:
    found = refusal(RuntimeError(text), TARGET)
    assert found.kind == kind
    assert told in str(found)


def test_an_api_server_that_does_not_open_the_forward_is_given_up() -> None:
    hold = threading.Event()

    def opener(target: Target) -> Forward:
        hold.wait(10)
        return Wire(0, "")

    with pytest.raises(Unreachable) as caught:
        PodTransport(TARGET, opener).request("GET", "/readyz", {}, None, 0.2)
    hold.set()
    assert caught.value.kind == "timeout"


def test_the_whole_way_from_a_service() -> None:
    with HolmesServer({"GET /readyz": (200, {"status": "ready"})}) as server:
        target = target_of(pick_service([service()], "holmes", "holmes"), [pod()], "holmes")
        transport = PodTransport(target, lambda target: Wire(server.port))
        assert transport.request("GET", "/readyz", {}, None, 5).status == 200
        assert transport.where == f"pod {POD} port 5050 behind Service holmes-holmes"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for the Service's name and for loopback; PEM, key and certificate in one file."""
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=DNS:holmes-holmes.holmes.svc,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-addext", names]
    subprocess.run([*command, *files], check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return folder / "both.pem"


class Relay(Wire):
    """A forward as the Python client makes it: one half of a socket pair, bytes carried by a thread."""

    def stream(self) -> socket.socket:
        near, far = socket.socketpair()
        server = super().stream()

        def carry(source: socket.socket, sink: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)

        for pair in ((far, server), (server, far)):
            threading.Thread(target=carry, args=pair, daemon=True).start()
        return near


def test_tls_through_a_forward_is_verified_against_the_services_name(certificate: Path) -> None:
    with HolmesServer({"GET /readyz": (200, {"status": "ready"})}, tls=certificate) as server:
        secure = replace(TARGET, secure=True)
        transport = PodTransport(secure, lambda target: Relay(server.port), str(certificate))
        assert transport.request("GET", "/readyz", {}, None, 5).status == 200
        stranger = PodTransport(replace(secure, service="other"), lambda target: Relay(server.port), str(certificate))
        with pytest.raises(Unreachable, match="not trusted") as caught:
            stranger.request("GET", "/readyz", {}, None, 5)
        assert caught.value.kind == "tls"
        with pytest.raises(Unreachable, match="not trusted"):
            PodTransport(secure, lambda target: Relay(server.port)).request("GET", "/readyz", {}, None, 5)


def test_tls_of_a_url_is_verified_with_the_ca_file(certificate: Path) -> None:
    with HolmesServer({"GET /readyz": (200, {})}, tls=certificate) as server:
        assert Direct(server.url, str(certificate)).request("GET", "/readyz", {}, None, 5).status == 200
        with pytest.raises(Unreachable, match="not trusted"):
            Direct(server.url).request("GET", "/readyz", {}, None, 5)
