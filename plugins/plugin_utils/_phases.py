# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The four phases of a run, as columns of the report. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN

PHASES = ("values", "preflight", "release", "verify")
# A phase that was not reached, or does not belong to this state.
NOT_RUN = "not_run"
WORST_FIRST = (FAIL, WARN, NOT_CHECKED, PASS)

# What stands before the bar in the names of the role's tasks. Others belong to no phase.
_OF_STEP = {
    "Chart": "values",
    "Chart repository": "values",
    "Values": "values",
    "Host": "preflight",
    "Preflight": "preflight",
    "Change": "release",
    "Secrets": "release",
    "Release": "release",
    "Rollback": "release",
    "Returned": "release",
    "Removal": "release",
    "Verify": "verify",
}


def phase_of_step(task: str) -> str:
    """The phase that a task of the role belongs to, by its name (with or without the role's); empty if to none."""
    return _OF_STEP.get(task.rpartition(" : ")[2].partition(" | ")[0], "")


def worst(statuses: t.Iterable[str]) -> str:
    """The worst of statuses; ``not_run`` if there are none."""
    seen = set(statuses)
    return next((status for status in WORST_FIRST if status in seen), NOT_RUN)


def phases_of(
    checks: t.Sequence[t.Mapping[str, t.Any]], seconds: t.Mapping[str, float], failed: str = ""
) -> list[dict[str, t.Any]]:
    """Each phase with its worst status and the seconds it took (None if nobody measured).

    ``failed`` is the phase in which the run ended, if it did: a step may fail that is no check.
    """
    found: dict[str, list[str]] = {name: [] for name in PHASES}
    for check in checks:
        if check.get("phase") in found:
            found[check["phase"]].append(check["status"])
    if failed in found:
        found[failed].append(FAIL)
    return [_phase(name, worst(found[name]), seconds.get(name)) for name in PHASES]


def _phase(name: str, status: str, seconds: float | None) -> dict[str, t.Any]:
    # Tasks that were skipped take their time as well.
    return {"name": name, "status": status, "seconds": None if status == NOT_RUN else seconds}
