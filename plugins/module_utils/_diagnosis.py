# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of one look at a rollout.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._crash import Cause, Crash, describe

READY = "ready"
PROGRESSING = "progressing"
STUCK = "stuck"
# So many restarts are a loop even while the container runs again.
_LOOPING = 2


@dataclass(frozen=True)
class Diagnosis:
    """``ready``; ``progressing`` (``message``: what it waits for); or ``stuck`` (``message`` and ``fix``).

    ``reason`` is a stable word for the situation (``pull.unauthorized``). ``patience`` is how many seconds a stuck
    situation must last before it is final: 0 for what cannot heal. ``crash``: a death whose log may say more.
    """

    state: str
    reason: str
    message: str
    fix: str = ""
    patience: float = 0.0
    crash: Crash | None = None


def progressing(reason: str, message: str, fix: str = "") -> Diagnosis:
    """It may still succeed."""
    return Diagnosis(PROGRESSING, reason, message, fix)


def stuck(reason: str, message: str, fix: str, patience: float = 0.0) -> Diagnosis:
    """It cannot succeed, or will not once ``patience`` seconds have passed."""
    return Diagnosis(STUCK, reason, message, fix, patience)


def with_log(diagnosis: Diagnosis, cause: Cause | None, lines: list[str]) -> Diagnosis:
    """A crash, completed by what its log says: a known cause makes it final at once, unless it runs again.

    One death proves no crash loop: a node that was restarted, a SIGTERM, a single out-of-memory kill.
    """
    crash = diagnosis.crash
    if crash is None:
        return diagnosis
    again = crash.previous and crash.restarts < _LOOPING
    how = f"died with {describe(crash)}, and runs again" if again else f"keeps dying with {describe(crash)}"
    where = f"Container {crash.container} of pod {crash.pod} {how}"
    said = f" Last log lines: {' / '.join(lines)}" if lines else ""
    if cause is None:
        return Diagnosis(diagnosis.state, diagnosis.reason, f"{where}.{said}", diagnosis.fix, diagnosis.patience, crash)
    state = diagnosis.state if again else STUCK
    return Diagnosis(state, f"crash.{cause.kind}", f"{where}: {cause.message}.{said}", cause.fix, 0.0, crash)
