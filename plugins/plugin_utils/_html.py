# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as one HTML file for people. Private to this collection. Imports nothing of Ansible.

Everything is escaped by the template engine. The file loads nothing, and forbids it (Content-Security-Policy).
"""

from __future__ import annotations

import base64
import hashlib
import os
import typing as t
from datetime import datetime

import jinja2
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._access import access_rows, without_rows
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._evidence import evidence_text
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._findings import findings, places_of, shared
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import NOT_RUN, PHASES
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, headline
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import key_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import VERDICTS

# A sign beside the word, so that nothing is told by colour alone.
STATUSES = {
    PASS: ("✓", "Pass"),
    WARN: ("!", "Warning"),
    FAIL: ("✕", "Fail"),
    NOT_CHECKED: ("?", "Not checked"),
    NOT_RUN: ("–", "Not run"),
}
_COUNTED = {PASS: "passed", WARN: "with a warning", FAIL: "failed", NOT_CHECKED: "not checked"}
_NAMES = {
    "ansible_core": "ansible-core",
    "collection": "Collection",
    "helm": "Helm",
    "kubernetes": "Kubernetes",
    "chart": "Chart",
    "chart_sha256": "Chart archive (sha256)",
    "holmesgpt": "HolmesGPT",
    "revision": "Revision of the release",
    "values_sha256": "Values (sha256)",
}
# So many hosts are shown unfolded, and so many are named before the rest is folded.
_UNFOLDED, _NAMED = 3, 8
# Closed details are no part of a printed page.
_SCRIPT = "addEventListener('beforeprint',()=>document.querySelectorAll('details').forEach(d=>d.open=true))"
_FOLDER = os.path.dirname(os.path.abspath(__file__))


def html(report: Report) -> str:
    """The whole page as text; the same for the same report."""
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    engine.filters.update(evidence=_evidence, moment=_moment, seconds=_seconds, span=_span)
    common = shared(report)
    anchors = {fault["key"]: fault["anchor"] for fault in common}
    failed, limited = findings(report, (FAIL,), anchors), findings(report, (WARN, NOT_CHECKED))
    return engine.get_template("_report.html.j2").render(
        report=report,
        headline=headline(report),
        verdicts=VERDICTS,
        statuses=STATUSES,
        counted=_COUNTED,
        few=_NAMED,
        phases=PHASES,
        shared=common,
        above=lambda check: anchors.get(key_of(check), ""),
        number=len({host["host"] for host in report["hosts"]}),
        failed=failed,
        limited=limited,
        hosts=[_host(host, place, report) for place, host in zip(places_of(report), report["hosts"])],
        exceptions=_exceptions(report),
        script=_SCRIPT,
        script_hash=base64.b64encode(hashlib.sha256(_SCRIPT.encode("utf-8")).digest()).decode("ascii"),
    )


def _host(host: Fragment, place: dict[str, str], report: Report) -> dict[str, t.Any]:
    """A host with what the template would otherwise have to work out."""
    versions = {_NAMES.get(key, key): value for key, value in host["versions"].items() if key != "images"}
    counts = {status: sum(check["status"] == status for check in host["checks"]) for status in STATUSES}
    return {
        "data": host,
        **place,
        "open": len(report["hosts"]) <= _UNFOLDED,
        "versions": versions,
        "images": host["versions"].get("images") or [],
        "access": access_rows(host["checks"]),
        "counts": {status: count for status, count in counts.items() if count},
        "groups": _groups(host["checks"]),
        "seconds": _span(host),
    }


def _groups(checks: t.Sequence[t.Mapping[str, t.Any]]) -> list[tuple[str, list[t.Mapping[str, t.Any]]]]:
    """The checks by phase, in the order in which the phases run; the run's own at the end."""
    named = [(name, [check for check in checks if check["phase"] == name]) for name in PHASES]
    rest = [check for check in checks if check["phase"] not in PHASES]
    return [(name, found) for name, found in [*named, ("run", rest)] if found]


def _exceptions(report: Report) -> list[dict[str, t.Any]]:
    """Each exception in use once, with the hosts that use it."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for place, host in zip(places_of(report), report["hosts"]):
        for used in host["exceptions"]:
            found.setdefault((used["name"], used["reason"]), []).append(place)
    return [{"name": key[0], "reason": key[1], "hosts": hosts} for key, hosts in sorted(found.items())]


def _evidence(check: t.Mapping[str, t.Any]) -> str:
    return evidence_text(without_rows(check))


def _moment(text: str | None) -> str:
    """'2026-05-04 09:30:00 UTC' of '2026-05-04T09:30:00Z'."""
    return str(text).replace("T", " ").replace("Z", " UTC") if text else "unknown"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 100 else f"{value // 60:.0f} min {value % 60:.0f} s"


def _span(host: t.Mapping[str, t.Any]) -> float | None:
    """Seconds from the start to the end, if both are known."""
    if not (host["started"] and host["ended"]):
        return None
    # Python 3.9 does not read the Z.
    started, ended = (datetime.fromisoformat(host[key].rstrip("Z")) for key in ("started", "ended"))
    return (ended - started).total_seconds()
