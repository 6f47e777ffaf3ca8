# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ladder of API checks: it answers, model list, key, chat.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _verify_chat, _verify_models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import PAUSE, HolmesApi, chat_answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_errors import (
    CONNECTION,
    Problem,
    classify,
    connection_cause,
    detail_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import REFUSED, TIMEOUT, Answer, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    CHAT_CHECKS,
    Intent,
    failed,
    passed,
    unchecked,
)

LONGEST_PAUSE = 30.0
_ODD_FIX = "Read the pod's log, and check what stands between (holmes_verify_url, a proxy, an ingress)."


@dataclass
class ChatOutcome:
    """The chat's checks and the ``chat`` of the result."""

    checks: list[Check]
    result: dict[str, t.Any] = field(default_factory=dict)


def check_up(api: HolmesApi, ready: Answer) -> Check:
    """``verify.api`` from the first answer of ``/readyz`` and one of ``/healthz``. Raises Unreachable."""
    health = api.get("/healthz", with_key=False)
    seen = {"readyz": ready.status, "healthz": health.status}
    if ready.status == health.status == 200:
        return passed("verify.api", f"HolmesGPT answers, is healthy and ready ({api.where}).", **seen)
    if ready.status == health.status == 404:
        message = f"HolmesGPT answers ({api.where}); this version has no health endpoints."
        return passed("verify.api", message, **seen)
    message = f"HolmesGPT answers {ready.status} to /readyz and {health.status} to /healthz ({api.where})."
    return failed("verify.api", message, _ODD_FIX, **seen)


def check_key(api: HolmesApi, intent: Intent) -> Check:
    """``verify.api_key``: refused without, accepted with the key; or no key on both sides. Raises Unreachable."""
    without = api.get("/api/model", with_key=False).status
    if not intent.api_key:
        return _no_key(without)
    if without == 200:
        return failed(
            "verify.api_key",
            "A key was set, but HolmesGPT answers without it (HTTP 200).",
            "Set HOLMES_API_KEY in the pod (holmes_server_api_key) and restart it. Versions before 0.27 know no key.",
            without_key=without,
        )
    with_key = api.get("/api/model").status
    seen = {"without_key": without, "with_key": with_key}
    if with_key == 401:
        return failed(
            "verify.api_key",
            "HolmesGPT refuses the given API key.",
            "The pod has another key than the inventory: run site.yml, which restarts the pods when a Secret changes.",
            **seen,
        )
    if with_key != 200:
        message = f"The given API key was not accepted: /api/model answers HTTP {with_key} with it, not 200."
        return failed("verify.api_key", message, _ODD_FIX, **seen)
    if without != 401:
        message = f"The key is accepted, but without it /api/model answers HTTP {without}: neither 401 nor 200."
        return unchecked("verify.api_key", message, _ODD_FIX, **seen)
    return passed("verify.api_key", "Refused without the key, accepted with it.", **seen)


def _no_key(without: int) -> Check:
    """``verify.api_key`` when no key was given, from the status of a request without one."""
    if without == 401:
        return unchecked(
            "verify.api_key",
            "HolmesGPT wants an API key, which the verification does not have.",
            "Set holmes_server_api_key, and let the verifying account get its Secret or set holmes_secrets.",
            without_key=without,
        )
    if without != 200:
        message = f"/api/model answers HTTP {without}: neither 401 nor 200, so it is unknown whether a key is wanted."
        return unchecked("verify.api_key", message, _ODD_FIX, without_key=without)
    message = "No key is wanted: whoever reaches the Service can chat. Set holmes_server_api_key to require one."
    return passed("verify.api_key", message, without_key=without)


