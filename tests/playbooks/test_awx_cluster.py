# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's Kubernetes credential: a job has to notice that without an authority nobody verifies the API server."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import ssl
import threading
import typing as t
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.playbooks.awx_job import Job, exported
from tests.unit.fixtures.values_world import helm

TOKEN = "cluster-token-canary-31"


class Api(BaseHTTPRequestHandler):
    """Just enough of an API server to say its version; everything else is forbidden."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002  # the name is the base class's
        """Says nothing."""

    def do_GET(self) -> None:
        known: dict[str, t.Any] = {
            "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.4"},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
        }
        path = self.path.partition("?")[0].rstrip("/")
        authorized = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        status = 401 if not authorized else 200 if path in known else 403
        content = json.dumps(known.get(path, {"kind": "Status", "message": "forbidden", "code": status})).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET


def certificate(folder: Path) -> Path:
    """A certificate of its own for 127.0.0.1, with its key, as the server takes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.pem").write_bytes(private + (folder / "ca.crt").read_bytes())
    return folder / "server.pem"


@contextlib.contextmanager
def serving(folder: Path) -> t.Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("with_authority", [False, True], ids=["no authority", "authority"])
def test_an_unverified_api_server_is_told(core: Path, tmp_path: Path, archive: Path, with_authority: bool) -> None:
    job = Job(core, tmp_path / "job", exported(core, tmp_path), {"SITE_CA_FILE": str(tmp_path / "ca.crt")})
    job.credential("HolmesGPT image registry", username="puller", password="x")
    templated = {
        "holmes_chart_archive": str(archive),
        "holmes_helm_binary": helm(),
        "holmes_llm_probe": "none",
        "holmes_preflight_timeout": 2,
        "holmes_preflight_gate": "warn",
    }
    with serving(tmp_path) as url:
        job.kubernetes(url, TOKEN, (tmp_path / "ca.crt").read_text() if with_authority else "")
        done = job.run("playbooks/preflight.yml", templated=templated, answered={"holmes_hosts": "seoul"})
    told = " ".join(done.stdout.split())
    assert job.env["K8S_AUTH_VERIFY_SSL"] == str(with_authority)
    expected = (
        "ok tls.api_server"
        if with_authority
        else "WARN tls.api_server The certificate of the API server is not verified"
    )
    assert expected in told, told
    assert TOKEN not in done.stdout + done.stderr
