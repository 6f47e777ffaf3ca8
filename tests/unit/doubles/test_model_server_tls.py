# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS and API key of the model server double, and the fault of bad certificates."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.model_server import bad_certs
from tests.doubles.model_server.local import Running, running

KEY = "s3cret-canary-key"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, a good certificate for localhost, and the bad ones in bad/."""
    folder = tmp_path_factory.mktemp("tls")
    ca, ca_key = folder / "ca.crt", folder / "ca.key"
    usage = ["-addext", "keyUsage=critical,keyCertSign"]
    openssl("req", "-x509", *CURVE, "-subj", "/CN=Test CA", *usage, "-keyout", ca_key, "-out", ca)
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    # strict verifiers (Python 3.13) want these two
    names += ["-addext", "authorityKeyIdentifier=keyid", "-addext", "basicConstraints=critical,CA:FALSE"]
    signer = ["-CA", str(ca), "-CAkey", str(ca_key)]
    openssl("req", "-x509", *CURVE, *signer, *names, "-keyout", folder / "tls.key", "-out", folder / "tls.crt")
    bad_certs.make(folder / "bad", ca, ca_key, ["localhost"])
    (folder / "keys").write_text(f"{KEY}\nsecond-key\n")
    return folder


@pytest.fixture(scope="module")
def started(site: Path) -> Iterator[Running]:
    options = {"tls_port": 0, "tls_cert": site / "tls.crt", "tls_key": site / "tls.key", "bad_cert_dir": site / "bad"}
    with running(**options, api_key_file=site / "keys", require_key="tls") as double:
        yield double


@pytest.fixture
def server(started: Running) -> Running:
    started.reset()
    return started


@pytest.fixture
def trusting(site: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(site / "ca.crt"))


def test_the_tls_port_wants_the_key_and_the_plain_one_does_not(server: Running, trusting: ssl.SSLContext) -> None:
    def status(**options: object) -> int:
        return server.request("GET", "/v1/models", context=trusting, **options).status

    assert server.request("GET", "/v1/models").status == 200
    assert (status(key=KEY), status(key="second-key")) == (200, 200)
    assert (status(), status(key="wrong"), status(headers={"Authorization": KEY})) == (401, 401, 401)
    assert status(headers={"Authorization": f"bearer {KEY}"}) == 200
    assert status(headers={"Authorization": f"Basic {KEY}"}) == 401
    assert server.request("GET", "/v1/models", context=trusting).json() == {"error": "Unauthorized"}
    for path in ("/health", "/version", "/metrics"):
        assert server.request("GET", path, context=trusting).status == 200


def test_a_rotated_key_file_counts_at_once(server: Running, site: Path, trusting: ssl.SSLContext) -> None:
    (site / "keys").write_text("new-key\n")
    try:
        rotated = [server.request("GET", "/v1/models", context=trusting, key=k).status for k in (KEY, "new-key")]
    finally:
        (site / "keys").write_text(f"{KEY}\nsecond-key\n")
    assert rotated == [401, 200]


def test_a_key_guards_all_ports_unless_told_otherwise() -> None:
    with running(api_key=KEY) as double:
        assert double.request("GET", "/v1/models").status == 401
        assert double.request("GET", "/v1/models", key=KEY).status == 200


def test_a_client_without_the_ca_refuses_and_the_log_shows_it(server: Running) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        server.request("GET", "/health", context=ssl.create_default_context())
    deadline = time.monotonic() + 30
    while not server.requests() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "UNKNOWN_CA" in server.requests()[0]["error"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "Hostname mismatch"),
        ("self_signed", "self-signed"),
        ("incomplete", "unable to get local issuer"),
    ],
)
def test_bad_certificates(server: Running, trusting: ssl.SSLContext, name: str, reason: str) -> None:
    assert server.faults(certificate={"name": name}).status == 200
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        server.request("GET", "/health", context=trusting)
    server.faults()
    assert server.request("GET", "/health", context=trusting).status == 200


def test_a_bad_certificate_heals_after_its_connections(server: Running, trusting: ssl.SSLContext) -> None:
    server.faults(certificate={"name": "expired", "times": 1})
    with pytest.raises(ssl.SSLCertVerificationError):
        server.request("GET", "/health", context=trusting)
    assert server.request("GET", "/health", context=trusting).status == 200


def waiting_ports(server: Running) -> set[int]:
    """The clients' ports of the connections on which the double waits for a request."""
    assert server.app.tls is not None
    with server.app.tls.lock:
        return {connection.getpeername()[1] for connection in server.app.tls.idle}


def test_kept_alive_connections_do_not_keep_the_old_certificate(server: Running, trusting: ssl.SSLContext) -> None:
    kept = http.client.HTTPSConnection("localhost", server.tls_port, context=trusting, timeout=3)
    kept.request("GET", "/health")
    assert kept.getresponse().read() == b""
    kept.request("GET", "/health")
    assert kept.getresponse().read() == b""
    port, deadline = kept.sock.getsockname()[1], time.monotonic() + 30
    while port not in waiting_ports(server):
        assert time.monotonic() < deadline, "The double does not wait for the next request."
        time.sleep(0.01)
    server.faults(certificate={"name": "expired"})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
        kept.request("GET", "/health")
        kept.getresponse()
    with pytest.raises(ssl.SSLCertVerificationError):
        kept.request("GET", "/health")  # http.client connects anew
    kept.close()


def test_resets_work_over_tls(server: Running, trusting: ssl.SSLContext) -> None:
    server.faults(reset={})
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead, ssl.SSLError)):
        server.request("GET", "/v1/models", context=trusting, key=KEY)
    server.faults()
    assert server.request("GET", "/v1/models", context=trusting, key=KEY).status == 200


def test_unknown_certificates_are_refused(server: Running) -> None:
    answer = server.faults(certificate={"name": "stolen"})
    assert answer.status == 400
    assert answer.json()["error"].endswith("known certificates: expired, incomplete, self_signed, wrong_host.")


def test_plain_http_at_the_tls_port_breaks_nothing(server: Running, trusting: ssl.SSLContext) -> None:
    with pytest.raises((http.client.HTTPException, OSError)):
        server.request("GET", "/health", port=server.tls_port)
    assert server.request("GET", "/health", context=trusting).status == 200


def test_bad_certs_without_a_ca_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "ca")
    assert bad_certs.main([str(tmp_path / "out"), "--ca", missing, "--ca-key", missing, "localhost"]) == 1
    assert capsys.readouterr().err.startswith("bad_certs: openssl x509 failed:")


def test_the_log_knows_the_port(server: Running, trusting: ssl.SSLContext) -> None:
    server.request("GET", "/v1/models", context=trusting, key=KEY)
    (entry,) = server.requests()
    assert (entry["port"], entry["status"]) == ("tls", 200)
    assert KEY not in json.dumps(entry)
