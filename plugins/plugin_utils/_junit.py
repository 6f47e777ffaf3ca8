# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JUnit XML: a suite for each host, a case for each check. Private to this collection.

Imports nothing of Ansible. Written by hand: four elements, and only text that was made fit for XML (``_clean``).
"""

from __future__ import annotations

import typing as t
from collections import Counter
from html import escape

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import printable
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report


def junit(report: Report) -> str:
    """The XML, with a declaration, as text."""
    every = [check for host in report["hosts"] for check in host["checks"]]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="holmesgpt.onprem"{_counted(every)}>']
    for host in report["hosts"]:
        lines += _suite(host)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counted(checks: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    statuses = Counter(check["status"] for check in checks)
    numbers = {"tests": len(checks), "failures": statuses[FAIL], "errors": 0, "skipped": statuses[NOT_CHECKED]}
    return _attributes(**numbers, time=_seconds(sum(check["seconds"] for check in checks)))


def _suite(host: Fragment) -> list[str]:
    # Without a zone: that is how the schema of JUnit wants it. The time is UTC.
    stamp = str(host["started"] or host["ended"]).rstrip("Z")
    lines = [f"  <testsuite{_attributes(name=host['host'])}{_counted(host['checks'])}{_attributes(timestamp=stamp)}>"]
    told = {"title": host["title"], "state": host["state"], "verdict": host["verdict"]}
    lines.append("    <properties>")
    lines += [f"      <property{_attributes(name=name, value=value)}/>" for name, value in told.items()]
    lines.append("    </properties>")
    seen: Counter[str] = Counter()
    for check in host["checks"]:
        seen[check["id"]] += 1
        # The same check of another model or registry: readers of JUnit merge cases of the same name.
        name = check["id"] if seen[check["id"]] == 1 else f"{check['id']} ({seen[check['id']]})"
        lines += _case(name, host["host"], check)
    return [*lines, "  </testsuite>"]


def _case(name: str, host: str, check: t.Mapping[str, t.Any]) -> list[str]:
    start = f"    <testcase{_attributes(name=name, classname=host, time=_seconds(check['seconds']))}"
    inner = _inner(check)
    return [f"{start}>", f"      {inner}", "    </testcase>"] if inner else [f"{start}/>"]


def _inner(check: t.Mapping[str, t.Any]) -> str:
    text = "\n".join(filter(None, (check["message"], check["fix"] and f"Fix: {check['fix']}")))
    if check["status"] == FAIL:
        return f"<failure{_attributes(message=check['message'], type=check['id'])}>{_text(text)}</failure>"
    if check["status"] == NOT_CHECKED:
        return f"<skipped{_attributes(message=check['message'])}/>"
    return f"<system-out>{_text(f'WARN {text}')}</system-out>" if check["status"] == WARN else ""


def _attributes(**given: t.Any) -> str:
    return "".join(f' {name}="{_text(" ".join(str(value).split()))}"' for name, value in given.items())


def _text(value: str) -> str:
    return escape(printable(value), quote=True)


def _seconds(value: float) -> str:
    return f"{value:.3f}"
