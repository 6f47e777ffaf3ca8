# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of failed checks: exceptions by name, and the gate that may let them pass. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY, Exceptions, accepted

STRICT, WARNING, OFF = "strict", "warn", "none"
GATES = (STRICT, WARNING, OFF)

GATE = "preflight.gate"
IDS = {GATE: "Failed checks stop the run"}

# Without these an installation cannot even begin, or would hit somebody else's objects.
_NEVER = frozenset(("host.helm", "cluster.api", "cluster.rights", "cluster.namespace", "release.conflict"))


def excusable(check: str) -> bool:
    """Whether a failure of this check may be accepted by name in ``holmes_exceptions``."""
    return check not in _NEVER


def judged(checks: t.Iterable[Check], exceptions: Exceptions, gate: str) -> list[Check]:
    """The checks after exceptions and gate, and what the gate itself has to say."""
    after = [_with_name(accepted(check, exceptions)) if excusable(check.id) else check for check in checks]
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


def _with_name(check: Check) -> Check:
    return replace(check, evidence={**check.evidence, MAY: [check.id]}) if check.status == FAIL else check
