# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of Helm's revisions was good, and to which one may be gone back.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over revisions,
oldest first.

Helm's status alone does not tell (read in pkg/action/rollback.go of Helm 3.20 and 4.2, the same in both): a rollback
that fails makes the revision before it ``superseded``, even one that had failed itself; its description stays. And a
revision that did not serve is ``superseded`` like a good one after somebody went back from it. Neither a pending nor a
failed newest revision keeps Helm from going back, and no lock does.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, PENDING, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import unproven

SUPERSEDED = "superseded"
NOTHING_YET = "There is no release to go back in: Helm knows no revision of it."
_ANOTHER = "Choose another one with holmes_rollback_revision, or correct the inventory and run site.yml."
# Helm's own descriptions of what failed, and this collection's (_release_record).
_FAILED = re.compile(r'(?:Upgrade|Rollback|Release) "[^"]*" failed: |Interrupted as pending-|Does not serve \(')
_WENT_BACK = re.compile(r"Rollback (?:to \d+|\"[^\"]*\" failed: )|Interrupted as pending-rollback")


class FailedRevision(HolmesError):
    """The chosen revision has never run well, so it takes an exception to go back to it."""

    def __init__(self, msg: str, fix: str, release: Release) -> None:
        super().__init__(msg, fix)
        self.release = release


def choose(revisions: t.Sequence[Release], wanted: int) -> Release:
    """The revision to go back to. The newest one itself means: nothing to do.

    ``wanted`` 0 is the last good one before the newest, or the newest if that is a rollback itself: a run that is
    repeated must not go back a second step. Raises HolmesError with the revisions there are.
    """
    if not revisions:
        raise HolmesError(NOTHING_YET, "Check holmes_namespace and holmes_release_name, or install it with site.yml.")
    newest = revisions[-1]
    if wanted == 0:
        return _last(revisions)
    found = next((release for release in revisions if release.revision == wanted), None)
    if found is None:
        message = f"Helm has no revision {wanted} (any more). There are: {table(revisions)}."
        raise HolmesError(message, "Choose one of these with holmes_rollback_revision.")
    if newest.status == DEPLOYED and same(found, newest):
        return newest
    if found.status in PENDING:
        message = (
            f"Revision {wanted} is {found.status}: nobody knows what of it was applied. There are: {table(revisions)}."
        )
        raise HolmesError(message, _ANOTHER)
    if not good(found):
        message = f"Revision {wanted} never ran well, Helm has it as {told(found)}. There are: {table(revisions)}."
        raise FailedRevision(message, _ANOTHER, found)
    return found


def _last(revisions: t.Sequence[Release]) -> Release:
    newest = revisions[-1]
    if newest.status == DEPLOYED and went_back(newest):
        return newest
    found = last_good(revisions, newest.revision)
    if found is None:
        message = f"There is no good revision before {newest.revision}. There are: {table(revisions)}."
        raise HolmesError(message, _ANOTHER)
    return found


def last_good(revisions: t.Sequence[Release], before: int) -> Release | None:
    """The newest good revision below a number, from which nobody went back; None if there is none.

    One that this collection made and that nobody has seen work only counts if there is no other: its run may have been
    cut off before it found out that it does not.
    """
    left = {older.revision for older, newer in zip(revisions, revisions[1:]) if went_back(newer)}
    fitting = [release for release in revisions if release.revision < before and release.revision not in left]
    found = [release for release in reversed(fitting) if good(release)]
    return next((release for release in found if not unproven(release)), found[0] if found else None)


def good(release: Release) -> bool:
    """Whether Helm had this revision as deployed, now or until the next one replaced it."""
    return release.status in (DEPLOYED, SUPERSEDED) and not _FAILED.match(release.description)


def went_back(release: Release) -> bool:
    """Whether this revision was made by a rollback, or by the attempt of one."""
    return release.status == "pending-rollback" or bool(_WENT_BACK.match(release.description))


def same(one: Release, other: Release) -> bool:
    """Whether two revisions are the same chart with the same values and objects."""
    return (one.chart_name, one.chart_version, one.config, one.manifest) == (
        other.chart_name,
        other.chart_version,
        other.config,
        other.manifest,
    )


def told(release: Release) -> str:
    """The status in one word: what failed stays failed, whatever Helm calls it later."""
    return "failed" if release.status == SUPERSEDED and not good(release) else release.status


def chart_of(release: Release) -> str:
    """Name and version of the chart, for a message."""
    return f"{release.chart_name}-{release.chart_version}"


def table(revisions: t.Sequence[Release]) -> str:
    """Revision, status, chart and time of each, on one line, the newest first."""
    rows = [
        f"{release.revision} {told(release)} {chart_of(release)} {release.last_deployed[:19] or 'at an unknown time'}"
        for release in reversed(revisions)
    ]
    return "; ".join(rows)
