# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks as lines of text for a person. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY, verdict_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY

MARKS = {"pass": "ok", "warn": "WARN", "fail": "FAIL", "not_checked": "not checked"}
VERDICTS = {"ready": "READY", "ready_with_limitations": "READY WITH LIMITATIONS", "not_ready": "NOT READY"}
WIDTH = 150


def report_verdict(checks: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """The verdict over checks as the modules return them; no check at all is no proof."""
    return verdict_of(check["status"] for check in checks) if checks else NOT_READY


def table(checks: t.Sequence[t.Mapping[str, t.Any]], heading: str) -> list[str]:
    """A heading with the verdict, a line for each check, and the fix below what is not a pass."""
    lines = [f"{heading}: {VERDICTS[report_verdict(checks)]}"]
    id_width = max((len(check["id"]) for check in checks), default=0)
    for check in checks:
        lead = f"  {MARKS[check['status']]:<11}  {check['id']:<{id_width}}  "
        lines += _wrap(lead, check["message"])
        if check["status"] != "pass" and check.get("fix"):
            lines += _wrap(" " * len(lead), f"-> {check['fix']}")
        may = (check.get("evidence") or {}).get(MAY)
        if may:
            names = ", ".join(f'"{name}": REASON' for name in may)
            lines += _wrap(" " * len(lead), f"-> if it is meant, holmes_exceptions: {{{names}}}")
    return lines


def _wrap(lead: str, text: str) -> list[str]:
    # Names and commands stay whole, so that they can be copied.
    found = textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return found or [lead.rstrip()]
