# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of a run alone do not say: that it broke off, or that it never verified anything.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_gate import GATE, IDS

Checks = list[dict[str, t.Any]]
UNVERIFIED = "run.unverified"
# The end of what is said of a step whose message is not known.
ABOVE = "its message stands above."

# What could not be found out before the change, and the check that shows it afterwards.
_SHOWN_BY = {
    "cluster.admission": "verify.release",
    **dict.fromkeys(("cluster.pod_security", "cluster.quota", "cluster.nodes"), "verify.rollout"),
    **dict.fromkeys(("registry.reachable", "registry.login", "registry.image", "registry.pull_secret"), "verify.image"),
    **dict.fromkeys(("registry.architecture", "tls.registry"), "verify.image"),
}


# What was wrong before the change and is mended by it.
_MENDED_BY = {"cluster.release": "verify.release"}


def answered(checks: Checks) -> Checks:
    """What was open before the change and is shown by the installation itself is no limitation any more."""
    passed = {check["id"] for check in checks if check["status"] == PASS}
    return [_answered(check, passed) for check in checks]


def _answered(check: dict[str, t.Any], passed: set[str]) -> dict[str, t.Any]:
    if check["status"] == WARN and _MENDED_BY.get(check["id"]) in passed:
        message = f"Mended since, see {_MENDED_BY[check['id']]}: {check['message']}"
        return {**check, "status": PASS, "message": message, "fix": ""}
    shown_by = _SHOWN_BY.get(check["id"], "")
    if check["status"] != NOT_CHECKED or shown_by not in passed:
        return check
    return {**check, "status": PASS, "message": f"Open before the change, shown by {shown_by} since.", "fix": ""}


def guarded(checks: Checks) -> Checks:
    """The checks, and one more if a release was decided upon without any check before it (``--skip-tags``)."""
    found = {check["id"] for check in checks}
    if "release.state" not in found or found & {"host.helm", GATE}:
        return checks
    message, fix = "Nothing was checked before the change (tags).", "Run without --tags and --skip-tags."
    return [*checks, Check(GATE, IDS[GATE], WARN, message, fix).as_dict()]


def with_outcome(checks: Checks, failed_step: str, verified: bool) -> Checks:
    """The checks, and one more if they would otherwise read as a success that the run was not.

    ``failed_step`` is the name of the task that ended the run, empty if none did.
    """
    checks = guarded(answered(checks))
    if failed_step:
        if any(check["status"] == FAIL for check in checks):
            return checks
        message = f"The run ended at the step '{failed_step}'; {ABOVE}"
        fix = "Mend what it names and run again; the run goes on from what is there."
        return [*checks, Check("run.incomplete", "The run came to its end", FAIL, message, fix).as_dict()]
    if verified:
        return checks
    message = "This run has not verified the installation (check mode, tags, or nothing to verify)."
    fix = "Run site.yml without --check and --tags, or playbooks/verify.yml."
    if not checks:
        message = "This run has checked nothing at all (tags, or it was ended early); the report before it stays."
        fix = "Run without --tags and --skip-tags."
    status = NOT_CHECKED if checks else FAIL
    return [*checks, Check(UNVERIFIED, "The run verified the installation", status, message, fix).as_dict()]


def is_empty(fragment: t.Mapping[str, t.Any]) -> bool:
    """Whether a host checked nothing: that replaces no proof of an earlier run."""
    return [check["id"] for check in fragment["checks"]] == [UNVERIFIED]
