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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    OUTAGE,
    KubeError,
    Reader,
    passing,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leaving import OLD_PODS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout import diagnose
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_nodes import of_node
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, look

POLL = 1.5
# Who watches hears of it after so long without a change.
QUIET = 15.0


@dataclass
class Memory:
    """What is remembered from one look to the next, as plain data.

    ``started`` is a reading of the clock, which on one host goes on from one process to the next; ``first_seen`` are
    seconds since then by reason. ``history``: seconds and message of every change.
    """

    started: float
    first_seen: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, t.Any]] = field(default_factory=list)

    def add(self, spent: float, found: Diagnosis) -> bool:
        """Remember a look; whether it was news."""
        self.first_seen.setdefault(found.reason, spent)
        if self.history and self.history[-1]["message"] == found.message:
            return False
        self.history.append({"seconds": round(spent, 1), "message": found.message})
        return True

    def since(self, reason: str, now: float) -> float:
        """Seconds since ``reason`` was first seen, 0 if it never was. ``now`` is a reading of the clock."""
        return now - self.started - self.first_seen[reason] if reason in self.first_seen else 0.0


@dataclass(frozen=True)
class Outcome:
    """How it ended. ``timed_out``: it might still heal. ``final`` is False if it only stopped to tell of a change."""

    diagnosis: Diagnosis
    workload: Workload
    seconds: float
    memory: Memory
    timed_out: bool = False
    final: bool = True

    @property
    def history(self) -> list[dict[str, t.Any]]:
        """Seconds and message of every change on the way."""
        return self.memory.history


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


def examine(
    reader: Reader, namespace: str, release: str, secrets: t.Iterable[str] = (), waited: float = 0.0
) -> tuple[Workload, Diagnosis]:
    """One look and its judgement. ``waited``: seconds since it first lacked nothing but that old pods go."""
    seen = look(reader, namespace, release)
    found = of_node(reader, seen, diagnose(seen.deployment, seen.replicasets, seen.pods, seen.events, waited))
    return seen, with_crash_log(reader, namespace, found, secrets)


def wait(
    reader: Reader, namespace: str, release: str, timeout: float, clock: Clock, watched: Memory | None = None
) -> Outcome:
    """Look every 1.5 s until done, stuck or ``timeout`` seconds have passed since the first look.

    With ``watched`` it also comes back at every change, and when nothing has changed for 15 s, so that somebody can be
    told; the next call goes on from the Memory of this one. A stuck situation is final once the same reason was seen
    for its ``patience``; a healthy look in between does not start that time again (crash loops have such looks).
    Raises HolmesError if there is no Deployment, KubeError if the cluster refuses, or gives no answer (none, 429 or
    5xx) for OUTAGE seconds.
    """
    called = clock.now()
    memory = watched or Memory(called)
    first = not memory.history
    answered = called
    while True:
        try:
            seen, found = examine(reader, namespace, release, waited=memory.since(OLD_PODS, clock.now()))
            answered = clock.now()
        except KubeError as error:
            if not passing(error) or clock.now() - answered >= OUTAGE:
                raise
            clock.sleep(POLL)
            continue
        spent = clock.now() - memory.started
        news = memory.add(spent, found)
        if _ended(found, memory, spent):
            return Outcome(
                found, seen, spent, memory, final=not (watched and news and found.state == READY and not first)
            )
        if spent >= timeout:
            return Outcome(found, seen, spent, memory, timed_out=True)
        if watched and (news or clock.now() - called >= QUIET):
            return Outcome(found, seen, spent, memory, final=False)
        clock.sleep(POLL)


def _ended(found: Diagnosis, memory: Memory, spent: float) -> bool:
    if found.state == STUCK:
        return spent - memory.first_seen[found.reason] >= found.patience
    return found.state == READY
