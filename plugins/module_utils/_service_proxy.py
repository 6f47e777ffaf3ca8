# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to a Service through the API server's proxy, for an account that may not open port-forwards.

Private to this collection: it may change in any release.
Needs the right to get (and, for a chat, to create) ``services/proxy``. The proxy does not verify a TLS backend, so only
plain HTTP goes this way; and it takes ``Authorization`` for itself (facts: real-run point 3), see ``bearer``.
"""

from __future__ import annotations

import json
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    FORBIDDEN,
    HEADERS,
    OTHER,
    REFUSED,
    RESET,
    TIMEOUT,
    Answer,
    NoWay,
    Transport,
    Unreachable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Cluster, Object, name_of, path_of


class ServiceProxy:
    """A :class:`~_http.Transport` to the first port of a Service."""

    bearer = False

    def __init__(self, cluster: Cluster, service: Object, namespace: str) -> None:
        port = ((service.get("spec") or {}).get("ports") or [{}])[0].get("port", 80)
        self.where = f"Service {name_of(service)} through the API server's proxy"
        self._client = cluster.raw.client
        self._namespace = namespace
        self._path = path_of(CORE, "services", namespace, f"{name_of(service)}:{port}") + "/proxy"

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """See :class:`~_http.Transport`."""
        started = time.monotonic()

        def send() -> t.Any:
            return self._client.request(
                method.lower(),
                self._path + path,
                body=json.loads(body) if body else None,
                header_params={**HEADERS, **headers},
                serialize=False,
                _request_timeout=timeout,
            )

        try:
            answer = within(timeout, send)
        except Overdue as error:
            raise Unreachable(TIMEOUT, f"no answer within {timeout:.0f} s") from error
        except Exception as error:
            status = int(getattr(error, "status", None) or 0)
            if not status:
                text = " ".join(str(getattr(error, "reason", None) or error).split())[:300]
                raise Unreachable(RESET, f"the API server broke off: {text}") from error
            return self._judged(_answer(status, error, getattr(error, "body", b""), started), method)
        return _answer(int(answer.status), answer, answer.data, started)

    def _judged(self, answer: Answer, method: str) -> Answer:
        """An error of HolmesGPT is an answer like any other; one of the API server itself is none."""
        body = answer.json()
        if not isinstance(body, dict) or body.get("kind") != "Status":
            return answer
        message = str(body.get("message", ""))
        if answer.status == 403:
            verb = "create" if method == "POST" else "get"
            raise NoWay(
                FORBIDDEN, f"this account lacks the right to {verb} services/proxy in namespace {self._namespace}"
            )
        kind = REFUSED if "refused" in message or "no endpoints" in message else OTHER
        raise Unreachable(kind, f"the API server's proxy answers {answer.status}: {message[:200]}")


def _answer(status: int, carrier: t.Any, body: t.Any, started: float) -> Answer:
    names = {str(name).lower(): str(value) for name, value in dict(getattr(carrier, "headers", None) or {}).items()}
    data = body if isinstance(body, bytes) else str(body or "").encode("utf-8")
    return Answer(status, names, data, time.monotonic() - started)


class Fallback:
    """One way, and another from then on if the first cannot be opened: a right is missing, or websockets get lost."""

    def __init__(self, first: Transport, second: t.Callable[[], Transport]) -> None:
        self._way = first
        self._second: t.Callable[[], Transport] | None = second

    @property
    def where(self) -> str:
        """See :class:`~_http.Transport`."""
        return self._way.where

    @property
    def bearer(self) -> bool:
        """See :class:`~_http.Transport`."""
        return self._way.bearer

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        """See :class:`~_http.Transport`."""
        try:
            return self._way.request(method, path, headers, body, timeout)
        except NoWay as error:
            if self._second is None:
                raise
            self._way, self._second = self._second(), None
            try:
                return self._way.request(method, path, headers, body, timeout)
            except NoWay as again:
                raise NoWay(again.kind, f"{error}, and instead of it {again}") from again
