# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin port: faults and the request log. It has no login, so it listens on 127.0.0.1 unless told otherwise.

==========  =================  ==========================================================
GET         /double/faults     what is on, how often it worked, and all that exists
PUT         /double/faults     switch on exactly these: {"slow": {"seconds": 2, "times": 1}}
DELETE      /double/faults     switch all off
GET         /double/requests   the log, oldest first
DELETE      /double/requests   forget the log
==========  =================  ==========================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from .faults import FaultError
from .server import QuietServer
from .service import Double

FAULTS = "/double/faults"
REQUESTS = "/double/requests"


class AdminServer(QuietServer):
    """The admin port; ``switched`` is called after each change of the faults."""

    def __init__(self, address: tuple[str, int], double: Double, switched: Callable[[], None]) -> None:
        self.double = double
        self.switched = switched
        super().__init__(address, AdminHandler)


class AdminHandler(BaseHTTPRequestHandler):
    """Answers JSON; a wrong request gets 400 or 404 with ``{"error": sentence}``."""

    server: AdminServer
    protocol_version = "HTTP/1.1"
    timeout = 30.0

    def do_GET(self) -> None:
        """Read the faults or the log."""
        self._body()
        if self.path == FAULTS:
            self._reply(200, self.server.double.faults.describe())
        elif self.path == REQUESTS:
            self._reply(200, {"requests": self.server.double.log.entries()})
        else:
            self._unknown()

    def do_PUT(self) -> None:
        """Switch faults on."""
        raw = self._body()
        if self.path != FAULTS:
            self._unknown()
            return
        try:
            wanted = json.loads(raw)
        except ValueError as error:
            self._reply(400, {"error": f"The body is not JSON: {error}."})
            return
        try:
            self.server.double.faults.replace(wanted)
        except FaultError as error:
            self._reply(400, {"error": str(error)})
            return
        self.server.switched()
        self._reply(200, self.server.double.faults.describe())

    def do_DELETE(self) -> None:
        """Switch all faults off, or forget the log."""
        self._body()
        if self.path == FAULTS:
            self.server.double.faults.reset()
            self.server.switched()
            self._reply(200, self.server.double.faults.describe())
        elif self.path == REQUESTS:
            self.server.double.log.clear()
            self._reply(200, {"requests": []})
        else:
            self._unknown()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(int(length)) if length.isdecimal() else b""

    def _unknown(self) -> None:
        self._reply(404, {"error": f"There is no {self.command} {self.path}; there are {FAULTS} and {REQUESTS}."})

    def _reply(self, status: int, content: Any) -> None:
        raw = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent: reading the log is not news."""
