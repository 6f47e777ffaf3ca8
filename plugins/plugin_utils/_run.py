# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run, from the fragments of its hosts. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import LIMITED, NOT_READY, READY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import SCHEMA, Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import shared_faults
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import VERDICTS

Report = dict[str, t.Any]
_BEST_FIRST = (READY, LIMITED, NOT_READY)


def report_of(fragments: t.Iterable[Fragment]) -> Report:
    """The same report for the same fragments, in whatever order they come: every time is one of theirs."""
    hosts = sorted(fragments, key=lambda fragment: (fragment["host"], fragment["title"]))
    verdicts = [fragment["verdict"] for fragment in hosts]
    times = [time for fragment in hosts for time in (fragment["started"], fragment["ended"]) if time]
    return {
        "schema": SCHEMA,
        "verdict": max(verdicts, key=_BEST_FIRST.index) if verdicts else NOT_READY,
        "totals": {verdict: verdicts.count(verdict) for verdict in _BEST_FIRST},
        "started": min(times, default=None),
        "ended": max(times, default=None),
        "shared": [fault.as_dict() for fault in shared_faults(hosts)],
        "hosts": hosts,
    }


def headline(report: Report) -> str:
    """'3 hosts: 1 READY, 1 READY WITH LIMITATIONS, 1 NOT READY'; what nobody is stays out."""
    number = len(report["hosts"])
    parts = [f"{report['totals'][verdict]} {VERDICTS[verdict]}" for verdict in _BEST_FIRST if report["totals"][verdict]]
    if number == 1:
        return f"1 host: {VERDICTS[report['verdict']]}"
    return f"{number} hosts: {', '.join(parts)}" if parts else "no host"


def unready(report: Report) -> list[str]:
    """The hosts to run again for: those that failed, could not be reached or were not begun."""
    return sorted({host["host"] for host in report["hosts"] if host["verdict"] == NOT_READY})


def names_of(report: Report) -> list[str]:
    """The name of each host of the report; with the installation if a host has several."""
    number = Counter(host["host"] for host in report["hosts"])
    return [f"{one['host']} ({one['title']})" if number[one["host"]] > 1 else one["host"] for one in report["hosts"]]
