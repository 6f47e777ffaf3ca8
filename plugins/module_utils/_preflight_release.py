# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the release before the run, and what the run would do about it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import passed, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._recovery import Decision, age_of, decide
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, PENDING, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import reason_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import unmarked

ID = "cluster.release"


def judge(
    found: t.Sequence[Release],
    values: t.Mapping[str, t.Any],
    now: float,
    grace: float,
    renewed: t.Sequence[str] = (),
) -> Check:
    """``cluster.release``. ``found`` are Helm's revisions, oldest first; ``now`` is the time of day in seconds.

    ``renewed`` are the Secrets whose content this run changes, which rolls the pods.
    """
    newest = found[-1] if found else None
    # Which archive is meant stands in the values (global.onprem.chartSha256), so name and version need no comparison.
    chart = {"name": newest.chart_name, "version": newest.chart_version} if newest else {}
    # The annotation of the Secrets is known only later, and is no news for a Secret that stays.
    seen = replace(newest, config=unmarked(newest.config)) if newest else None
    decision = decide(seen, chart, digest(unmarked(values)))
    if renewed and not decision.apply:
        decision = Decision(True, f"the content of Secret {', '.join(renewed)} changes, which rolls the pods")
    if newest is None:
        return passed(ID, f"Helm installs: {decision.reason}.", apply=True)
    evidence = {
        "apply": decision.apply,
        "revision": newest.revision,
        "status": newest.status,
        "chart": f"{newest.chart_name}-{newest.chart_version}",
    }
    if newest.status in PENDING:
        return _pending(newest, age_of(newest, now), grace, evidence)
    if newest.status != DEPLOYED:
        message = f"Helm goes on from there: {decision.reason}{_why(newest)}."
        fix = "Read the reason; the same one may stop this run. Its objects stay, and are brought up to date."
        return warned(ID, message, fix, **evidence)
    verb = "Helm upgrades" if decision.apply else "Nothing to apply"
    return passed(ID, f"{verb}: {decision.reason}.", **evidence)


def _why(release: Release) -> str:
    text = reason_of(release)
    return f" ({text})" if text else ""


def _pending(release: Release, age: float, grace: float, evidence: dict[str, t.Any]) -> Check:
    told = f"Revision {release.revision} is {release.status} since {release.last_deployed or 'an unknown time'}"
    if age < grace:
        message = (
            f"{told}: another run may be at work. This one waits up to {grace - age:.0f} s for it, then counts it as "
            "interrupted and marks it failed, so that Helm can go on."
        )
        return warned(ID, message, "Let the other run finish, or set holmes_pending_grace lower.", **evidence)
    message = (
        f"{told}, left by a run that ended early. This run marks it failed, so that Helm goes on from the last good "
        "one; nothing is deleted."
    )
    return warned(ID, message, "Nothing to do, unless somebody's Helm is still at work on it.", **evidence)
