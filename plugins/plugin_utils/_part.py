# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host did until one of its reports: a host with two installations has two parts in a run.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import (
    Fragment,
    explained,
    is_unexplained,
    timed,
)

# Titles of a look at what is installed later in the same run.
_BEFORE = re.compile(r"^(?:values for|before) ")


@dataclass
class Part:
    """``worked`` is whether a task of the role did something: one that ``when`` skips has nothing to report."""

    started: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    worked: bool = False

    def explained(self, fragment: Fragment, hidden: t.Callable[[str], str]) -> Fragment:
        """With the message of the step that ended the run, if the role itself could not know it."""
        step = fragment["failed_step"]
        said = self.said.get(step)
        if not said or not any(map(is_unexplained, fragment["checks"])):
            return fragment
        return {**fragment, "checks": explained(fragment["checks"], step, hidden(said))}


@dataclass
class Entry:
    """An installation of a host: the last word on it, and all parts that led there."""

    fragment: Fragment
    parts: list[Part]

    def timed(self) -> Fragment:
        started = min((part.started for part in self.parts if part.started), default=None)
        seconds: Counter[str] = Counter()
        for part in self.parts:
            seconds.update(part.seconds)
        return timed(self.fragment, started, seconds)


def entries(told: t.Iterable[Fragment], parts: t.Mapping[str, t.Sequence[Part]]) -> list[Entry]:
    """An entry for each installation of each host: a look before the change is part of the change.

    The first fragment of a host belongs to its first part, and so on.
    """
    found: dict[tuple[str, str], Entry] = {}
    number: Counter[str] = Counter()
    for one in told:
        host = one["host"]
        key = (host, _BEFORE.sub("", one["title"]))
        part = next(iter(parts.get(host, ())[number[host] :]), Part())
        number[host] += 1
        before = found[key].parts if key in found else []
        found[key] = Entry(one, [*before, part])
    return list(found.values())
