# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of an upgrade that failed, as a check of its report.

Private to this collection. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._returned import (
    returned_check,
    stays_check,
    unknown_check,
)


def told_return(args: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """``release.returned`` for the option ``returned`` of holmes_report; nothing without it."""
    told = args.get("returned")
    if not isinstance(told, dict) or not told.get("rollback"):
        return []
    rollback, verification = told["rollback"], told.get("verification") or {}
    where = {"namespace": str(told.get("namespace")), "release": str(told.get("release_name"))}
    applied, revision = int(rollback.get("applied") or 0), int(rollback.get("revision") or 0)
    problem = str(rollback.get("problem") or "")
    if "blamed" not in rollback:
        check = unknown_check(str(rollback.get("msg") or "the step gave no result"), **where)
    elif rollback["stays"]:
        check = stays_check(rollback["stays"], applied, revision, rollback["blamed"], **where)
    else:
        seen = verification if verification.get("checks") else None
        check = returned_check(applied, revision, seen, told.get("secrets") or [], problem=problem, **where)
    return [{**check.as_dict(), "phase": "release"}]
