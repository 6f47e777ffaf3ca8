# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow a rollout until it is done, cannot succeed, or its time is up.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _podlogs
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._crash import known_cause
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import READY, STUCK, Diagnosis, with_log
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Reader
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout import diagnose
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, look

POLL = 1.5
# A single failed look (API server restarting) is no verdict: no answer, 429 or 5xx.
LOOKS_THAT_MAY_FAIL = 3


@dataclass(frozen=True)
class Outcome:
    """How it ended. ``history``: seconds and message of every change on the way; ``timed_out``: it might still heal."""

    diagnosis: Diagnosis
    workload: Workload
    seconds: float
    timed_out: bool = False
    history: list[dict[str, t.Any]] = field(default_factory=list)


def with_crash_log(reader: Reader, namespace: str, diagnosis: Diagnosis, secrets: t.Iterable[str] = ()) -> Diagnosis:
    """If a container died: the diagnosis completed from its log, as far as it may be read."""
    crash = diagnosis.crash
    if crash is None:
        return diagnosis
    try:
        log = _podlogs.read(reader, namespace, crash.pod, crash.container, lines=100, previous=crash.previous)
    except KubeError:
        log = ""
    return with_log(diagnosis, known_cause(crash, _podlogs.plain(log)), _podlogs.last_lines(log, 5, secrets))


def examine(reader: Reader, namespace: str, release: str, secrets: t.Iterable[str] = ()) -> tuple[Workload, Diagnosis]:
    """One look and its judgement."""
    seen = look(reader, namespace, release)
    found = diagnose(seen.deployment, seen.replicasets, seen.pods, seen.events)
    return seen, with_crash_log(reader, namespace, found, secrets)


def wait(
    reader: Reader,
    namespace: str,
    release: str,
    timeout: float,
    clock: Clock,
    notify: t.Callable[[float, Diagnosis], None] = lambda seconds, diagnosis: None,
) -> Outcome:
    """Look every 1.5 s until done, stuck or ``timeout`` seconds have passed.

    ``notify`` is called whenever the situation changes. A stuck situation is final once the same reason was seen for
    its ``patience``; a healthy look in between does not start that time again (crash loops have such looks).
    Raises HolmesError if there is no Deployment, KubeError if the cluster refuses, or
    fails three times running to give an answer (none, 429 or 5xx).
    """
    start = clock.now()
    first_seen: dict[str, float] = {}
    history: list[dict[str, t.Any]] = []
    failures = 0
    while True:
        try:
            seen, found = examine(reader, namespace, release)
            failures = 0
        except KubeError as error:
            failures += 1
            if not _passing(error) or failures >= LOOKS_THAT_MAY_FAIL:
                raise
            clock.sleep(POLL)
            continue
        spent = clock.now() - start
        if _remember(history, spent, found):
            notify(spent, found)
        if found.state == READY:
            return Outcome(found, seen, spent, False, history)
        since = first_seen.setdefault(found.reason, spent)
        if found.state == STUCK and spent - since >= found.patience:
            return Outcome(found, seen, spent, False, history)
        if spent >= timeout:
            return Outcome(found, seen, spent, True, history)
        clock.sleep(POLL)


def _passing(error: KubeError) -> bool:
    """Whether a later look may succeed. Another 4xx (no such right, no such namespace) stays."""
    return error.status == 0 or error.status == 429 or error.status >= 500


def _remember(history: list[dict[str, t.Any]], spent: float, found: Diagnosis) -> bool:
    """Add what is new; whether it was."""
    if history and history[-1]["message"] == found.message:
        return False
    history.append({"seconds": round(spent, 1), "message": found.message})
    return True
