# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Live attempts to change something as HolmesGPT's account, which the API server has to refuse.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Nothing can come of an attempt that is let through: writes are dry runs (``dryRun=All``), objects have a name that does
not exist, and of Secrets only metadata is asked for, which is not read. A refusal that names account and verb comes
from the authorizer, before anything is looked up, admitted or stored.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_say import SAY, named, place, sentence, too_much
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_token import (
    JSON,
    TOKEN_SECONDS,
    Bearer,
    Reply,
    user_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import APPS, CORE, KubeError, Object, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import MERGE_PATCH, NOT_FOUND
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many

REFUSED = "access.refused"
_DRY = "dryRun=All"
# As client-go's metadata client asks; errors come as plain JSON.
_ONE = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{JSON}"
_LIST = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
# Kubernetes has both of them always, also OpenShift.
_OTHERS = ("kube-system", "default")


@dataclass(frozen=True)
class Attempt:
    """A request, and the right by which it would be let through."""

    right: Right
    method: str
    path: str
    body: t.Any = None
    content_type: str = JSON
    accept: str = JSON


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt. ``refused`` is None where the answer proves neither; then ``why`` says what came."""

    attempt: Attempt
    refused: bool | None
    status: int
    why: str = ""


def other_namespace(namespace: str) -> str:
    """A namespace that exists and is not this one."""
    return next(name for name in _OTHERS if name != namespace)


def attempts(namespace: str, name: str) -> list[Attempt]:
    """What is tried, on objects with ``name``, which must not exist: in its namespace, and in another one."""
    found = [*_in(namespace, name), *_in(other_namespace(namespace), name)]
    path = f"{path_of(CORE, 'pods', namespace, name)}/exec?command=true&stdout=true"
    for verb, method in (("create", "POST"), ("get", "GET")):
        found.append(Attempt(Right(verb, "pods/exec", "", namespace, name), method, path))
    return found


def _in(namespace: str, name: str) -> list[Attempt]:
    def right(verb: str, resource: str, group: str = "") -> Right:
        return Right(verb, resource, group, namespace, "" if verb in ("create", "list") else name)

    pods, secrets = path_of(CORE, "pods", namespace), path_of(CORE, "secrets", namespace)
    config, deployment = path_of(CORE, "configmaps", namespace), path_of(APPS, "deployments", namespace, name)
    return [
        Attempt(right("create", "pods"), "POST", f"{pods}?{_DRY}", _pod(name)),
        Attempt(right("create", "configmaps"), "POST", f"{config}?{_DRY}", _made("ConfigMap", name)),
        Attempt(right("patch", "deployments", "apps"), "PATCH", f"{deployment}?{_DRY}", {}, MERGE_PATCH),
        Attempt(right("delete", "pods"), "DELETE", f"{pods}/{name}?{_DRY}"),
        Attempt(right("get", "secrets"), "GET", f"{secrets}/{name}", accept=_ONE),
        Attempt(right("list", "secrets"), "GET", f"{secrets}?limit=1", accept=_LIST),
    ]


def _made(kind: str, name: str) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}


def _pod(name: str) -> Object:
    """One that the level ``restricted`` and the usual quotas admit, so that no admission answers in place of rights."""
    few = {"cpu": "1m", "memory": "1Mi"}
    container = {
        "name": "none",
        "image": "image.invalid/none:none",
        "resources": {"requests": few, "limits": few},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"containers": [container], "securityContext": security, "automountServiceAccountToken": False}
    return {**_made("Pod", name), "spec": spec}


def make(bearer: Bearer, tried: t.Sequence[Attempt], user: str) -> list[Outcome]:
    """Makes the attempts, a few at a time. One without an answer is open, and hides no other."""

    def one(attempt: Attempt) -> Outcome:
        try:
            reply = bearer.send(
                attempt.method,
                attempt.path,
                attempt.body,
                content_type=attempt.content_type,
                accept=attempt.accept,
                discard=True,
            )
        except KubeError as error:
            return Outcome(attempt, None, 0, error.msg)
        return outcome(attempt, reply, user)

    return many(one, tried)


def outcome(attempt: Attempt, reply: Reply, user: str) -> Outcome:
    """What an answer means: only a refusal for this user, verb and resource is one; done or not found was let through.

    An answer by admission, validation, a webhook or the request's form came after the authorizer or before it, so that
    it proves neither.
    """
    right, refusal = attempt.right, reply.refusal
    asked = {
        "user": user,
        "verb": right.verb,
        "resource": right.resource,
        "group": right.group,
        "namespace": right.namespace,
    }
    if refusal == asked:
        return Outcome(attempt, True, reply.status)
    if reply.status < 300 or (reply.status == NOT_FOUND and reply.body.get("kind") == "Status"):
        return Outcome(attempt, False, reply.status)
    return Outcome(attempt, None, reply.status, reply.message)


def judge(account: str, namespace: str, name: str, outcomes: t.Sequence[Outcome], exceptions: Exceptions) -> Check:
    """``access.refused`` over all attempts of the account ``name`` of ``namespace``."""
    let = [entry.attempt.right for entry in outcomes if entry.refused is False]
    open_ = [entry for entry in outcomes if entry.refused is None]
    evidence = {
        "account": account,
        "user": user_of(namespace, name),
        "token_seconds": TOKEN_SECONDS,
        "attempts": [_told(entry) for entry in outcomes],
    }
    if let:
        message = f"The API server let {account} do: {{}} (tried as dry runs, or on names that do not exist)."
        return too_much(REFUSED, message, let, exceptions, evidence)
    if open_:
        answers = "; ".join(
            f"{named(entry.attempt.right)}: {entry.status or 'none'} ({entry.why})" for entry in open_[:3]
        )
        refused = f"{len(outcomes) - len(open_)} of {len(outcomes)} attempts were refused"
        message = f"{refused}; these answers prove nothing: {answers}."
        fix = "See what answers in place of the API server's authorizer (a webhook, a policy, a proxy); verify again."
        return SAY.unchecked(REFUSED, message, fix, **evidence)
    rights = sentence(entry.attempt.right for entry in outcomes)
    return SAY.passed(
        REFUSED, f"All {len(outcomes)} attempts of {account} were refused by name (403): {rights}.", **evidence
    )


def _told(entry: Outcome) -> Object:
    words = {True: "refused", False: "allowed", None: "open"}
    right = entry.attempt.right
    return {
        "verb": right.verb,
        "resource": right.target,
        "scope": place(right),
        "status": entry.status,
        "outcome": words[entry.refused],
    }
