# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet as lines of text: a host in each row, a phase in each column. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import textwrap
import typing as t
from unicodedata import combining, east_asian_width

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import OF_THE_RUN, Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import NOT_RUN, PHASES
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, headline, names_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import (
    SharedFault,
    numbers_of,
    shared_faults,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import MARKS, VERDICTS, WIDTH


def matrix(report: Report) -> list[str]:
    """Headline, what several hosts share, a row for each host, and what no table above has told: hosts without one."""
    names, faults = names_of(report), shared_faults(report["hosts"])
    rows = [["host", *PHASES, "verdict"]]
    rows += [_row(name, host, numbers_of(host, faults)) for name, host in zip(names, report["hosts"])]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"HolmesGPT | {headline(report)}", *_shared(faults, len({host["host"] for host in report["hosts"]}))]
    lines += ["  " + "  ".join(map(_padded, row, widths)).rstrip() for row in rows]
    return lines + list(_untold(zip(names, report["hosts"])))


def worth_showing(report: Report) -> bool:
    """Whether the matrix says more than the table of the one good host above it."""
    return len(report["hosts"]) > 1 or report["verdict"] == NOT_READY


def _row(name: str, host: Fragment, shared: t.Sequence[int]) -> list[str]:
    verdict = " ".join([VERDICTS[host["verdict"]], *(f"[{number}]" for number in shared)])
    return [name, *(_cell(phase) for phase in host["phases"]), verdict]


def _shared(faults: t.Iterable[SharedFault], number: int) -> t.Iterator[str]:
    """Each fault of several hosts once; the rows of hosts have its number."""
    for fault in faults:
        check, endpoint, _cause = fault.key
        yield f"  [{fault.number}] {check} at {endpoint}, shared by {len(fault.hosts)} of {number} hosts:"
        yield from _wrapped("      ", fault.message)
        if fault.fix:
            yield from _wrapped("      -> ", fault.fix)


def _cell(phase: t.Mapping[str, t.Any]) -> str:
    if phase["status"] == NOT_RUN:
        return "-"
    seconds = phase["seconds"]
    return MARKS[phase["status"]] + ("" if seconds is None else f" {seconds:.1f} s")


def _width(text: str) -> int:
    """Cells of a terminal: Hangul takes two of them, a combining sign none."""
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _untold(hosts: t.Iterable[tuple[str, Fragment]]) -> t.Iterator[str]:
    """Each message once with its hosts, and below all that are mended in the same way the fix."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name, host in hosts:
        for check in host["checks"]:
            if check["id"] in OF_THE_RUN:
                found.setdefault((check["id"], check["fix"]), {}).setdefault(check["message"], []).append(name)
    for (_id, fix), messages in found.items():
        for message, names in messages.items():
            yield from _wrapped("  ", f"{', '.join(names)}: {message}")
        yield from _wrapped("    -> ", fix)


def _wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )
