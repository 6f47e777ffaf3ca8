# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at what a server shows before it is trusted: its certificates, and whether it speaks TLS or HTTP at all.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    OTHER,
    RESET,
    TIMEOUT,
    TLS,
    Unreachable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_certificate import Certificate, authorities, of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line, secured
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import PARTIAL_CHAIN, unverified

# OpenSSL's X509_V_FLAG_NO_CHECK_TIME.
_NO_CHECK_TIME = 0x200000


class Seen(t.NamedTuple):
    """``code`` is OpenSSL's verdict (X509_V_ERR_*, 0: verified) and ``text`` its words.

    ``sent`` is what the server sent, its own certificate first; empty if OpenSSL cannot read that. Python 3.9
    tells only the first.
    """

    code: int
    text: str
    sent: tuple[Certificate, ...]


def look(line: Line, trust: ssl.SSLContext, timeout: float) -> Seen:
    """Verify a server as its clients will; raises :class:`Unreachable` for everything but a refused certificate."""
    end, refused = time.monotonic() + timeout, (0, "")
    try:
        with line.open(timeout) as plain, secured(plain, trust, line.host, _left(end)) as stream:
            own = of(stream.getpeercert() or {})
            return Seen(0, "", (own, *_others(_sent(stream)[1:])))
    except Unreachable as error:
        refused = _verdict(error)
        if not refused[0]:
            raise
    sent = _shown(line, end)
    own_too = _parsed(line, sent[0], end) if sent else ()
    return Seen(*refused, (*own_too, *_others(sent[1:])) if own_too else ())


def is_refusal(error: Unreachable) -> bool:
    """Whether a server was not reached because its certificate was refused."""
    return bool(_verdict(error)[0])


def speaks_tls(line: Line, timeout: float) -> bool:
    """Whether something there shakes hands, whatever certificate it shows."""
    try:
        with line.open(timeout) as plain, secured(plain, unverified(), line.host, timeout):
            return True
    except Unreachable:
        return False


def speaks_http(line: Line, timeout: float) -> bool:
    """Whether plain HTTP is answered there."""

    def ask(stream: t.Any) -> bytes:
        stream.settimeout(timeout)
        stream.sendall(b"GET / HTTP/1.0\r\nHost: " + line.authority.encode("idna") + b"\r\n\r\n")
        return t.cast(bytes, stream.recv(5))

    try:
        with line.open(timeout) as stream:
            return within(timeout, lambda: ask(stream)) == b"HTTP/"
    except (Unreachable, OSError, Overdue, UnicodeError):
        return False


def _left(end: float) -> float:
    return max(end - time.monotonic(), 0.01)


def _verdict(error: Unreachable) -> tuple[int, str]:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_code, seen.verify_message
        seen = seen.__cause__
    return 0, ""


def _shown(line: Line, end: float) -> list[bytes | str]:
    """What the server sends, as DER, without trusting any of it."""
    with line.open(_left(end)) as plain, secured(plain, unverified(), line.host, _left(end)) as stream:
        return _sent(stream)


def _sent(stream: ssl.SSLSocket) -> list[bytes | str]:
    """The server's certificate and, from Python 3.10 on, what it sent along; DER or PEM."""
    chain = getattr(stream, "get_unverified_chain", None)  # from 3.13 on
    if chain:
        return list(chain())
    chain = getattr(getattr(stream, "_sslobj", None), "get_unverified_chain", None)  # the same, unpolished
    if chain:
        return [one.public_bytes() for one in chain()]
    return [stream.getpeercert(binary_form=True) or b""]


def _parsed(line: Line, own: bytes | str, end: float) -> tuple[Certificate, ...]:
    """The server's own certificate. Python parses only a verified one: hence one more handshake that trusts just it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | PARTIAL_CHAIN | _NO_CHECK_TIME)
    try:
        context.load_verify_locations(cadata=own)
        with line.open(_left(end)) as plain, secured(plain, context, line.host, _left(end)) as stream:
            return (of(stream.getpeercert() or {}),)
    except (Unreachable, ssl.SSLError, KeyError):
        return ()


def _others(chain: t.Iterable[bytes | str]) -> tuple[Certificate, ...]:
    """The authorities that were sent along, in the server's order."""
    found: list[Certificate] = []
    for one in chain:
        try:
            found += authorities(one)
        except ssl.SSLError:
            continue
    return tuple(found)


def spoken_instead(line: Line, error: Unreachable, timeout: float) -> str:
    """The scheme that is spoken there in truth, where the other one failed with ``error``; empty if it is not that."""
    # A server of plain HTTP may wait for the end of the line in a handshake for ever.
    if error.kind not in (TLS, RESET, OTHER) and not (error.kind == TIMEOUT and "handshake" in str(error)):
        return ""
    brief = min(timeout / 2, 2.0)  # the first look had its whole time
    if line.trust is not None:
        return "http" if speaks_http(line, brief) else ""
    return "https" if speaks_tls(line, brief) else ""
