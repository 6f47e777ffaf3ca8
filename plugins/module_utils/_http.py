# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP exchange over whatever carries it: a direct URL or a forwarded port.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Only headers that every HolmesGPT accepts are sent: from 0.43 on a header value with shell characters
(``Accept: */*``, a charset, a browser's User-Agent) makes every Kubernetes tool call fail (facts: real-run point 3).
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import time
import typing as t
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within

HEADERS = {"Accept": "application/json", "User-Agent": "holmesgpt-onprem"}

# Kinds of Unreachable.
REFUSED = "refused"
RESET = "reset"
TIMEOUT = "timeout"
TLS = "tls"
DNS = "dns"
FORBIDDEN = "forbidden"
OTHER = "other"


class Unreachable(Exception):
    """No HTTP answer. ``kind`` is one of the words above; the text is for people."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class NoWay(Unreachable):
    """The way to the server could not be opened, so that nothing is known of the server itself."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; header names are lower case, ``seconds`` is how long it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> t.Any:
        """The body's JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Transport(t.Protocol):
    """A way to HolmesGPT. ``where`` describes it in a message; ``bearer``: whether ``Authorization`` arrives there."""

    @property
    def where(self) -> str: ...

    @property
    def bearer(self) -> bool: ...

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """One exchange; raises :class:`Unreachable`."""


def exchange(
    connection: HTTPConnection,
    method: str,
    path: str,
    headers: t.Mapping[str, str],
    body: bytes | None,
    timeout: float,
) -> Answer:
    """Send, receive, close. ``timeout`` bounds the whole exchange, however slowly bytes trickle in."""
    started = time.monotonic()

    def run() -> Answer:
        try:
            connection.request(method, path, body=body, headers={**HEADERS, **headers})
            response = connection.getresponse()
            content = response.read()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, content, time.monotonic() - started)
        finally:
            connection.close()

    try:
        return within(timeout, run)
    except Overdue as error:
        raise Unreachable(TIMEOUT, f"no answer within {timeout:.0f} s") from error
    except (OSError, HTTPException) as error:
        raise explain(error, timeout) from error
    except ValueError:  # http.client repeats the value, which is the key: not even as the cause
        raise HolmesError(
            "HolmesGPT's API key holds a line break or another character that no HTTP header may hold.",
            "Make the Secret anew without it, for example with 'printf %s' instead of 'echo'.",
        ) from None


def explain(error: Exception, timeout: float) -> Unreachable:
    """The library's exception as a kind and a sentence."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(TLS, f"its certificate is not trusted: {getattr(error, 'verify_message', text)}")
    if isinstance(error, ssl.SSLError):
        return Unreachable(TLS, f"TLS failed: {error.reason or text}")
    if isinstance(error, socket.gaierror):
        return Unreachable(DNS, f"its name does not resolve: {error.strerror}")
    if isinstance(error, (socket.timeout, TimeoutError)):
        return Unreachable(TIMEOUT, f"no answer within {timeout:.0f} s")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(REFUSED, "connection refused")
    if isinstance(error, (ConnectionError, HTTPException)):
        return Unreachable(RESET, f"the connection broke: {text}")
    return Unreachable(OTHER, text)


class Direct:
    """A given URL. https is verified with ``ca_file``, or with the system's authorities."""

    bearer = True

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = None
            parts = parts._replace(scheme="")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise HolmesError(f"url '{url}' is not usable.", "Give it as http://HOST:PORT or https://HOST:PORT.")
        self.where = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
        self._secure = parts.scheme == "https"
        self._host, self._port, self._base = parts.hostname, port, parts.path.rstrip("/")
        self._context = tls_context(ca_file) if self._secure else None

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """See :class:`Transport`."""
        connection = (
            HTTPSConnection(self._host, self._port, timeout=timeout, context=self._context)
            if self._secure
            else HTTPConnection(self._host, self._port, timeout=timeout)
        )
        return exchange(connection, method, self._base + path, headers, body, timeout)


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verification by one CA file; raises HolmesError if that is no PEM file."""
    if not ca_file:
        return ssl.create_default_context()
    if not os.path.isfile(ca_file):
        raise HolmesError(f"ca_file {ca_file} does not exist on this host.", "Correct holmes_ca_file.")
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (ssl.SSLError, OSError) as error:
        raise HolmesError(
            f"ca_file {ca_file} holds no PEM certificate ({error}).", "Give the CA certificate in PEM form."
        ) from error
