# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP of the light double: routes, API key, status codes (DOUBLE)."""

from __future__ import annotations

import json
import logging
import socketserver
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..contract import (
    NOT_FOUND,
    UNAUTHORIZED,
    failure,
    full_info,
    info_body,
    model_body,
    passed_headers,
    ready_body,
)
from . import question
from .chat import Chat
from .client import Client
from .errors import ChatError, RateLimited, Unauthorized
from .models import Registry
from .toolsets import Toolsets

log = logging.getLogger()
PROBES = ("/healthz", "/readyz")
RATE_LIMIT_CODE = 5204  # of an error event; 1 means any other error


@dataclass
class App:
    """What a request needs. `key` is HOLMES_API_KEY, empty when anybody may ask."""

    registry: Registry
    client: Client
    toolsets: Toolsets
    key: str = ""
    started: float = field(default_factory=time.time)

    def get(self, path: str, detail: str | None) -> tuple[int, dict[str, Any]]:
        """Status and body of a GET."""
        names, profile = self.registry.names(), self.registry.profile
        if path == "/api/model":
            return 200, model_body(names)
        if path == "/api/chat":
            return 405, {"detail": "Method Not Allowed"}
        if not profile.modern:
            return 404, NOT_FOUND
        if path == "/healthz":
            return 200, {"status": "healthy"}
        if path == "/readyz":
            return 200, ready_body(names)
        if path == "/api/info":
            entries = self.toolsets.entries
            body = info_body(profile.version, time.time() - self.started, bool(self.key), names, entries)
            return 200, body | (full_info(entries, self.registry.path, []) if detail == "full" else {})
        return 404, NOT_FOUND

    def allowed(self, path: str, headers: Message) -> bool:
        """X-API-Key first, then a bearer token; the probes are open to everybody."""
        if not self.key or not self.registry.profile.modern or path in PROBES:
            return True
        given = headers.get("X-API-Key") or ""
        bearer = headers.get("Authorization") or ""
        if not given and bearer.lower().startswith("bearer "):
            given = bearer[7:].strip()
        return given == self.key

    def chat(self, asked: dict[str, Any], headers: Iterable[tuple[str, str]]) -> Chat:
        """A chat with the headers that the tools may see."""
        seen = passed_headers(headers, self.registry.env.get("HOLMES_PASSTHROUGH_BLOCKED_HEADERS"))
        return Chat(self.registry, self.client, asked, seen, tools_on=self.toolsets.core)


class Handler(BaseHTTPRequestHandler):
    """One connection. The server's `app` has the state."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if not self._refused(url.path):
            self._send(*self.server.app.get(url.path, parse_qs(url.query).get("detail", [None])[0]))

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if self._refused(path):
            return
        if path != "/api/chat":
            known = self.server.app.get(path, None)[0] == 200
            return self._send(405, {"detail": "Method Not Allowed"}) if known else self._send(404, NOT_FOUND)
        asked, wrong = question.read(data)
        if wrong:
            return self._send(422, {"detail": wrong})
        self._say_received(asked)
        chat = self.server.app.chat(asked, self.headers.items())
        return self._stream(chat) if asked.get("stream") else self._answer(chat)

    def _say_received(self, asked: dict[str, Any]) -> None:
        if not self.server.app.registry.profile.modern:
            return
        log.info(
            "Received: /api/chat request: ask=%s, model=%s, images=%s, structured_output=%s, streaming=%s",
            *(asked["ask"], asked.get("model"), bool(asked.get("images"))),
            *(bool(asked.get("response_format")), bool(asked.get("stream"))),
        )

    def _answer(self, chat: Chat) -> None:
        try:
            body = chat.answer()
        except Exception as error:
            status, detail = failure(error, Unauthorized, RateLimited)
            if status == 500:
                log.error("Error in /api/chat: %s", error, exc_info=not isinstance(error, ChatError))
            return self._send(status, {"detail": detail})
        if chat.registry.profile.modern:
            log.info("Completed /api/chat request: ask=%s", chat.question["ask"])
        self._send(200, body)

    def _stream(self, chat: Chat) -> None:
        # errors come with 200, as events: the status is out before the model is asked
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for name, data in chat.events():
                self._event(name, data)
        except Exception as error:
            log.error("Error during streaming chat: %s", error)
            code, said = (RATE_LIMIT_CODE, "Rate limit exceeded") if isinstance(error, RateLimited) else (1, str(error))
            self._event("error", {"description": str(error), "error_code": code, "msg": said, "success": False})

    def _event(self, name: str, data: dict[str, Any]) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def _refused(self, path: str) -> bool:
        if self.server.app.allowed(path, self.headers):
            return False
        log.warning("Unauthorized request: %s %s", self.command, path)
        self._send(401, UNAUTHORIZED)
        return True

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if self.server.app.registry.profile.modern and urlsplit(self.path).path in PROBES:
            return
        peer = "{}:{}".format(*self.client_address[:2])
        logging.getLogger("access").info('%s - "%s" %s', peer, self.requestline, int(code))

    def log_message(self, *args: object) -> None:
        log.debug(" ".join(map(str, args)))

    def version_string(self) -> str:
        return "uvicorn"


class Server(ThreadingHTTPServer):
    """Threads end with the process; a port that is still in TIME_WAIT may be used."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # HTTPServer asks DNS for the name of the machine here
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            log.error("request from %s failed: %s", client_address, error)
