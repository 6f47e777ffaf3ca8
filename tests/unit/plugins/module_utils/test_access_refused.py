# SPDX-License-Identifier: GPL-3.0-or-later
"""Live attempts: which answer proves what."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_refused import (
    Outcome,
    attempts,
    judge,
    make,
    other_namespace,
    outcome,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_token import Reply
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right

from tests.unit.fixtures.access_world import ACCOUNT, HOLMES, refusal, right_of, status

TRIED = attempts("holmes", "none")
PATCH = next(attempt for attempt in TRIED if attempt.right.verb == "patch")
RIGHT = PATCH.right


def test_every_attempt_asks_for_the_right_that_it_names() -> None:
    for attempt in TRIED:
        assert right_of(attempt.method, attempt.path.partition("?")[0]) == attempt.right
    tried = {(attempt.right.verb, attempt.right.resource, attempt.right.namespace) for attempt in TRIED}
    for namespace in ("holmes", "kube-system"):
        for verb, resource in (("create", "pods"), ("patch", "deployments"), ("delete", "pods"), ("list", "secrets")):
            assert (verb, resource, namespace) in tried
    assert {("create", "pods/exec", "holmes"), ("get", "pods/exec", "holmes")} <= tried
    assert len(tried) == len(TRIED) == 14


def test_the_other_namespace_is_never_the_own_one() -> None:
    assert other_namespace("holmes") == "kube-system"
    assert other_namespace("kube-system") == "default"


def replaced(**more: str) -> tuple[int, t.Any]:
    return refusal(HOLMES, Right(**{**vars(RIGHT), **more}))


ANSWERS = [
    (refusal(HOLMES, RIGHT), True),
    (refusal(HOLMES, RIGHT, ": RBAC: clusterrole.rbac.authorization.k8s.io not found"), True),
    # Somebody else, or something else, was refused.
    (refusal("system:anonymous", RIGHT), None),
    (refusal("system:serviceaccount:other:sa", RIGHT), None),
    (refusal(f"{HOLMES}2", RIGHT), None),
    (replaced(verb="get"), None),
    (replaced(resource="pods"), None),
    (replaced(resource="deployments/scale"), None),
    (replaced(group=""), None),
    (replaced(namespace="shop"), None),
    (replaced(namespace=""), None),
    # Let through.
    ((200, {}), False),
    ((201, {}), False),
    (status(404, "NotFound", 'deployments.apps "none" not found'), False),
    # From a proxy, admission, validation, a webhook, or on the way.
    ((404, {}), None),
    ((302, {}), None),
    (status(400, "BadRequest", 'admission webhook "w" does not support dry run'), None),
    (status(401, "Unauthorized", "Unauthorized"), None),
    (status(403, "Forbidden", 'pods "none" is forbidden: violates PodSecurity "restricted:latest"'), None),
    (status(403, "", f'admission webhook "w" denied the request: {refusal(HOLMES, RIGHT)[1]["message"]}'), None),
    ((403, {}), None),
    (status(409, "Conflict", "conflict"), None),
    (status(415, "UnsupportedMediaType", "no such type"), None),
    (status(422, "Invalid", "invalid"), None),
    (status(429, "TooManyRequests", "later"), None),
    (status(500, "InternalError", "failed calling webhook"), None),
    ((503, {}), None),
]


@pytest.mark.parametrize(("answer", "refused"), ANSWERS)
def test_only_a_refusal_by_name_is_one(answer: tuple[int, t.Any], refused: bool | None) -> None:
    found = outcome(PATCH, Reply(*answer), HOLMES)
    assert (found.refused, found.status) == (refused, answer[0])
    assert bool(found.why) == (refused is None)


def judged(*found: Outcome) -> t.Any:
    return judge("ServiceAccount holmes/sa", "holmes", ACCOUNT, found, Exceptions({}))


def test_one_open_answer_makes_it_not_checked_and_one_let_through_a_failure() -> None:
    good, bad = Outcome(TRIED[0], True, 403), Outcome(PATCH, False, 404)
    open_ = Outcome(TRIED[1], None, 500, "failed calling webhook")
    assert judged(good, good).status == "pass"
    check = judged(good, open_)
    assert check.status == "not_checked" and check.fix
    assert "1 of 2" in check.message and "create configmaps: 500 (failed calling webhook)" in check.message
    check = judged(good, open_, bad)
    assert check.status == "fail" and "patch deployments.apps (namespace holmes)" in check.message
    assert [entry["outcome"] for entry in check.evidence["attempts"]] == ["refused", "open", "allowed"]


def test_one_attempt_without_an_answer_hides_no_other() -> None:
    class Broken:
        def send(self, method: str, path: str, *_args: t.Any, **_named: t.Any) -> Reply:
            if method == "DELETE":
                raise KubeError("The API server did not answer.")
            return Reply(200)

    found = make(t.cast(t.Any, Broken()), TRIED, HOLMES)
    assert [entry.refused for entry in found].count(None) == 2
    assert judged(*found).status == "fail"
