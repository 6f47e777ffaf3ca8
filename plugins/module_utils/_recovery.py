# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a release has to be applied, and how one that an interrupted run left behind is recovered.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._helm_process import working
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE
from ansible_collections.holmesgpt.onprem.plugins.module_utils._recovery_wait import (
    UNINSTALLING,
    Settled,
    began,
    seconds_since,
    wait_out,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    DEPLOYED,
    PENDING,
    Release,
    releases,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import mark_failed

UNINSTALLED = "uninstalled"
# What 'helm upgrade --install' refuses. Pending: "another operation is in progress". Uninstalling: "has no deployed
# releases" (upgrade.go). Uninstalled: the same before Helm 3.16. From failed and superseded it goes on by itself.
STUCK = (*PENDING, UNINSTALLED)
# 'helm uninstall' takes every state, but kubernetes.core does not call it in these two (seen with 6.6.0).
STUCK_FOR_REMOVAL = (UNINSTALLING, UNINSTALLED)


@dataclass(frozen=True)
class Decision:
    """``apply``: Helm has to run; ``reason`` says why, or why not."""

    apply: bool
    reason: str


def decide(newest: Release | None, chart: t.Mapping[str, t.Any], values_sha256: str) -> Decision:
    """Compare the newest revision with what is wanted.

    ``chart`` needs ``name`` and ``version``; ``values_sha256`` is the digest of the wanted values, in which a rebuilt
    archive shows (``global.onprem.chartSha256``).
    """
    if newest is None:
        return Decision(True, "there is no release yet")
    if newest.status != DEPLOYED:
        return Decision(True, f"revision {newest.revision} is {newest.status}")
    if (newest.chart_name, newest.chart_version) != (chart["name"], chart["version"]):
        return Decision(
            True, f"chart {newest.chart_name}-{newest.chart_version} becomes {chart['name']}-{chart['version']}"
        )
    if digest(newest.config) != values_sha256:
        return Decision(True, "the values or the chart archive differ")
    return Decision(False, f"revision {newest.revision} is deployed with this chart and these values")


def age_of(release: Release, now: float) -> float:
    """Seconds since Helm began with the revision, or with its removal; 0 if unknown or in the future (clocks differ).

    Helm's label ``modifiedAt`` will not do: Helm 3 copies it from the revision before (seen with 3.22).
    """
    return seconds_since(began(release), now)


def give_up(cluster: t.Any, namespace: str, name: str, since: int, values_sha256: str) -> None:
    """Mark failed what a Helm of this run has begun and, being dead, will not end; nothing to do if it left nothing.

    ``since`` is the newest revision before that Helm, ``values_sha256`` what it was to apply: a revision of somebody
    else's Helm, because of which ours was refused, has other values. Raises HolmesError.
    """
    found = releases(cluster, namespace, name)
    newest = found[-1] if found else None
    if newest is None or newest.revision <= since or newest.status not in PENDING:
        return
    if digest(newest.config) == values_sha256:
        mark_failed(cluster, newest)


@dataclass(frozen=True)
class Recovered:
    """``revisions`` as they were found, oldest first. ``changed``: the newest was (or would be) marked."""

    revisions: t.Sequence[Release]
    changed: bool = False
    checks: list[Check] = field(default_factory=list)

    @property
    def newest(self) -> Release | None:
        return self.revisions[-1] if self.revisions else None


def recover(
    cluster: t.Any,
    namespace: str,
    name: str,
    grace: float,
    former: t.Mapping[str, t.Any] | None = None,
    check_mode: bool = False,
    *,
    lock: t.Mapping[str, t.Any] | None = None,
    removal: bool = False,
) -> Recovered:
    """Wait for what is unfinished, then mark it failed if Helm could not go on from it.

    ``former`` is the hold that our lock was taken over from, ``lock`` the holder of ours (holmes_change). ``removal``:
    a ``helm uninstall`` follows, which copes with more. Raises HolmesError, also for a revision that cannot be read.
    """
    helms = partial(working, namespace, name, lock)
    # A lock that has only expired may be that of a run that hangs, somewhere where its Helm cannot be seen.
    over = (former or {}).get("why") == GONE
    settled = wait_out(cluster, namespace, name, grace, over=over, helms=helms, wall=cluster.now)
    newest = settled.newest
    if newest is None or newest.status not in (STUCK_FOR_REMOVAL if removal else STUCK):
        return Recovered(settled.revisions)
    if not check_mode:
        mark_failed(cluster, newest)
    return Recovered(settled.revisions, True, [recovered_check(newest, check_mode, settled, former, removal)])


def recovered_check(
    release: Release,
    check_mode: bool,
    settled: Settled | None = None,
    former: t.Mapping[str, t.Any] | None = None,
    removal: bool = False,
) -> Check:
    """What was done about an interrupted run. ``removal``: what follows removes the rest."""
    settled, former = settled or Settled([release]), former or {}
    done = "would be marked" if check_mode else "was marked"
    deployed = [one.revision for one in settled.revisions if one.status == DEPLOYED]
    left = "by a run that ended early" if former.get("identity") or not former else "by Helm, which ended early"
    left = "by 'helm uninstall --keep-history'" if release.status == UNINSTALLED else left
    owner = f" ({former['identity']})" if former.get("identity") else ""
    base = "there" if removal else _base(release, deployed)
    gone = "What Helm had deleted by then is gone" if release.status == UNINSTALLING else "Nothing is deleted"
    message = (
        f"Revision {release.revision} was left {release.status} {left}{owner}; it {done} failed,"
        f" so that Helm goes on from {base}. {gone}."
    )
    evidence = {
        "revision": release.revision,
        "was": release.status,
        "since": release.last_deployed,
        "deployed": deployed,
        "owner": str(former.get("identity") or ""),
        "helm_alive": settled.helm_alive,
        "waited": round(settled.waited),
    }
    return Check("release.recovered", "Interrupted release", PASS, message, evidence=evidence)


def _base(release: Release, deployed: t.Sequence[int]) -> str:
    """Where Helm goes on from: the newest revision that counts as deployed, else the newest that failed."""
    if len(deployed) > 1:
        return f"revision {max(deployed)}, the newest of {len(deployed)} that count as deployed"
    if deployed:
        return f"revision {deployed[0]}, the last good one"
    if release.status in (UNINSTALLING, UNINSTALLED):
        return "there and makes again what was removed"
    return "there, as there is no good one"


def state_check(newest: Release | None, decision: Decision) -> Check:
    """The state of the release before this run."""
    evidence: dict[str, t.Any] = {"apply": decision.apply}
    if newest:
        evidence.update(
            revision=newest.revision, status=newest.status, chart=f"{newest.chart_name}-{newest.chart_version}"
        )
    verb = "Helm applies it" if decision.apply else "Nothing to apply"
    return Check("release.state", "Release before this run", PASS, f"{verb}: {decision.reason}.", evidence=evidence)
