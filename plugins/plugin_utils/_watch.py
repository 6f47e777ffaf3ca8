# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a callback sees of a run: who began when, how long each phase took, who left it and why.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace
from functools import partial

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import (
    INCOMPLETE,
    NOT_BEGUN,
    Broken,
    Fragment,
    ended_after,
    without_report,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import is_empty
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._part import Entry, Part, entries
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step

NO_TURN = Broken(NOT_BEGUN, "The run ended before the turn of this host came.")
CUT = Broken(INCOMPLETE, "The run was ended on this host because another host failed.")
ENDED = Broken(INCOMPLETE, "The run ended on this host before its report.")
BROKE_OFF = Broken(INCOMPLETE, "The whole run broke off before the report of this host.")


@dataclass
class Play:
    """A play, or one batch of it. ``ours`` is one that uses the role; ``seen`` are hosts that did anything in it."""

    hosts: list[str]
    ours: bool = False
    seen: set[str] = field(default_factory=set)
    broke: bool = False


@dataclass
class Watch:
    """Everything of one run. ``now`` gives the time as text, ``clock`` seconds that only go forward."""

    now: t.Callable[[], str]
    clock: t.Callable[[], float] = time.monotonic
    plays: list[Play] = field(default_factory=list)
    _parts: dict[str, list[Part]] = field(default_factory=dict)
    _since: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    _broken: dict[str, tuple[Play, Broken]] = field(default_factory=dict)

    def sees(self, host: str) -> None:
        """A host does anything at all."""
        if self.plays:
            self.plays[-1].seen.add(host)

    def begins(self, host: str, task: str, name: str) -> None:
        """A host begins a task of the role; ``task`` tells it from others, ``name`` is for people."""
        part = self._part(host)
        part.started = part.started or self.now()
        self._since[host, task] = (phase_of_step(name), self.clock())

    def ends(self, host: str, task: str, worked: bool = True) -> None:
        """A host is done with a task, in whatever way; it has not ``worked`` if the task was skipped."""
        if (host, task) in self._since:
            phase, since = self._since.pop((host, task))
            part = self._part(host)
            part.worked = part.worked or worked
            if phase:
                part.seconds[phase] = part.seconds.get(phase, 0.0) + self.clock() - since

    def breaks(self, host: str, kind: str, message: str, step: str) -> None:
        """A host failed or cannot be reached. A rescue may mend it; Ansible's statistics know at the end."""
        self._part(host).said[step] = message
        if self.plays:
            self.plays[-1].broke = True
            self._broken[host] = (self.plays[-1], Broken(kind, message, step))

    def reports(self, host: str) -> None:
        """A host came to its report, which tells what went wrong before."""
        self._broken.pop(host, None)
        self._part(host)
        self._parts[host].append(Part())

    def result(
        self,
        told: list[Fragment],
        lost: t.Collection[str] | None,
        hidden: t.Callable[[str, str], str],
        ansible_core: str,
        check_mode: bool,
    ) -> list[Fragment]:
        """The fragments of the run: those that the hosts told, in this order, and one for everybody else of our plays.

        ``lost`` are the hosts that failed or cannot be reached, None if the run broke off and nobody knows. ``hidden``
        gives a message of a host without its secrets.
        """
        left = self._left(lost, hidden)
        found = entries(told, self._parts)
        last = {entry.fragment["host"]: entry for entry in found}
        for entry in found:
            host = entry.fragment["host"]
            entry.fragment = entry.parts[-1].explained(entry.fragment, partial(hidden, host))
        for host, entry in last.items():
            if host in left and not self._open(host, lost is None):
                entry.fragment = ended_after(entry.fragment, left.pop(host))
            elif host not in left and self._is_cut(entry.fragment, lost or ()):
                entry.fragment = ended_after(entry.fragment, CUT)
        ended = self.now()
        for host in sorted(left):
            silent = without_report(host, left[host], ended, ansible_core, check_mode)
            found.append(Entry(silent, [self._part(host)]))
        return [entry.timed() for entry in found]

    def _left(self, lost: t.Collection[str] | None, hidden: t.Callable[[str, str], str]) -> dict[str, Broken]:
        """How the hosts left the run that did not come to their last report, or broke after it."""
        broke_off, lost = lost is None, set(self._broken) if lost is None else lost
        seen = {host for play in self.plays if play.ours for host in play.seen}
        # A play in which nobody did anything had nothing to do (tags).
        expected = dict.fromkeys(host for play in self.plays if play.ours and play.seen for host in play.hosts)
        left: dict[str, Broken] = {}
        for host in {**expected, **dict.fromkeys(self._parts)}:
            is_open, unseen = self._open(host, broke_off), host in expected and host not in seen
            play, broken = self._broken.get(host, (Play([]), ENDED))
            if (play.ours and (is_open or host in lost)) or (unseen and host in lost and host in self._broken):
                left[host] = replace(broken, message=hidden(host, broken.message))
            elif is_open:
                left[host] = BROKE_OFF if broke_off else CUT if lost else ENDED
            elif unseen and (lost or broke_off):
                left[host] = NO_TURN
        return left

    def _is_cut(self, fragment: Fragment, lost: t.Collection[str]) -> bool:
        """Whether a host came to a report only because the run was ended on it."""
        host = fragment["host"]
        ours = any(play.ours and play.broke and host in play.hosts for play in self.plays)
        good = fragment["verdict"] != NOT_READY or is_empty(fragment)
        return good and ours and host in lost and host not in self._broken

    def _open(self, host: str, broke_off: bool) -> bool:
        """Whether a host did something for a report that it did not come to."""
        part = self._part(host)
        return part.worked or (broke_off and part.started is not None)

    def _part(self, host: str) -> Part:
        return self._parts.setdefault(host, [Part()])[-1]