def ask(api: HolmesApi, intent: Intent, alias: str, clock: Clock) -> Answer:
    """One chat. Only what a retry can heal is tried again: refused and 503 until the deadline, 429 once."""
    deadline = clock.now() + intent.chat_timeout
    patient = True
    while True:
        left = deadline - clock.now()
        try:
            answer = api.chat(_verify_chat.question(intent.namespace), alias or None, max(left, 1.0))
        except Unreachable as error:
            if error.kind != REFUSED or left <= PAUSE:
                raise
            clock.sleep(PAUSE)
            continue
        if answer.status == 503 and left > PAUSE:
            clock.sleep(PAUSE)
        elif answer.status == 429 and patient and left > PAUSE:
            patient = False
            clock.sleep(min(_retry_after(answer), LONGEST_PAUSE, left))
        else:
            return answer


def _retry_after(answer: Answer) -> float:
    try:
        return max(float(answer.headers.get("retry-after", "")), 1.0)
    except ValueError:
        return 5.0


def check_chat(
    api: HolmesApi,
    intent: Intent,
    alias: str,
    listed: list[str] | None,
    known_pods: t.Callable[[], set[str]],
    recent_log: t.Callable[[int], str],
    clock: Clock,
) -> ChatOutcome:
    """Ask and judge.

    ``listed`` are the aliases HolmesGPT offers, ``known_pods`` names the pods now, ``recent_log`` gives the log of the
    last seconds (empty if it may not be read).
    """
    known = known_pods()
    started = time.monotonic()
    try:
        answer = ask(api, intent, alias, clock)
    except Unreachable as error:
        fix = (
            "Look at the model server's load and the pod's log." if error.kind == TIMEOUT else "Look at the pod's log."
        )
        if error.kind == TIMEOUT:
            fix += " holmes_verify_chat_timeout is the patience of this check."
        return broken(failed("verify.chat", f"The chat got no answer: {error}.", fix))
    seconds = time.monotonic() - started
    if answer.status != 200:
        return broken(refused(answer, recent_log, int(seconds) + 10))
    chat = chat_answer(answer)
    if chat is None:
        message = "HTTP 200, but the body is no chat answer."
        return broken(failed("verify.chat", message, "Check holmes_verify_url: something else answers there."))
    known |= known_pods()
    tools = _verify_chat.judge_tools(chat, known)
    checks = [
        _verify_chat.judge_answer(chat, alias or "(default)", seconds),
        _verify_chat.judge_alias(alias, listed, recent_log(int(seconds) + 5)),
        tools,
        _verify_chat.judge_truth(chat, known, intent.namespace, tools),
        _verify_chat.judge_limits(chat, intent),
    ]
    return ChatOutcome(checks, _verify_chat.chat_result(chat, seconds, intent.secrets))


def refused(answer: Answer, recent_log: t.Callable[[int], str], seconds: int) -> Check:
    """``verify.chat`` for any other status than 200; the pod's log explains a failed connection."""
    problem = classify(answer)
    if problem.kind == CONNECTION:
        problem = _explained(problem, detail_of(answer), recent_log, seconds)
    return failed(
        "verify.chat",
        f"HTTP {answer.status}: {problem.message}. It said: {detail_of(answer)[:300]}",
        problem.fix,
        kind=problem.kind,
        status=answer.status,
    )


def _explained(problem: Problem, detail: str, recent_log: t.Callable[[int], str], seconds: int) -> Problem:
    cause = connection_cause(detail) or connection_cause(recent_log(seconds))
    if cause is None:
        return problem
    return Problem(problem.kind, f"{problem.message}: {cause[0]}", cause[1])


def broken(check: Check) -> ChatOutcome:
    """A chat without an answer: the checks that need one are not made."""
    return ChatOutcome([check] + [unchecked(check_id, "There was no answer to judge.") for check_id in CHAT_CHECKS[1:]])


def check_models(
    listed: list[str] | None, expected: _verify_models.Expected | str, intent: Intent
) -> tuple[Check, str]:
    """``verify.models`` and the alias to chat with: the default, else the first intended, else the first listed."""
    check = _verify_models.judge(listed, expected, intent.default_model)
    intended = list(expected.models) if not isinstance(expected, str) else []
    return check, intent.default_model or (intended or listed or [""])[0]
