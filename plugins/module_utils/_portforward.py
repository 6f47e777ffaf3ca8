# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to a pod behind a Service, through the API server (what ``kubectl port-forward svc/...`` does).

Private to this collection: it may change in any release.
Every request opens a forward of its own, so nothing listens on this host and nothing is left behind.
Needs the right to get ``pods/portforward`` (a websocket begins with a GET), from Kubernetes 1.35 on to create it, too.
Impersonation options do not reach the websocket: the Python client sends only the Authorization header there.
"""

from __future__ import annotations

import ssl
import typing as t
from contextlib import closing, contextmanager

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pod_socket
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    FORBIDDEN,
    OTHER,
    REFUSED,
    TIMEOUT,
    NoWay,
    Unreachable,
    tls_context,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line
from ansible_collections.holmesgpt.onprem.plugins.module_utils._websocket import forbidden, reason

OPEN_TIMEOUT = 15.0


class Forward(t.Protocol):
    """An open forward: a stream, and what the far end said when it failed (None or empty: nothing)."""

    def stream(self) -> t.Any:
        """A socket-like object."""

    def error(self) -> str | None:
        """The far end's complaint, for example that nothing listens on the port."""


Opener = t.Callable[[Target], Forward]


class PodTransport(Line):
    """A :class:`~_http.Transport` to one pod. ``opener`` makes the forward (see :func:`opener`).

    A pod that speaks TLS is verified with ``trust``, else with ``ca_file`` or the system's authorities.
    """

    def __init__(
        self, target: Target, opener: Opener, ca_file: str | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        where = f"pod {target.pod} port {target.port} behind Service {target.service}"
        context = (trust or tls_context(ca_file)) if target.secure else None
        super().__init__(where, target.host, target.authority or target.host, context)
        self._target = target
        self._opener = opener

    @contextmanager
    def open(self, timeout: float) -> t.Iterator[t.Any]:
        """One forward. A port on which nothing listens is ``refused``, as without a forward."""
        forward = self._open(timeout)
        try:
            with closing(forward.stream()) as stream:
                yield stream
        except Unreachable as error:
            told = " ".join((forward.error() or "").split())
            if "refused" in told:
                raise Unreachable(
                    REFUSED, f"nothing listens on port {self._target.port} of pod {self._target.pod} yet"
                ) from error
            if told:
                raise Unreachable(error.kind, f"{error} ({told[:200]})") from error
            raise

    def _open(self, timeout: float) -> Forward:
        seconds = min(OPEN_TIMEOUT, timeout)
        try:
            return within(seconds, lambda: self._opener(self._target))
        except Overdue as error:
            raise NoWay(TIMEOUT, f"the API server did not open a port-forward within {seconds:.0f} s") from error


def opener(cluster: t.Any) -> Opener:
    """Forwards through the Python client of a :class:`~_kube.Cluster`."""

    def open_forward(target: Target) -> Forward:
        try:
            forward = _pod_socket.forward(cluster.raw.configuration, target.namespace, target.pod, target.port)
        except Exception as error:
            raise refusal(error, target) from error
        return _ClientForward(forward, target.port)

    return open_forward


def refusal(error: Exception, target: Target) -> NoWay:
    """Why no forward was opened."""
    if forbidden(error):
        return NoWay(
            FORBIDDEN,
            f"this account lacks the right to get and create pods/portforward in namespace {target.namespace}",
        )
    return NoWay(OTHER, f"no port-forward to pod {target.pod}: {reason(error)[:300]}")


class _ClientForward:
    def __init__(self, forward: t.Any, port: int) -> None:
        self._forward = forward
        self._port = port

    def stream(self) -> t.Any:
        return self._forward.socket(self._port)

    def error(self) -> str | None:
        return t.cast("str | None", self._forward.error(self._port))
