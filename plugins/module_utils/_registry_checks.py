# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks about image registries by id, and how several findings become one check.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check

SECRET = "registry.pull_secret"  # noqa: S105  # an id, not a password
REACHABLE = "registry.reachable"
LOGIN = "registry.login"
IMAGE = "registry.image"
ARCHITECTURE = "registry.architecture"
TITLES = {
    SECRET: "Pull Secrets hold the log-in of the registry",
    REACHABLE: "Image registry answers",
    LOGIN: "Image registry accepts the pods' log-in",
    IMAGE: "Every image is in the registry",
    ARCHITECTURE: "Images fit the nodes' processors",
}
_WORST = (FAIL, NOT_CHECKED, WARN)


class Finding(t.NamedTuple):
    """One thing that is not as it should be."""

    status: str
    message: str
    fix: str


def judged(check_id: str, findings: t.Iterable[Finding], good: str, **evidence: t.Any) -> Check:
    """One check with the worst status and each sentence once; a pass that says ``good`` without findings."""
    found = list(dict.fromkeys(findings))
    if not found:
        return Check(check_id, TITLES[check_id], PASS, good, evidence=evidence)
    status = next(status for status in _WORST if any(finding.status == status for finding in found))
    message = " ".join(dict.fromkeys(finding.message for finding in found))
    fix = " ".join(dict.fromkeys(finding.fix for finding in found))
    return Check(check_id, TITLES[check_id], status, message, fix, evidence)
