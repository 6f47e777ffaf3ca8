# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a cluster: kubernetes.core makes the connection, this file asks for plain JSON objects.

Private to this collection: it may change in any release.
Every request has a timeout, and every error becomes a :class:`KubeError` whose sentence names what was refused.
"""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _python_needs
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock, Overdue, within

# Why there can be no connection from this host at all.
_LACKING = _python_needs.missing()
MISSING: HolmesError | None = _python_needs.refusal(_LACKING) if _LACKING else None

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
except ImportError:
    AUTH_ARG_SPEC = {}
    get_api_client = None
    MISSING = MISSING or HolmesError(
        "The collection kubernetes.core is missing on the control node.",
        "Install it there: ansible-galaxy collection install kubernetes.core",
    )
except Exception as error:  # a client that is there and breaks, as an old pyOpenSSL makes it
    AUTH_ARG_SPEC = {}
    get_api_client = None
    MISSING = MISSING or _python_needs.refusal_of_broken(error)

CORE = "/api/v1"
APPS = "/apis/apps/v1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"

# What names a cluster or an account in the environment, as an AWX credential does.
ENVIRONMENT = ("K8S_AUTH_HOST", "K8S_AUTH_API_KEY", "K8S_AUTH_CERT_FILE", "K8S_AUTH_KEY_FILE")

REQUEST_TIMEOUT = 15.0
# An API server that is restarted is away for half a minute, on a slow machine for longer.
OUTAGE = 60.0
# API discovery of kubernetes.core is a handful of requests without a timeout of their own.
CONNECT_TIMEOUT = 40.0

Object = dict[str, t.Any]


class KubeError(HolmesError):
    """The API server (or the way to it) refused. ``status`` is the HTTP status, 0 if there was no answer."""

    def __init__(self, msg: str, status: int = 0, fix: str = "") -> None:
        super().__init__(msg, fix)
        self.status = status

    @property
    def forbidden(self) -> bool:
        """The account lacks a right; the message names it."""
        return self.status == 403


class Reader(t.Protocol):
    """What the checks need of a cluster. :class:`Cluster` is the real one, tests bring a fake."""

    def get(self, path: str, **query: str) -> Object:
        """The JSON object (or list object) at ``path``; raises :class:`KubeError`."""

    def text(self, path: str, **query: str) -> str:
        """The plain text at ``path`` (a pod's log); raises :class:`KubeError`."""


class Cluster:
    """A cluster behind kubernetes.core's client. ``raw`` is its ``K8SClient``, for what only that can do."""

    def __init__(self, raw: t.Any, timeout: float = REQUEST_TIMEOUT) -> None:
        self.raw = raw
        self._timeout = timeout

    def get(self, path: str, **query: str) -> Object:
        data = self._request(path, query, "application/json")
        try:
            found: t.Any = json.loads(data)
        except ValueError as error:
            raise KubeError(f"The API server answered {path} with something that is not JSON.") from error
        return t.cast(Object, found)

    def text(self, path: str, **query: str) -> str:
        return self._request(path, query, "text/plain, application/json").decode("utf-8", "replace")

    def now(self) -> float:
        """The API server's time of day in seconds, from the ``Date`` of an answer; the host's own if it has none."""
        try:
            answer = self._answer("/version", {}, "application/json").getheader("Date")
        except KubeError as error:
            # A refusal has a date as well.
            answer = (getattr(error.__cause__, "headers", None) or {}).get("Date")
            if not answer:
                raise
        try:
            return parsedate_to_datetime(str(answer)).timestamp()
        except (TypeError, ValueError):
            return time.time()

    def _request(self, path: str, query: dict[str, str], accept: str) -> bytes:
        return t.cast(bytes, self._answer(path, query, accept).data)

    def _answer(self, path: str, query: dict[str, str], accept: str) -> t.Any:
        try:
            # The client tries again by itself, which would take four times as long.
            return within(
                self._timeout,
                lambda: self.raw.client.request(
                    "get",
                    path,
                    query_params=list(query.items()),
                    header_params={"Accept": accept},
                    serialize=False,
                    _request_timeout=self._timeout,
                ),
            )
        except Exception as error:
            raise translate(error, path) from error


def translate(error: Exception, path: str) -> KubeError:
    """What the client library raised, as one sentence. The API server's own message names user, verb and resource."""
    status = getattr(error, "status", None) or 0
    body = getattr(error, "body", None)
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if status:
        return KubeError(f"The API server refused {path} ({status}): {_status_message(body)}.", int(status))
    return KubeError(f"The API server did not answer {path}: {_short(error)}.")


def _status_message(body: t.Any) -> str:
    try:
        message = json.loads(body).get("message") or str(body)
    except (TypeError, ValueError, AttributeError):
        message = str(body or "no reason given")
    return str(message).strip().rstrip(".")[:400]


def _short(error: BaseException) -> str:
    # urllib3 wraps the reason into a sentence about retries.
    reason = getattr(error, "reason", None)
    text = " ".join(str(reason if isinstance(reason, Exception) else error).split()) or type(error).__name__
    if "header value" in text:  # http.client repeats the value, which is the token
        return "the token holds a line break or another character that no HTTP header may hold"
    return text.rstrip(".")[:300]


def _refuse_two_clusters(params: t.Mapping[str, t.Any]) -> None:
    """kubernetes.core and Helm let the environment win over a kubeconfig, without a word (seen with 6.6.0)."""
    named = [name for name in ENVIRONMENT if os.environ.get(name)]
    if params.get("kubeconfig") and named:
        raise KubeError(
            f"A kubeconfig is given, but {', '.join(named)} of the environment would send this run to another cluster.",
            fix="Unset these variables, or holmes_kubeconfig and holmes_kube_host.",
        )


def lacking() -> HolmesError | None:
    """Why this process cannot talk to any cluster, None if it can: a client that is missing, broken or too old."""
    client = sys.modules.get("kubernetes")  # imported by kubernetes.core
    return MISSING or _python_needs.refusal_of_client(str(getattr(client, "__version__", "")))


def _refuse_lacking_client() -> None:
    refused = lacking()
    if refused:
        raise KubeError(refused.msg, fix=refused.fix)


def connect(params: t.Mapping[str, t.Any]) -> Cluster:
    """A cluster for the authentication options of kubernetes.core in ``params``; raises :class:`KubeError`."""
    _refuse_lacking_client()
    _refuse_two_clusters(params)
    auth = {name: params[name] for name in AUTH_ARG_SPEC if params.get(name) is not None}
    fix = "Check kubeconfig, context and K8S_AUTH_* with 'kubectl version' as the same user on the same host."
    try:
        raw = within(CONNECT_TIMEOUT, lambda: get_api_client(**auth))
    except Overdue as error:
        raise KubeError(f"The API server gave {error}.", fix=fix) from error
    except Exception as error:
        status = int(getattr(error, "status", None) or 0)
        reason = _status_message(getattr(error, "body", None)) if status else _short(error)
        raise KubeError(f"No connection to the cluster: {reason}.", status, fix) from error
    cluster = Cluster(raw)
    try:
        # kubernetes.core answers from its discovery cache even when the API server is gone or refuses the credentials.
        cluster.get("/version")
    except KubeError as error:
        if error.forbidden:
            return cluster
        raise KubeError(f"No connection to the cluster: {error.msg}", error.status, fix) from error
    return cluster


def passing(error: KubeError) -> bool:
    """Whether a later try may succeed: no answer, 429 or 5xx. Another 4xx (no such right, no such namespace) stays."""
    return error.status == 0 or error.status == 429 or error.status >= 500


def connect_patiently(params: t.Mapping[str, t.Any], clock: Clock | None = None) -> Cluster:
    """:func:`connect`, for a step behind which something unfinished stands: an API server may be starting again."""
    clock = clock or Clock()
    end = clock.now() + OUTAGE
    while True:
        try:
            return connect(params)
        except KubeError as error:
            if not passing(error) or clock.now() >= end:
                raise
        clock.sleep(2.0)


def items(reader: Reader, path: str, **query: str) -> list[Object]:
    """The items of a list."""
    return list(reader.get(path, **query).get("items") or [])


def path_of(base: str, resource: str, namespace: str = "", name: str = "") -> str:
    """``path_of(CORE, "pods", "holmes", "web")`` is ``/api/v1/namespaces/holmes/pods/web``."""
    parts = [base]
    if namespace:
        parts += ["namespaces", quote(namespace, safe="")]
    parts.append(resource)
    if name:
        parts.append(quote(name, safe=":"))
    return "/".join(parts)


def meta(thing: t.Mapping[str, t.Any]) -> Object:
    """``metadata`` of an object, never None."""
    return dict(thing.get("metadata") or {})


def name_of(thing: t.Mapping[str, t.Any]) -> str:
    """``metadata.name``."""
    return str(meta(thing).get("name", ""))
