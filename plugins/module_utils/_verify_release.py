# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the Helm release: deployed, with the intended chart and values.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, FAILED, PENDING, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import reason_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import unmarked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    Intent,
    failed,
    passed,
    unchecked,
)

RELEASE_CHECKS = ("verify.release", "verify.chart", "verify.values")
APPLY = "Run site.yml to apply what the inventory says."


def judge(
    releases: list[Release], intent: Intent, others: t.Sequence[str] = (), *, exists: bool = False
) -> list[Check]:
    """The three checks for all revisions of a release, oldest first.

    ``others``: what Helm knows there instead of it. ``exists``: the release has a Deployment all the same.
    """
    if not releases:
        first = _unknown(intent, others, exists)
        return [first] + [unchecked(check_id, "There is no release.") for check_id in RELEASE_CHECKS[1:]]
    newest = releases[-1]
    return [_state(newest, intent), _chart(newest, intent), _values(newest, intent)]


def _unknown(intent: Intent, others: t.Sequence[str], exists: bool) -> Check:
    """Helm's default storage, the only one that is read, has no such release."""
    there = f", but {', '.join(others)}" if others else ""
    message = f"Helm knows no release {intent.release} in namespace {intent.namespace}{there}."
    storage = "Only Helm's default storage in Secrets is read."
    if exists:
        by = (
            "Its Deployment is there: something else may have made it (Argo CD and 'helm template' leave no release), "
            "or the release is kept elsewhere (Flux: storageNamespace; HELM_DRIVER)."
        )
        fix = f"Let what made it compare it, or remove it there and install it with site.yml. {storage}"
        return unchecked("verify.release", f"{message} {by}", fix)
    fix = f"Install it with site.yml, or correct holmes_release_name and holmes_namespace. {storage}"
    return failed("verify.release", message, fix)


def _evidence(newest: Release) -> dict[str, t.Any]:
    return {
        "revision": newest.revision,
        "status": newest.status,
        "chart": f"{newest.chart_name}-{newest.chart_version}",
        "app_version": newest.app_version,
        "last_deployed": newest.last_deployed,
    }


def _state(newest: Release, intent: Intent) -> Check:
    told = f"Revision {newest.revision} of release {intent.release} is {newest.status}"
    if newest.status == DEPLOYED:
        return passed("verify.release", f"{told} ({newest.chart_name}-{newest.chart_version}).", **_evidence(newest))
    if newest.status in PENDING:
        message = f"{told} since {newest.last_deployed}: a Helm run was interrupted, or is still going on."
        fix = "Wait for the other run, or run site.yml, which recovers a release that an interrupted run left behind."
    elif newest.status == FAILED:
        reason = reason_of(newest) or "no reason recorded"
        message = f"{told}: {reason}."
        fix = "Correct the reason and run site.yml again."
    else:
        message, fix = f"{told}.", APPLY
    return failed("verify.release", message, fix, **_evidence(newest))


def _chart(newest: Release, intent: Intent) -> Check:
    live = {"name": newest.chart_name, "version": newest.chart_version, "sha256": newest.chart_sha256}
    wanted = {key: str(value) for key, value in intent.chart.items() if value and key in live}
    if not wanted:
        return unchecked(
            "verify.chart",
            f"No chart was expected; {newest.chart_name}-{newest.chart_version} is deployed.",
            "Give 'chart' (name, version, sha256), as holmes_values returns it.",
            live=live,
        )
    for key, value in wanted.items():
        if live[key] == value:
            continue
        if key == "sha256":
            there = (
                f"the release was made from {live[key][:12]}" if live[key] else "the release does not say from which"
            )
            message = f"The chart archive {value[:12]} (sha256) was expected, {there}."
        else:
            message = f"Chart {key} {value} was expected, {live[key] or 'none'} is deployed."
        return failed("verify.chart", message, APPLY, live=live, wanted=wanted)
    compared = ", ".join(sorted(wanted))
    return passed("verify.chart", f"Chart {newest.chart_name}-{newest.chart_version} ({compared} compared).", live=live)


def _values(newest: Release, intent: Intent) -> Check:
    live = digest(newest.config)
    if not intent.values_sha256:
        return unchecked(
            "verify.values",
            "No values were expected.",
            "Give 'values_sha256', as holmes_values returns it.",
            live=live,
        )
    if live == intent.values_sha256:
        return passed("verify.values", f"The release has the intended values ({live[:12]}).", live=live)
    if digest(unmarked(newest.config)) == intent.values_sha256:
        message = "The values are the intended ones, but for the digest of Secrets that this run does not know."
        fix = "Give holmes_secrets (and holmes_registry_password) as the run that installed it had them."
        return unchecked("verify.values", message, fix, live=live, wanted=intent.values_sha256)
    message = f"Revision {newest.revision} has other values ({live[:12]}) than intended ({intent.values_sha256[:12]})."
    fix = f"{APPLY} 'site.yml --check --diff' shows the difference."
    return failed("verify.values", message, fix, live=live, wanted=intent.values_sha256)
