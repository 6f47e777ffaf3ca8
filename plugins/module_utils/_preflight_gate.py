# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of failed checks: exceptions by name, and the gate that may let them pass. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import (
    Exceptions,
    accepted,
    check_of,
    offered,
)

STRICT, WARNING, OFF = "strict", "warn", "none"

GATE = "preflight.gate"
EXCEPTIONS = "preflight.exceptions"
IDS = {GATE: "Failed checks stop the run", EXCEPTIONS: "Every exception is needed and allowed"}

# Without these an installation cannot even begin, would hit somebody else's objects, or Helm would stop half-way.
_NEVER = frozenset(
    ("host.helm", "cluster.api", "cluster.rights", "cluster.namespace", "release.conflict", "upgrade.fields")
)


def excusable(check: str) -> bool:
    """Whether a failure of this check may be accepted by name in ``holmes_exceptions``."""
    return check not in _NEVER


def judged(checks: t.Iterable[Check], exceptions: Exceptions, gate: str, known: t.Collection[str]) -> list[Check]:
    """The checks after exceptions and gate, and what these two have to say themselves.

    ``known`` are the ids of all checks that can be made here.
    """
    after = [offered(accepted(check, exceptions)) if excusable(check.id) else check for check in checks]
    after += _about(exceptions, known)
    failed = [check.id for check in after if check.status == FAIL]
    if gate == STRICT:
        return after
    fix = "Remove holmes_preflight_gate when this is repaired."
    if not failed:
        return [
            *after,
            _gate(f"holmes_preflight_gate is '{gate}', so that a failed check would not have stopped.", fix),
        ]
    message = f"holmes_preflight_gate is '{gate}': the run went on in spite of {', '.join(dict.fromkeys(failed))}."
    return [*map(_let_pass, after), _gate(message, fix)]


def _about(exceptions: Exceptions, known: t.Collection[str]) -> list[Check]:
    """What is wrong with the exceptions themselves; those for checks of other modules are judged there."""
    pages = {check.partition(".")[0] for check in known}
    unused = [name for name in exceptions.unused() if check_of(name).partition(".")[0] in pages]
    found = [_unfit(name, known) for name in unused]
    wrong = [pair for pair in found if pair[0] == FAIL]
    if not found:
        return []
    told = " ".join(message for _status, message in found)
    fix = "Correct or remove it in holmes_exceptions."
    return [Check(EXCEPTIONS, IDS[EXCEPTIONS], FAIL if wrong else WARN, told, fix)]


def _unfit(name: str, known: t.Collection[str]) -> tuple[str, str]:
    check = check_of(name)
    if check not in known:
        close = difflib.get_close_matches(check, sorted(known), 1)
        return FAIL, f"There is no check '{name}' here." + (f" Did you mean '{close[0]}'?" if close else "")
    if not excusable(check):
        return FAIL, f"'{name}' cannot be accepted: without it an installation cannot work."
    return WARN, f"The exception '{name}' is not needed."


def switched_off() -> list[Check]:
    """What is said when no check was made at all."""
    message = "holmes_preflight_gate is 'none': nothing was checked before the change."
    return [_gate(message, "Remove holmes_preflight_gate.")]


def _gate(message: str, fix: str) -> Check:
    return Check(GATE, IDS[GATE], WARN, message, fix)


def _let_pass(check: Check) -> Check:
    if check.status != FAIL:
        return check
    return replace(
        check, status=WARN, message=f"Let pass: {check.message}", evidence={**check.evidence, "let_pass": True}
    )
