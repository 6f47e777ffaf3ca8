# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet as lines of text: a host in each row, a phase in each column. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import INCOMPLETE, UNREACHABLE, Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import NOT_RUN, PHASES
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, headline
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import MARKS, VERDICTS, WIDTH


def matrix(report: Report) -> list[str]:
    """Headline, a row for each host, and below it what no table above has told: hosts without a report."""
    rows = [["host", *PHASES, "verdict"], *(_row(host) for host in report["hosts"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"HolmesGPT | {headline(report)}"]
    lines += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return lines + [line for host in report["hosts"] for line in _untold(host)]


def worth_showing(report: Report) -> bool:
    """Whether the matrix says more than the table of the one good host above it."""
    return len(report["hosts"]) > 1 or report["verdict"] == NOT_READY


def _row(host: Fragment) -> list[str]:
    return [host["host"], *(_cell(phase) for phase in host["phases"]), VERDICTS[host["verdict"]]]


def _cell(phase: t.Mapping[str, t.Any]) -> str:
    if phase["status"] == NOT_RUN:
        return "-"
    seconds = phase["seconds"]
    return MARKS[phase["status"]] + ("" if seconds is None else f" {seconds:.1f} s")


def _untold(host: Fragment) -> t.Iterator[str]:
    for check in host["checks"]:
        if check["id"] in (UNREACHABLE, INCOMPLETE):
            lead = f"  {host['host']}: "
            for sign, text in ((lead, check["message"]), (" " * len(lead), f"-> {check['fix']}")):
                yield from textwrap.wrap(
                    text, WIDTH, initial_indent=sign, subsequent_indent=" " * len(lead), break_long_words=False
                )
