# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of an API server with TLS: it says its version, forbids all else, and remembers who asked."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import ssl
import threading
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

KNOWN: dict[str, t.Any] = {
    "/version": {"major": "1", "minor": "35", "gitVersion": "v1.35.4"},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
}


@dataclass
class Api:
    """``asked``: of every request the token and the path. ``certificate``: of its authority, as PEM."""

    url: str
    certificate: str
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tokens(self) -> set[str]:
        return {token for token, _path in self.asked}


def _handler(api: Api, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002  # the name is the base class's
            """Says nothing."""

        def do_GET(self) -> None:
            given = str(self.headers.get("Authorization")).removeprefix("Bearer ")
            path = self.path.partition("?")[0].rstrip("/")
            api.asked.append((given, path))
            status = 401 if given != token else 200 if path in KNOWN else 403
            refused = {"kind": "Status", "message": "forbidden", "code": status}
            content = json.dumps(KNOWN[path] if status == 200 else refused).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

    return Handler


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
def serving(folder: Path, token: str) -> t.Iterator[Api]:
    """An API server that lets in whoever has the token."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    api = Api("", (folder / "ca.crt").read_text())
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(api, token)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        api.url = f"https://127.0.0.1:{server.server_port}"
        try:
            yield api
        finally:
            server.shutdown()
