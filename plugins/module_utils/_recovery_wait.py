# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for what is unfinished in a release, as long as somebody may be at work on it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._helm_process import NONE, UNKNOWN, Helm
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Reader
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    PENDING,
    Release,
    releases,
)

POLL = 2.0
UNINSTALLING = "uninstalling"
# RFC 3339 as Helm writes it: Python before 3.11 reads neither nanoseconds nor Z.
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
# The Helms at work on the release; None where that cannot be seen.
Helms = t.Callable[[], t.Optional[t.Sequence[Helm]]]


@dataclass(frozen=True)
class Settled:
    """The revisions after waiting, oldest first; for how many seconds, and what is known of a Helm on this host."""

    revisions: list[Release]
    waited: float = 0.0
    helm_alive: str = NONE

    @property
    def newest(self) -> Release | None:
        return self.revisions[-1] if self.revisions else None


def wait_out(
    client: Reader,
    namespace: str,
    name: str,
    grace: float,
    *,
    over: bool = False,
    helms: Helms = lambda: None,
    clock: Clock | None = None,
    wall: t.Callable[[], float] = time.time,
) -> Settled:
    """The revisions, after giving an unfinished one the time that it may need.

    A Helm that is seen at work is waited for, at most until it has run ``grace`` seconds; HolmesError then, because
    nothing may be done beside it. If none is there and the former run is known to be ``over``, nothing is waited for.
    Else the revision is given what is left of ``grace`` seconds since it began: this role's own Helm does not wait for
    pods and leaves that state within seconds; somebody else's ``helm --wait`` stays in it for up to its timeout, five
    minutes unless told otherwise. What is older has lost its process.
    """
    clock = clock or Clock()
    found = releases(client, namespace, name)
    if not _unfinished(found):
        return Settled(found)
    start = clock.now()
    revision, end = found[-1].revision, _end(found[-1], grace, clock, wall)
    while True:
        working = helms()
        for helm in working or []:
            _within_grace(helm, name, namespace, grace)
        if not working and (clock.now() >= end or (over and working is not None)):
            break
        clock.sleep(POLL)
        found = releases(client, namespace, name)
        if not _unfinished(found):
            break
        if found[-1].revision != revision:  # somebody has begun another one meanwhile
            revision, end = found[-1].revision, _end(found[-1], grace, clock, wall)
    return Settled(found, clock.now() - start, UNKNOWN if working is None else NONE)


def _end(release: Release, grace: float, clock: Clock, wall: t.Callable[[], float]) -> float:
    """Until when it is given time, as a reading of the clock. ``wall`` is the API server's time of day."""
    return clock.now() + max(0.0, grace - seconds_since(began(release), wall()))


def seconds_since(text: str, now: float) -> float:
    """Seconds since a time of Helm; 0 if that is unknown or in the future (clocks differ)."""
    found = _TIME.match(text)
    if not found:
        return 0.0
    zone = found.group(2).replace("Z", "+00:00")
    return max(0.0, now - datetime.fromisoformat(found.group(1) + zone).timestamp())


def _unfinished(found: t.Sequence[Release]) -> bool:
    return bool(found) and found[-1].status in PENDING


def began(release: Release) -> str:
    """When what is unfinished began: a removal is later than the deployment of its revision."""
    return (release.deleted if release.status == UNINSTALLING else "") or release.last_deployed


def _within_grace(helm: Helm, name: str, namespace: str, grace: float) -> None:
    if helm.seconds >= grace:
        raise HolmesError(
            f"Helm (process {helm.pid} on this host) has been at work on release '{name}' in namespace '{namespace}' "
            f"for {helm.seconds:.0f} s; nothing is done beside it.",
            "Wait until it ends, or end that process and run again. holmes_pending_grace is how long to wait.",
        )
