# SPDX-License-Identifier: GPL-3.0-or-later
"""The double inside a test: ``with running() as double: double.post(...)``. Everything on free loopback ports."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .app import App
from .faults import CHAT
from .settings import Settings

MODEL = "gpt-oss-120b"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Running:
    """A double that runs in this process."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.port: int = app.plain.server_port
        self.tls_port: int | None = app.tls.server_port if app.tls else None
        self.admin_port: int = app.admin.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """One request. Options: ``port``, ``key`` (Bearer), ``headers``, ``context`` (TLS), ``timeout`` in seconds."""
        headers = dict(options.get("headers") or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if options.get("key"):
            headers["Authorization"] = f"Bearer {options['key']}"
        context: ssl.SSLContext | None = options.get("context")
        port = options.get("port") or (self.tls_port if context else self.port)
        timeout = options.get("timeout", 5)
        connection: http.client.HTTPConnection
        if context:
            connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=timeout)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def chat(self, question: str, tools: list[dict[str, Any]] | None = None, **fields: Any) -> Answer:
        """Ask one question at the plain port."""
        body: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": question}], **fields}
        if tools is not None:
            body["tools"] = tools
        return self.request("POST", CHAT, body)

    def faults(self, **wanted: Any) -> Answer:
        """Switch on exactly these faults, through the admin port; none switches all off."""
        return self.request("PUT", "/double/faults", wanted, port=self.admin_port)

    def requests(self) -> list[dict[str, Any]]:
        """The request log, through the admin port."""
        entries: list[dict[str, Any]] = self.request("GET", "/double/requests", port=self.admin_port).json()["requests"]
        return entries

    def reset(self) -> None:
        """No faults, empty log."""
        self.request("DELETE", "/double/faults", port=self.admin_port)
        self.request("DELETE", "/double/requests", port=self.admin_port)


@contextmanager
def running(**settings: Any) -> Iterator[Running]:
    """Start a double with these settings (see Settings) on free ports, and stop it at the end."""
    app = App(Settings(**{"port": 0, "admin_port": 0, "model": MODEL, **settings}).check())
    app.start()
    try:
        yield Running(app)
    finally:
        app.stop()
