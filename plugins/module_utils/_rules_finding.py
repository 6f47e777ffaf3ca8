# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule answers, and the registry of rules.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case


@dataclass(frozen=True)
class Finding:
    """One thing a rule saw. ``message`` is a sentence; ``fix`` names what to change; neither holds a secret.

    ``subject`` is what an exception can name beside the check's id: short, stable, no secret.
    """

    status: str
    message: str
    fix: str = ""
    evidence: dict[str, t.Any] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True)
class Rule:
    """``excusable``: its failures are a matter of policy, so the user may accept them by name (``_exceptions``)."""

    id: str
    title: str
    function: t.Callable[[Case], t.Iterable[Finding]]
    excusable: bool = False


RULES: dict[str, Rule] = {}

Function = t.TypeVar("Function", bound=t.Callable[[Case], t.Iterable[Finding]])


def rule(check: str, title: str, *, excusable: bool = False) -> t.Callable[[Function], Function]:
    """Registers a function as the rule of a check."""

    def register(function: Function) -> Function:
        RULES[check] = Rule(check, title, function, excusable)
        return function

    return register


def good(message: str, **evidence: t.Any) -> Finding:
    return Finding(PASS, message, "", evidence)


def warn(message: str, fix: str, *, subject: str = "", **evidence: t.Any) -> Finding:
    return Finding(WARN, message, fix, evidence, subject)


def fail(message: str, fix: str, *, subject: str = "", **evidence: t.Any) -> Finding:
    return Finding(FAIL, message, fix, evidence, subject)


def unclear(message: str, fix: str, **evidence: t.Any) -> Finding:
    return Finding(NOT_CHECKED, message, fix, evidence)


def repaired(case: Case, check: str) -> list[Finding]:
    """A warning for everything that was put right for this check."""
    return [warn(repair.message, repair.fix) for repair in case.repairs_of(check)]


def broken(case: Case, check: str) -> list[Finding]:
    """A failure for input that could not be used at all."""
    error = case.problems.get(check)
    return [fail(error.msg, error.fix)] if error else []


def listed(names: t.Iterable[str]) -> str:
    """Names for a sentence, each in quotes."""
    return ", ".join(f"'{name}'" for name in names)
