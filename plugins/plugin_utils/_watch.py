# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a callback sees of a run: who began when, how long each phase took, who left it and why.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import (
    INCOMPLETE,
    Broken,
    Fragment,
    ended_after,
    timed,
    without_report,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step

NOT_BEGUN = Broken(INCOMPLETE, "The run ended before the turn of this host came.")
# Titles of a look at what is installed later in the same run.
_BEFORE = re.compile(r"^(?:values for|before) ")


@dataclass
class Play:
    """A play, or one batch of it. ``ours`` is one that uses the role."""

    hosts: list[str]
    ours: bool = False


@dataclass
class Watch:
    """Everything of one run. ``now`` gives the time as text, ``seconds`` on a clock that only goes forward."""

    now: t.Callable[[], str]
    clock: t.Callable[[], float] = time.monotonic
    plays: list[Play] = field(default_factory=list)
    started: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    _since: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    _broken: dict[str, tuple[Play, Broken]] = field(default_factory=dict)
    _said: dict[tuple[str, str], str] = field(default_factory=dict)

    def begins(self, host: str, task: str, name: str) -> None:
        """A host begins a task of the role; ``task`` tells it from others, ``name`` is for people."""
        self.started.setdefault(host, self.now())
        self._since[host, task] = (phase_of_step(name), self.clock())

    def ends(self, host: str, task: str) -> None:
        """A host is done with a task, in whatever way."""
        phase, since = self._since.pop((host, task), ("", 0.0))
        if phase:
            of_host = self.seconds.setdefault(host, {})
            of_host[phase] = of_host.get(phase, 0.0) + self.clock() - since

    def breaks(self, host: str, kind: str, message: str, step: str) -> None:
        """A host failed or cannot be reached. A rescue may mend it; Ansible's statistics know at the end."""
        self._said[host, step] = message
        if self.plays:
            self._broken[host] = (self.plays[-1], Broken(kind, message, step))

    def reports(self, host: str) -> None:
        """A host came to its report, which tells what went wrong before."""
        self._broken.pop(host, None)

    def result(
        self,
        told: list[Fragment],
        lost: t.Collection[str],
        seen: t.Collection[str],
        hidden: t.Callable[[str, str], str],
        ansible_core: str,
        check_mode: bool,
    ) -> list[Fragment]:
        """The fragments of the run: those that the hosts told, in this order, and one for everybody else of our plays.

        ``lost`` are the hosts that failed or cannot be reached, ``seen`` those that did anything at all. ``hidden``
        gives a message of a host without its secrets.
        """
        left = {
            host: replace(broken, message=hidden(host, broken.message))
            for host, (play, broken) in self._broken.items()
            if play.ours and host in lost
        }
        if lost:
            left.update({host: NOT_BEGUN for host in self._expected() if host not in seen})
        found = [self._explained(one, hidden) for one in latest(told)]
        found = [ended_after(one, left[one["host"]]) if one["host"] in left else one for one in found]
        silent = sorted(set(left) - {one["host"] for one in found})
        ended = self.now()
        found += [without_report(host, left[host], ended, ansible_core, check_mode) for host in silent]
        return [self._timed(one) for one in found]

    def _explained(self, fragment: Fragment, hidden: t.Callable[[str, str], str]) -> Fragment:
        """With the message of the step that ended the run, which the role itself does not know."""
        host, step = fragment["host"], fragment["failed_step"]
        said = self._said.get((host, step))
        if not said:
            return fragment
        message = Broken(INCOMPLETE, hidden(host, said), step).check()["message"]
        checks = [{**one, "message": message} if one["id"] == INCOMPLETE else one for one in fragment["checks"]]
        return {**fragment, "checks": checks}

    def _timed(self, fragment: Fragment) -> Fragment:
        host = fragment["host"]
        return timed(fragment, self.started.get(host), self.seconds.get(host, {}))

    def _expected(self) -> list[str]:
        return list(dict.fromkeys(host for play in self.plays if play.ours for host in play.hosts))


def latest(told: t.Iterable[Fragment]) -> list[Fragment]:
    """The last word on each installation of each host: a look before the change is part of the change."""
    return list({(one["host"], _BEFORE.sub("", one["title"])): one for one in told}.values())
