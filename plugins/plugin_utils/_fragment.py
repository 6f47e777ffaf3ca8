# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One host of a report. Private to this collection. Imports nothing of Ansible.

The shape is published as ``docs/report.schema.json``.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, Check
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import cleaned, one_line
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import ABOVE, UNVERIFIED
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step, phases_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import report_verdict
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._versions import versions_of

SCHEMA = 1
Fragment = dict[str, t.Any]
Checks = list[dict[str, t.Any]]
# What a fragment must have to be shown.
_TIME = (str, type(None))
KEYS: dict[str, t.Any] = {
    **dict.fromkeys(("host", "title", "state", "verdict", "failed_step"), str),
    **dict.fromkeys(("phases", "checks", "exceptions"), list),
    **{"versions": dict, "check_mode": bool, "started": _TIME, "ended": str},
}
CHECK_KEYS = ("id", "title", "status", "message", "fix", "evidence", "seconds", "phase")

UNREACHABLE, INCOMPLETE, NOT_BEGUN = "run.unreachable", "run.incomplete", "run.not_begun"
# What a host cannot tell of itself, in a table of its own.
OF_THE_RUN = (UNREACHABLE, INCOMPLETE, NOT_BEGUN)
_TITLES = {
    UNREACHABLE: "The host can be reached",
    INCOMPLETE: "The run came to its end",
    NOT_BEGUN: "The turn of the host came",
}
_FIXES = {
    UNREACHABLE: "Mend the connection to this host (ansible HOST -m ping -i INVENTORY shows it), and run again for it "
    "with --limit HOST.",
    INCOMPLETE: "Mend what it names and run again; the run goes on from what is there.",
    NOT_BEGUN: "Mend what failed on the other hosts, and run again for those that are left.",
}
_ACCEPTED = re.compile(r"Accepted \((.*?)\): ")


@dataclass(frozen=True)
class Told:
    """What the role tells of its run on one host."""

    host: str
    title: str
    checks: Checks
    state: str = ""
    failed_step: str = ""
    exceptions: t.Mapping[str, t.Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    ansible_core: str = ""
    check_mode: bool = False


def now() -> str:
    """This moment as the report writes it: UTC, RFC 3339, whole seconds."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def fragment_of(told: Told, ended: str) -> Fragment:
    """The fragment of a host that came to its report. ``started`` and seconds of phases are known to the callback."""
    checks = [_shaped(check) for check in cleaned(told.checks, told.secrets)]
    return {
        "schema": SCHEMA,
        "host": told.host,
        "title": told.title,
        "state": told.state,
        "check_mode": told.check_mode,
        "verdict": report_verdict(checks),
        "started": None,
        "ended": ended,
        "failed_step": told.failed_step,
        "phases": phases_of(checks, {}, phase_of_step(told.failed_step)),
        "checks": checks,
        "exceptions": _exceptions(checks, told.exceptions),
        "versions": versions_of(checks, told.ansible_core),
    }


def _shaped(check: dict[str, t.Any]) -> dict[str, t.Any]:
    """Every key of a check, also if somebody left one out."""
    empty = {"title": "", "message": "", "fix": "", "evidence": {}, "seconds": 0.0, "phase": ""}
    return {**empty, **check}


def _exceptions(checks: Checks, given: t.Mapping[str, t.Any]) -> list[dict[str, str]]:
    """The exceptions that were needed, each with its reason."""
    found: dict[str, dict[str, str]] = {}
    for check in checks:
        for subject in check["evidence"].get("accepted") or ():
            name = next((name for name in (f"{check['id']}:{subject}", check["id"]) if name in given), "")
            quoted = _ACCEPTED.search(check["message"])
            reason = str(given.get(name) or (quoted.group(1) if quoted else ""))
            name = name or (check["id"] if subject == check["id"] else f"{check['id']}:{subject}")
            found[name] = {"name": name, "reason": one_line(reason), "check": check["id"]}
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True)
class Broken:
    """How a host left the run without a report, or after it. ``step`` is the task, ``message`` is Ansible's."""

    kind: str
    message: str
    step: str = ""

    def check(self) -> dict[str, t.Any]:
        """The one check that tells it."""
        message = one_line(self.message) or "Ansible gave no message."
        told = f"The run ended at the step '{self.step}': {message}" if self.step else message
        phase = phase_of_step(self.step)
        return {**Check(self.kind, _TITLES[self.kind], FAIL, told, _FIXES[self.kind]).as_dict(), "phase": phase}


def not_begun(reason: str) -> Check:
    """Nothing was done on a host, because others failed."""
    return Check(NOT_BEGUN, _TITLES[NOT_BEGUN], FAIL, reason, _FIXES[NOT_BEGUN])


def explained(checks: Checks, step: str, said: str, endpoint: str = "") -> Checks:
    """The checks with the message of the step that ended the run, where it only says that it stands above.

    ``endpoint``: the server that the step failed at, if it is not in the cluster.
    """
    if not said:
        return checks
    more: dict[str, t.Any] = {"message": Broken(INCOMPLETE, said, step).check()["message"]}
    if endpoint:
        more["evidence"] = {"endpoint": endpoint}
    return [{**one, **more} if is_unexplained(one) else one for one in checks]


def is_unexplained(check: t.Mapping[str, t.Any]) -> bool:
    return check["id"] == INCOMPLETE and str(check["message"]).endswith(ABOVE)


def without_report(host: str, broken: Broken, ended: str, ansible_core: str, check_mode: bool) -> Fragment:
    """The fragment of a host that did not come to its report."""
    told = Told(host, "HolmesGPT", [broken.check()], failed_step=broken.step, ansible_core=ansible_core)
    return {**fragment_of(told, ended), "check_mode": check_mode}


def ended_after(fragment: Fragment, broken: Broken) -> Fragment:
    """The fragment of a host that failed after its report."""
    # That it did not verify is said by why.
    checks = [*(check for check in fragment["checks"] if check["id"] != UNVERIFIED), broken.check()]
    verdict = report_verdict(checks)
    return {**fragment, "checks": checks, "verdict": verdict, "failed_step": fragment["failed_step"] or broken.step}


def timed(fragment: Fragment, started: str | None, seconds: t.Mapping[str, float]) -> Fragment:
    """The fragment with what the callback measured."""
    rounded = {name: round(value, 1) for name, value in seconds.items()}
    phases = phases_of(fragment["checks"], rounded, phase_of_step(fragment["failed_step"]))
    return {**fragment, "started": started, "phases": phases}
