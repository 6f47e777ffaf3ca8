# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's log of requests, for tests to read. It holds no secret: credentials are kept as a hash prefix only."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

KEPT = 1000
NOT_KEPT = frozenset({"/health"})  # the readiness probe asks every two seconds
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})


def fingerprint(secret: str) -> str:
    """The first eight hex digits of the SHA-256: enough to tell keys apart, not enough to use one."""
    return "sha256:" + hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]


def masked(name: str, value: str) -> str:
    """A header's value as it may be kept: ``Bearer sha256:1a2b3c4d`` for credentials, unchanged for the rest."""
    if name.lower() not in SECRET_HEADERS:
        return value
    scheme, _, secret = value.partition(" ")
    return f"{scheme} {fingerprint(secret)}" if secret else fingerprint(value)


def summary(body: Any) -> dict[str, Any]:
    """What of a request's body is kept: names and figures, no message texts."""
    if not isinstance(body, dict):
        return {}
    tools = [t for t in body.get("tools") or [] if isinstance(t, dict)]
    functions = [t["function"] for t in tools if isinstance(t.get("function"), dict)]
    given = body.get("messages")
    messages = given if isinstance(given, list) else []
    choice = body.get("tool_choice")
    response_format = body.get("response_format")
    return {
        "model": body.get("model"),
        "messages": len(messages),
        "roles": [m.get("role") for m in messages if isinstance(m, dict)],
        "tools": len(tools),
        "tool_names": [f.get("name") for f in functions],
        "strict": [f.get("strict") for f in functions],
        "tool_choice": choice,
        "max_tokens": body.get("max_tokens"),
        "max_completion_tokens": body.get("max_completion_tokens"),
        "stream": bool(body.get("stream")),
        "response_format": response_format.get("type") if isinstance(response_format, dict) else None,
    }


class RequestLog:
    """The last thousand requests but for /health, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._count = 0

    def open(self, port: str, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Note a request as soon as it arrives (so one that hangs is seen, too); ``status`` is filled in later."""
        entry: dict[str, Any] = {
            "time": round(time.time(), 3),
            "port": port,
            "method": method,
            "path": path,
            "headers": {name: masked(name, value) for name, value in headers.items()},
            "body": {},
            "status": None,
            "fault": None,
        }
        if path in NOT_KEPT:
            return entry
        with self._lock:
            self._count += 1
            entry["number"] = self._count
            self._entries.append(entry)
        return entry

    def note(self, port: str, error: str) -> None:
        """Note a connection that never became a request, such as a refused TLS handshake."""
        self.open(port, "", "", {})["error"] = error

    def entries(self) -> list[dict[str, Any]]:
        """A copy of all entries."""
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
