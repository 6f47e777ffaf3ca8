# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After an upgrade that does not serve: whether to go back, to where, and what came of it.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_READY, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._returned_reasons import REASONS, unread
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_choose import last_good
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

RETURNED = "release.returned"
IDS = {RETURNED: "Back to the last good revision"}
HELM = "verify.release"
_SAY = Voice(IDS)
_AGAIN = "Correct what the failed checks say and run site.yml again"


def blames(checks: t.Iterable[t.Mapping[str, t.Any]], helm_failed: bool) -> list[str]:
    """The ids of failed checks that justify going back, in their order (_returned_reasons says why each does).

    ``checks`` as holmes_verify returns them; empty if the verification was not reached. ``helm_failed``: Helm could not
    apply the revision, which is ``verify.release``. An id that nobody knows does not count.
    """
    found = [HELM] if helm_failed else []
    for check in checks:
        judge = REASONS.get(str(check.get("id")), (None, ""))[0]
        if judge and check.get("status") == FAIL and not unread(check) and judge(check):
            found.append(str(check["id"]))
    return list(dict.fromkeys(found))


def good_before(revisions: t.Sequence[Release], applied: int = 0) -> int:
    """The revision that was good before this run, 0 if there is none.

    ``revisions`` oldest first, as they were before Helm ran; or as they are now, with the number of the one that
    this run ``applied``.
    """
    found = last_good(revisions, applied or max((release.revision for release in revisions), default=0) + 1)
    return found.revision if found else 0


def returned_check(
    applied: int,
    revision: int,
    verification: t.Mapping[str, t.Any] | None,
    secrets_changed: t.Sequence[str],
    *,
    namespace: str = "holmes",
    release: str = "holmes",
    problem: str = "",
) -> Check:
    """``release.returned``: always a failure, because the wanted change did not happen.

    ``applied`` is the revision that did not serve, ``revision`` the one gone back to (0: there is none).
    ``verification`` is the result of holmes_verify afterwards, None if there was none. ``problem``: why going back did
    not work.
    """
    evidence: dict[str, t.Any] = {"applied": applied, "revision": revision, "secrets_changed": list(secrets_changed)}
    if not revision:
        return _first(applied, namespace, release, evidence)
    if problem:
        message = (
            f"Revision {applied} does not serve, and going back to revision {revision} did not work: "
            f"{problem.rstrip('. ')}. Pods of either may run now."
        )
        fix = f"Look at it ({_look(namespace, release)}), then: helm rollback {release} {revision} -n {namespace}."
        return _SAY.failed(RETURNED, message, fix, went_back=False, **evidence)
    failed = [str(check["id"]) for check in (verification or {}).get("checks") or [] if check.get("status") == FAIL]
    verdict = str((verification or {}).get("verdict") or "")
    told = f"Revision {applied} does not serve, so Helm went back to revision {revision}, which runs now"
    if not verdict:
        message = f"{told}; that it serves was not verified."
        fix = f"Verify it with playbooks/verify.yml. {_AGAIN}."
    elif verdict == NOT_READY:
        message = f"{told}, but does not pass either: {', '.join(failed)}."
        fix = f"These were no fault of revision {applied} alone: look at them first. {_AGAIN}."
    else:
        message, fix = f"{told} and was verified ({verdict}).", f"{_AGAIN}."
    kept = f" The new content of Secret {', '.join(secrets_changed)} stays." if secrets_changed else ""
    return _SAY.failed(RETURNED, message + kept, fix, went_back=True, verdict=verdict, failed=failed, **evidence)


def kept_check(applied: int, revision: int, blamed: t.Sequence[str], *, namespace: str, release: str) -> Check:
    """``release.returned`` if nobody went back: nothing speaks against the revision itself, or it was not wanted."""
    evidence: dict[str, t.Any] = {"applied": applied, "revision": revision, "went_back": False}
    if not blamed:
        message = (
            f"Revision {applied} stays: what failed lies outside of it, and revision {revision} would meet the same."
        )
        return _SAY.warned(RETURNED, message, "Mend what failed and run site.yml again.", **evidence)
    ids = ", ".join(blamed)
    message = (
        f"Revision {applied} does not serve ({ids}) and stays, marked failed, "
        "because holmes_rollback_on_failure is false."
    )
    fix = f"Look at it ({_look(namespace, release)}); playbooks/rollback.yml goes back to revision {revision}."
    return _SAY.failed(RETURNED, message, fix, **evidence)


def unknown_check(problem: str, *, namespace: str, release: str) -> Check:
    """``release.returned`` if the cluster could not even be asked what this run has left."""
    message = f"What this run has left, and whether to go back, could not be found out: {problem.rstrip('. ')}."
    fix = f"Mend that and run site.yml again, which goes on from there (helm history {release} -n {namespace})."
    return _SAY.failed(RETURNED, message, fix, went_back=False)


def not_begun_check(newest: int) -> Check:
    """``release.returned`` if Helm failed before it began a revision. ``newest`` is what runs, 0 if nothing does."""
    before = f"revision {newest} runs as before" if newest else "there is no release"
    message = f"Helm ended before it began a revision, so {before}."
    fix = "Mend what Helm said and run site.yml again."
    return _SAY.warned(RETURNED, message, fix, applied=newest, went_back=False)


def _first(applied: int, namespace: str, release: str, evidence: dict[str, t.Any]) -> Check:
    message = (
        f"Revision {applied} does not serve, and there is no good revision before it: it is left as it is for "
        "inspection, marked failed. Nothing was deleted."
    )
    fix = f"Look at it ({_look(namespace, release)}). {_AGAIN}, which goes on from there."
    return _SAY.failed(RETURNED, message, fix, went_back=False, **evidence)


def _look(namespace: str, release: str) -> str:
    """The commands that show the state, in full."""
    return (
        f"helm history {release} -n {namespace}; kubectl -n {namespace} get pods,events; "
        f"kubectl -n {namespace} describe deployment {release}-holmes; "
        f"kubectl -n {namespace} logs deployment/{release}-holmes --all-containers --tail=100"
    )
