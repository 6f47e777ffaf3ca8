# SPDX-License-Identifier: GPL-3.0-or-later
"""A listening HTTP server of the double: one thread a connection, no DNS, errors as one sentence."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from .settings import SettingsError


class QuietServer(ThreadingHTTPServer):
    """Listens at an address (port 0: any free one). Raises SettingsError when that cannot be had."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    verbose = False

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        try:
            super().__init__(address, handler)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SettingsError(f"Cannot listen on {address[0]} port {address[1]}: {reason}.") from None

    def server_bind(self) -> None:
        """Bind without the look-up of the own name that HTTPServer makes: the double asks no DNS."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
