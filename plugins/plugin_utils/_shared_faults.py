# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One fault that many hosts report: the same check, at the same server outside of their clusters, for the same cause.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL

# In the evidence of a check. A server in a cluster has no endpoint: the same name is another server in the next one.
ENDPOINT, CAUSE = "endpoint", "cause"
# What differs from host to host though the cause is the same.
_SECONDS = re.compile(r"\d+(?:\.\d+)? s\b")
Key = tuple[str, str, str]
Hosts = t.Sequence[t.Mapping[str, t.Any]]


@dataclass
class SharedFault:
    """``number`` is what rows of hosts refer to; ``hosts`` are names in the inventory, sorted."""

    number: int
    key: Key
    hosts: list[str]
    said: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def message(self) -> str:
        """What most of the hosts say."""
        return self._told[0]

    @property
    def fix(self) -> str:
        return self._told[1]

    @property
    def _told(self) -> tuple[str, str]:
        return min(self.said, key=lambda told: (-self.said[told], told))

    def as_dict(self) -> dict[str, t.Any]:
        """As it stands in report.json."""
        check, endpoint, _cause = self.key
        return {"id": check, "endpoint": endpoint, "message": self.message, "fix": self.fix, "hosts": self.hosts}


def key_of(check: t.Mapping[str, t.Any]) -> Key | None:
    """Equal for the same fault; None for what cannot be one of several hosts."""
    endpoint = check["evidence"].get(ENDPOINT)
    if check["status"] != FAIL or not endpoint:
        return None
    cause = check["evidence"].get(CAUSE) or _SECONDS.sub("s", check["message"])
    return str(check["id"]), str(endpoint), str(cause)


def shared_faults(hosts: Hosts) -> list[SharedFault]:
    """What failed on more than one host, the widest spread first. ``hosts`` are fragments."""
    found: dict[Key, dict[str, set[tuple[str, str]]]] = {}
    for host in hosts:
        for check in host["checks"]:
            key = key_of(check)
            if key:
                found.setdefault(key, {}).setdefault(host["host"], set()).add((check["message"], check["fix"]))
    several = sorted((key for key in found if len(found[key]) > 1), key=lambda key: (-len(found[key]), key))
    return [
        SharedFault(number, key, sorted(found[key]), Counter(told for said in found[key].values() for told in said))
        for number, key in enumerate(several, 1)
    ]


def numbers_of(host: t.Mapping[str, t.Any], faults: t.Iterable[SharedFault]) -> list[int]:
    """The shared faults that a host has."""
    keys = {key_of(check) for check in host["checks"]}
    return [fault.number for fault in faults if fault.key in keys]
