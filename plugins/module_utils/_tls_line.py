# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP exchange over any stream: how a Transport with TLS of its own is made of something that opens streams.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import socket
import ssl
import time
import typing as t
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection

from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    TIMEOUT,
    Answer,
    Unreachable,
    exchange,
    explain,
)


class _Connection(HTTPConnection):
    """http.client over a stream that is already open."""

    def __init__(self, authority: str, stream: t.Any) -> None:
        super().__init__(authority)
        self._stream = stream

    def connect(self) -> None:
        self.sock = self._stream


class Line:
    """A :class:`~_http.Transport` over streams. A new one for each request, so nothing is left behind.

    ``host`` is the name that a certificate is verified against, ``authority`` (``HOST:PORT``) what a request is sent
    to; without ``trust`` plain HTTP is spoken.
    """

    bearer = True

    def __init__(self, where: str, host: str, authority: str, trust: ssl.SSLContext | None) -> None:
        self.where, self.host, self.authority, self.trust = where, host, authority, trust

    def open(self, timeout: float) -> AbstractContextManager[t.Any]:
        """A stream without TLS, closed at the end; raises :class:`Unreachable`."""
        raise NotImplementedError

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """See :class:`~_http.Transport`. ``timeout`` bounds connection, handshake and exchange together."""
        end = time.monotonic() + timeout
        with self.open(timeout) as plain:
            stream = plain
            if self.trust is not None:
                stream = secured(plain, self.trust, self.host, max(end - time.monotonic(), 0.01))
            left = max(end - time.monotonic(), 0.01)
            return exchange(_Connection(self.authority, stream), method, path, headers, body, left)


class Straight(Line):
    """From this host to ``address``, which may differ from the host of the URL."""

    def __init__(
        self, where: str, host: str, authority: str, trust: ssl.SSLContext | None, address: tuple[str, int]
    ) -> None:
        super().__init__(where, host, authority, trust)
        self.address = address

    @contextmanager
    def open(self, timeout: float) -> t.Iterator[t.Any]:
        """See :class:`Line`."""
        try:
            # Asking DNS has no timeout of its own.
            stream = within(timeout, lambda: socket.create_connection(self.address, timeout))
        except Overdue as error:
            raise Unreachable(TIMEOUT, f"no answer within {timeout:.0f} s") from error
        except OSError as error:
            raise explain(error, timeout) from error
        with stream:
            yield stream


def secured(stream: t.Any, context: ssl.SSLContext, host: str, timeout: float) -> ssl.SSLSocket:
    """TLS over a stream; the cause of an :class:`Unreachable` is the exception of ssl."""
    stream.settimeout(timeout)
    plain: socket.socket = getattr(stream, "_socket", stream)  # what the Kubernetes client wraps
    try:
        return within(timeout, lambda: context.wrap_socket(plain, server_hostname=host))
    except Overdue as error:
        raise Unreachable(TIMEOUT, f"the TLS handshake did not end within {timeout:.0f} s") from error
    except OSError as error:
        found = explain(error, timeout)
        if found.kind == TIMEOUT:
            found = Unreachable(TIMEOUT, f"the TLS handshake did not end within {timeout:.0f} s")
        raise found from error
