# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deliberate exceptions: a failure that the user accepts by name, with a reason, stays visible as a warning.

Private to this collection: it may change in any release. Imports nothing of Ansible.

An exception names a check (``render.rbac_read_only``) or one thing that the check speaks of
(``render.rbac_read_only:ClusterRole/spark``). The second form accepts nothing else by accident.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, WARN, Check, HolmesError

# Evidence of a failure that may be accepted: the names to accept it by.
MAY = "may_be_accepted"
# What becomes of an accepted failure.
REMOVE = "Remove the exception from holmes_exceptions when it is not needed any more."
_FIX = "Write 'CHECK_ID: reason' or 'CHECK_ID:SUBJECT: reason'."


@dataclass
class Exceptions:
    """The user's exceptions, and which of them were needed. Raises HolmesError for anything but names with reasons."""

    given: t.Mapping[str, str]
    used: set[str] = field(default_factory=set)

    @classmethod
    def from_option(cls, value: t.Any) -> Exceptions:
        """From the option ``exceptions``: a mapping of names to reasons, or nothing."""
        if value in (None, "", {}):
            return cls({})
        if not isinstance(value, dict):
            raise HolmesError("holmes_exceptions must be a mapping of names to reasons.", _FIX)
        for name, reason in value.items():
            if not isinstance(reason, str) or not reason.strip():
                raise HolmesError(f"holmes_exceptions: '{name}' has no reason.", _FIX)
        return cls({str(name): " ".join(reason.split()) for name, reason in value.items()})

    def reason(self, check: str, subject: str = "") -> str:
        """Why this finding is accepted, and remembers that the exception was needed; empty if it is not accepted."""
        for name in (name_of(check, subject), check):
            if name in self.given:
                self.used.add(name)
                return self.given[name]
        return ""

    def unused(self) -> list[str]:
        return sorted(set(self.given) - self.used)


def accepted(check: Check, exceptions: Exceptions) -> Check:
    """A failed check, turned into a warning if the user accepts it by its id."""
    reason = exceptions.reason(check.id) if check.status == FAIL else ""
    if not reason:
        return check
    evidence = {**check.evidence, "accepted": [check.id]}
    return replace(check, status=WARN, message=told(reason, check.message), fix=REMOVE, evidence=evidence)


def offered(check: Check) -> Check:
    """A failed check that says by which names it is accepted; its own unless it knows better ones."""
    names = check.evidence.get(MAY) or [check.id]
    return replace(check, evidence={**check.evidence, MAY: names}) if check.status == FAIL else check


def name_of(check: str, subject: str) -> str:
    """What an exception for this one finding is called."""
    return f"{check}:{subject}" if subject else check


def told(reason: str, message: str) -> str:
    return f"Accepted ({reason}): {message}"


def check_of(name: str) -> str:
    """The id of the check that an exception names."""
    return name.partition(":")[0]
