# SPDX-License-Identifier: GPL-3.0-or-later
"""The network part of the double: a plain port, a TLS port and the admin port, one thread a connection."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from . import admin, certificates
from .faults import GOOD
from .request_log import NOT_KEPT
from .server import QuietServer
from .service import ClientGone, Double, Reply, Request
from .settings import Settings, SettingsError

KEEP_ALIVE = 5.0  # seconds; vLLM's own default (VLLM_HTTP_TIMEOUT_KEEP_ALIVE)
LARGEST_BODY = 64 * 1024 * 1024


class Server(QuietServer):
    """One port of the model server. ``contexts`` (certificates by name) is empty for plain HTTP."""

    def __init__(self, address: tuple[str, int], double: Double, contexts: dict[str, ssl.SSLContext]) -> None:
        self.double = double
        self.contexts = contexts
        self.label = "tls" if contexts else "plain"
        self.idle: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is daily business here; note it in one line."""
        error = sys.exc_info()[1]
        if isinstance(error, ssl.SSLError):
            self.double.log.note(self.label, f"TLS error: {error.reason or error}")
        elif not isinstance(error, (OSError, TimeoutError)):
            print(f"model_server double: {type(error).__name__}: {error}", file=sys.stderr, flush=True)

    def drop_idle(self) -> None:
        """Close kept-alive connections that wait for their next request: they would keep the old certificate."""
        with self.lock:
            for connection in self.idle:
                with contextlib.suppress(OSError):  # not SSLSocket's own shutdown: it would pull the rug from a reader
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Reads requests, lets the double answer, writes the answers."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "uvicorn"  # what vLLM's server says
    sys_version = ""
    timeout = KEEP_ALIVE
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.certificate = ""
        if self.server.contexts:
            faults = self.server.double.faults
            shown = faults.take("certificate", "")
            self.certificate = shown["name"] if shown else GOOD
            self.request.settimeout(KEEP_ALIVE)
            self.request = self.server.contexts[self.certificate].wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        if self.server.contexts:
            self.request.close()  # the server only knows the socket as it was before TLS

    def handle_one_request(self) -> None:
        with self.server.lock:
            self.server.idle.add(self.connection)
        try:
            super().handle_one_request()
        finally:
            with self.server.lock:
                self.server.idle.discard(self.connection)

    def parse_request(self) -> bool:
        with self.server.lock:
            self.server.idle.discard(self.connection)
        return super().parse_request()

    def _serve(self) -> None:
        started = time.monotonic()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.send_error(411, "This double needs a Content-Length of at most 64 MiB.")
            self.close_connection = True
            return
        raw = self.rfile.read(int(length))
        path = self.path.split("?", 1)[0]
        request = Request(self.server.label, self.command, path, self.headers, raw, self._gone)  # type: ignore[arg-type]
        try:
            reply = self.server.double.answer(request)
        except ClientGone:
            self.close_connection = True
            return
        self._send(reply)
        if self.server.verbose and path not in NOT_KEPT:
            seconds = time.monotonic() - started
            print(f"{self.server.label} {self.command} {path} {reply.status} {seconds:.3f}s", flush=True)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _gone(self) -> bool:
        """Whether the client hung up: something to read before our answer can only be its end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)

    def _send(self, reply: Reply) -> None:
        if self.certificate and self.certificate != self.server.double.faults.certificate():
            self.close_connection = True
        self.send_response(reply.status)
        self.send_header("X-Model-Server-Double", "1")
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        if reply.frames is None:
            self.send_header("Content-Length", str(len(reply.body)))
            parts = [reply.body]
        else:
            self.send_header("Transfer-Encoding", "chunked")
            parts = [b"%x\r\n%s\r\n" % (len(frame), frame) for frame in reply.frames] + [b"0\r\n\r\n"]
        self.end_headers()
        if self.command == "HEAD":
            return
        whole = b"".join(parts)
        self.wfile.write(whole[: len(whole) // 2] if reply.cut else whole)
        if reply.cut:
            self._reset()

    def _reset(self) -> None:
        """End the TCP connection with a reset: no time to linger means RST instead of FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: one line a request is printed by ourselves."""


class App:
    """All ports of one double. ``start`` returns at once; the ports are then known."""

    def __init__(self, settings: Settings) -> None:
        self._threads: list[threading.Thread] = []
        contexts = certificates.load(settings)
        self.double = Double(settings, tuple(name for name in contexts if name != GOOD))
        self.plain = Server((settings.host, settings.port), self.double, {})
        self.servers: list[QuietServer] = [self.plain]
        self.tls: Server | None = None
        try:
            if settings.tls_port is not None:
                self.tls = Server((settings.host, settings.tls_port), self.double, contexts)
                self.servers.append(self.tls)
            self.admin = admin.AdminServer((settings.admin_host, settings.admin_port), self.double, self._switched)
            self.servers.append(self.admin)
        except SettingsError:
            self.stop()
            raise

    def _switched(self) -> None:
        if self.tls is not None:
            self.tls.drop_idle()

    def start(self, verbose: bool = False) -> None:
        """Serve in background threads; ``verbose`` prints one line a request."""
        for server in self.servers:
            server.verbose = verbose
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and close all ports; answers that wait are let go."""
        self.double.faults.reset()
        for server in self.servers:
            if self._threads:
                server.shutdown()
            server.server_close()
