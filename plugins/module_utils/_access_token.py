# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API server, asked with a short-lived token of the pods' account, and the proof that it is that account.

Private to this collection: it may change in any release.

The token lives in memory only. It goes to the same address with the same authorities and proxy as the requests of the
verifying account, but without that account's client certificate, which the API server would look at first.
"""

from __future__ import annotations

import copy
import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    Cluster,
    KubeError,
    Object,
    path_of,
    translate,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import NOT_FOUND, create
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right, snippet
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import WORKERS

JSON = "application/json"
# The least that the API server gives.
TOKEN_SECONDS = 600
TIMEOUT = 10.0
# A Status of the API server is far smaller.
_MOST_BYTES = 256 * 1024
_WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
# How the API server words a refusal by its authorizer; what an admission plugin refuses reads otherwise
# (kubernetes: apiserver/pkg/endpoints/handlers/responsewriters/errors.go).
_REFUSAL = re.compile(
    r'\S+(?: "[^"]*")? is forbidden: User "(?P<user>[^"]+)" cannot (?P<verb>\S+) resource "(?P<resource>[^"]+)" '
    r'in API group "(?P<group>[^"]*)"(?: in the namespace "(?P<namespace>[^"]+)"| at the cluster scope)'
)


@dataclass(frozen=True)
class Reply:
    """An answer. ``body`` is empty if it was not read, or is no JSON object."""

    status: int
    body: Object = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What the API server says, in one short line."""
        return " ".join(str(self.body.get("message") or "no reason given").split())[:200].rstrip(".")

    @property
    def refusal(self) -> dict[str, str]:
        """Who was refused what, if this is the refusal of an authorizer; else empty."""
        found = _REFUSAL.match(str(self.body.get("message") or "")) if self.status == 403 else None
        return {key: value or "" for key, value in found.groupdict().items()} if found else {}


class Bearer:
    """Requests with a token. ``pool`` is urllib3's pool manager, as the Python client sets it up."""

    def __init__(self, pool: t.Any, host: str, token: str) -> None:
        self._pool, self._host, self._token = pool, host.rstrip("/"), token

    def send(
        self,
        method: str,
        path: str,
        body: t.Any = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        discard: bool = False,
    ) -> Reply:
        """One request, never repeated, no redirect followed. Raises KubeError if there is no answer.

        ``discard``: what a success would bring is not even read.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type

        def call() -> Reply:
            answer = self._pool.request(
                method,
                self._host + path,
                body=None if body is None else json.dumps(body),
                headers=headers,
                timeout=TIMEOUT,
                retries=False,  # and no redirect followed
                preload_content=False,
            )
            try:
                unread = discard and answer.status < 300
                return Reply(answer.status, {} if unread else self._parsed(answer.read(_MOST_BYTES)))
            finally:
                answer.close()

        try:
            return within(TIMEOUT, call)
        except Exception as error:
            # Not "from error": what the library raised may hold the request.
            raise translate(error, path.partition("?")[0]) from None

    def _parsed(self, data: bytes) -> Object:
        # A server that repeats what it was sent must not bring the token into a message.
        text = data.decode("utf-8", "replace").replace(self._token, "***")
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def user_of(namespace: str, account: str) -> str:
    """The name under which the API server knows a ServiceAccount."""
    return f"system:serviceaccount:{namespace}:{account}"


def as_account(cluster: Cluster, namespace: str, account: str, missing: str) -> Bearer:
    """A way to ask as the account, proven to be it; KubeError says why there is none, and which right it takes.

    ``missing`` is the name of a Secret that does not exist: before Kubernetes 1.28 (SelfSubjectReview) only a refusal
    says who one is.
    """
    bearer = _with_token(cluster, _token(cluster, namespace, account))
    name, found = user_of(namespace, account), _who(bearer, path_of(CORE, "secrets", namespace, missing))
    if found != name:
        seen = (
            f"takes a token of {name} for '{found}'" if found else f"does not say whom it takes a token of {name} for"
        )
        raise KubeError(
            f"The API server {seen}, so nothing would be proven with it.",
            fix="Use a kubeconfig that reaches the API server itself, with no proxy that logs in on its own.",
        )
    return bearer


def _token(cluster: Cluster, namespace: str, account: str) -> str:
    path = f"{path_of(CORE, 'serviceaccounts', namespace, account)}/token"
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    # Not the path, because "token: ..." in a message looks like a credential, and would be hidden.
    what = f"the request for a token of ServiceAccount {namespace}/{account}"
    try:
        token = (create(cluster, path, body).get("status") or {}).get("token")
    except KubeError as error:
        fix = error.fix
        if error.status == NOT_FOUND:
            fix = f"Make the ServiceAccount {account} in namespace {namespace}, or correct holmes_service_account."
        elif error.forbidden:
            fix = f"Grant the verifying account {snippet([Right('create', 'serviceaccounts/token', '', namespace)])}."
        raise KubeError(error.msg.replace(path, what), error.status, fix) from None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise KubeError(f"The API server answered {what} without a token that can be sent.")
    return token


def _with_token(cluster: Cluster, token: str) -> Bearer:
    from kubernetes.client.rest import RESTClientObject

    # The pool knows nothing of tokens, passwords and hooks of the configuration, only of its client certificate.
    configuration = copy.copy(cluster.raw.configuration)
    configuration.cert_file = configuration.key_file = None
    configuration.connection_pool_maxsize = 2 * WORKERS
    return Bearer(RESTClientObject(configuration).pool_manager, str(configuration.host), token)


def _who(bearer: Bearer, secret: str) -> str:
    """The user that the API server sees, empty if it does not say."""
    reply = bearer.send("POST", _WHO, {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    if reply.status == 401:
        raise KubeError(
            "The API server does not accept the token that it gave (401).",
            401,
            "Use a kubeconfig that reaches the API server itself, with no proxy that wants a log-in of its own.",
        )
    if reply.status in (200, 201):
        return str(((reply.body.get("status") or {}).get("userInfo") or {}).get("username") or "")
    if not reply.refusal:
        reply = bearer.send("GET", secret, discard=True)
    return reply.refusal.get("user", "")
