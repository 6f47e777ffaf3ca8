# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of a run alone do not say: that it broke off, or that it never verified anything.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, Check

Checks = list[dict[str, t.Any]]


def with_outcome(checks: Checks, failed_step: str, verified: bool) -> Checks:
    """The checks, and one more if they would otherwise read as a success that the run was not.

    ``failed_step`` is the name of the task that ended the run, empty if none did.
    """
    if failed_step:
        if any(check["status"] == FAIL for check in checks):
            return checks
        message = f"The run ended at the step '{failed_step}'; its message stands above."
        fix = "Mend what it names and run again; the run goes on from what is there."
        return [*checks, Check("run.incomplete", "The run came to its end", FAIL, message, fix).as_dict()]
    if verified:
        return checks
    message = "This run has not verified the installation (check mode, tags, or nothing to verify)."
    fix = "Run site.yml without --check and --tags, or playbooks/verify.yml."
    return [*checks, Check("run.unverified", "The run verified the installation", NOT_CHECKED, message, fix).as_dict()]
