# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access review: what HolmesGPT's account can do and what it cannot, as the API server itself answers.

Private to this collection: it may change in any release. Imports nothing of Ansible. Access reviews store nothing.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_say import SAY, place, sentence, too_much
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_token import Bearer, user_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import create
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import REVIEWS, Right, snippet
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many

READS, REVIEW = "access.reads", "access.review"
OF_OTHERS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_VERSION = "authorization.k8s.io/v1"


@dataclass(frozen=True)
class Reviewed:
    """Answers by right: True, False, or None where the answer proves nothing. ``asked``: how it was asked."""

    answers: t.Mapping[Right, bool | None]
    asked: str = ""

    def those(self, rights: t.Iterable[Right], allowed: bool | None) -> list[Right]:
        """Of these rights the ones with this answer."""
        return [right for right in dict.fromkeys(rights) if self.answers.get(right) is allowed]


def by_account(bearer: Bearer, rights: t.Sequence[Right]) -> Reviewed:
    """The account asks for itself. Raises KubeError if it may not, or gets no answer."""

    def review(right: Right) -> bool | None:
        body = {"apiVersion": _VERSION, "kind": "SelfSubjectAccessReview", "spec": right.review}
        reply = bearer.send("POST", REVIEWS, body)
        if reply.status not in (200, 201):
            raise KubeError(f"The API server refused {REVIEWS} ({reply.status}): {reply.message}.", reply.status)
        return answer_of(reply.body)

    rights = list(dict.fromkeys(rights))
    return Reviewed(dict(zip(rights, many(review, rights))), "by the account itself (SelfSubjectAccessReview)")


def by_another(cluster: Cluster, namespace: str, account: str, rights: t.Sequence[Right]) -> Reviewed:
    """The verifying account asks about it. Raises KubeError if it may not."""
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    who = {"user": user_of(namespace, account), "groups": groups}

    def review(right: Right) -> bool | None:
        body = {"apiVersion": _VERSION, "kind": "SubjectAccessReview", "spec": {**right.review, **who}}
        return answer_of(create(cluster, OF_OTHERS, body))

    rights = list(dict.fromkeys(rights))
    return Reviewed(dict(zip(rights, many(review, rights))), "by the verifying account (SubjectAccessReview)")


def answer_of(review: Object) -> bool | None:
    """What an answered review says. An authorizer that failed (``evaluationError``) has not refused anything."""
    status = review.get("status") or {}
    if status.get("allowed") is True:
        return True
    if status.get("evaluationError") or status.get("allowed") is not False:
        return None
    return False


def rights_to_ask(namespace: str) -> str:
    """The fix when neither way of asking is open."""
    token = Right("create", "serviceaccounts/token", "", namespace)
    other = Right("create", "subjectaccessreviews", "authorization.k8s.io")
    return f"Grant the verifying account {snippet([token])}; or {snippet([other])}."


def judge(
    account: str, reviewed: Reviewed, must_not: t.Sequence[Right], exceptions: Exceptions, table: Object
) -> Check:
    """``access.review``: nothing of ``must_not`` is allowed. ``table`` goes into the evidence."""
    found, open_ = reviewed.those(must_not, True), reviewed.those(must_not, None)
    evidence = {"account": account, "asked": reviewed.asked, **table}
    if found:
        return too_much(REVIEW, f"{account} can do more than read: {{}}.", found, exceptions, evidence)
    if open_:
        message = f"The API server could not say whether {account} may: {sentence(open_)}."
        return SAY.unchecked(
            REVIEW, message, "Look at the authorizers of the API server, then verify again.", **evidence
        )
    message = f"{account} is refused all {len(must_not)} rights that change something, read Secrets or reach into pods."
    return SAY.passed(REVIEW, message, **evidence)


def judge_reads(
    account: str, reviewed: Reviewed, needed: t.Sequence[Right], vital: t.Sequence[Right], limited: bool
) -> Check:
    """``access.reads``: all of ``needed`` is allowed; without ``vital`` nothing works. ``limited``: to namespaces."""
    missing, open_ = reviewed.those(needed, False), reviewed.those(needed, None)
    evidence = {"account": account, "asked": reviewed.asked, "missing": [_row(right, False, True) for right in missing]}
    bind = f"Set holmes_rbac_create: true, or bind a role like the chart's to {account}"
    if reviewed.those(vital, False):
        message = f"{account} may not: {sentence(reviewed.those(vital, False))}. Every answer will be empty."
        return SAY.failed(READS, message, f"{bind}.", **evidence)
    if missing:
        message = f"{account} may not: {sentence(missing)}. Questions about these get empty answers."
        told = " If it is meant to see its own namespace only: holmes_rbac_scope: namespace."
        return SAY.warned(READS, message, f"{bind}.{'' if limited else told}", **evidence)
    if open_:
        message = f"The API server could not say whether {account} may: {sentence(open_)}."
        return SAY.unchecked(
            READS, message, "Look at the authorizers of the API server, then verify again.", **evidence
        )
    return SAY.passed(
        READS, f"{account} has all {len(dict.fromkeys(needed))} rights that HolmesGPT's tools need.", **evidence
    )


def table_of(reviewed: Reviewed, needed: t.Sequence[Right], must_not: t.Sequence[Right]) -> Object:
    """``can``, ``cannot`` and ``unknown``: rows of verb, resource, scope, allowed, expected."""
    table: dict[str, list[Object]] = {"can": [], "cannot": [], "unknown": []}
    names = {True: "can", False: "cannot", None: "unknown"}
    for rights, expected in ((needed, True), (must_not, False)):
        for right in dict.fromkeys(rights):
            allowed = reviewed.answers.get(right)
            table[names[allowed]].append(_row(right, allowed, expected))
    return table


def _row(right: Right, allowed: bool | None, expected: bool) -> Object:
    return {
        "verb": right.verb,
        "resource": right.target,
        "scope": place(right),
        "allowed": allowed,
        "expected": expected,
    }
