# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After an upgrade that does not serve: whether to go back, to where, and what came of it.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_READY, Check, digest
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

    ``applied`` is the revision that did not serve, ``revision`` the one gone back to.
    ``verification`` is the result of holmes_verify afterwards, None if there was none. ``problem``: why going back did
    not work.
    """
    evidence: dict[str, t.Any] = {"applied": applied, "revision": revision, "secrets_changed": list(secrets_changed)}
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


# Why the newest revision stays, or was never there: what stands in evidence.stays, and the sentences that explain it.
NOT_BEGUN, FOREIGN, UNVERIFIED, OUTSIDE = "not_begun", "foreign", "unverified", "outside"
FIRST, MISSING, UNWANTED = "first", "missing", "unwanted"
# It does not serve, and no later run may take it for good.
BAD = (FIRST, MISSING, UNWANTED)


def stays(
    revisions: t.Sequence[Release], since: int, wanted_sha256: str, good: int, blamed: t.Sequence[str], judged: bool
) -> str:
    """Why nobody goes back to revision ``good``; empty if somebody does.

    ``revisions`` as they are now, oldest first; ``since`` was the newest before this run, ``wanted_sha256`` is what it
    was to apply. ``judged``: Helm or the verification has said something of the new revision.
    """
    newest = revisions[-1] if revisions else None
    if newest is None or newest.revision <= since:
        return NOT_BEGUN
    if wanted_sha256 and digest(newest.config) != wanted_sha256:
        return FOREIGN
    if not blamed:
        return OUTSIDE if judged else UNVERIFIED
    if not good:
        return FIRST
    return "" if any(one.revision == good for one in revisions) else MISSING


# For each reason: what it says of the run, what is so, and what to do; the words in braces are filled in below.
_TOLD: dict[str, tuple[t.Callable[..., Check], str, str]] = {
    FIRST: (
        _SAY.failed,
        "Revision {applied} does not serve, and there is no good revision before it: it is left as it is for "
        "inspection, marked failed. Nothing was deleted.",
        "Look at it ({look}). {again}, which goes on from there.",
    ),
    UNWANTED: (
        _SAY.failed,
        "Revision {applied} does not serve ({ids}) and stays, marked failed, because holmes_rollback_on_failure is "
        "false.",
        "Look at it ({look}); {back}.",
    ),
    MISSING: (
        _SAY.failed,
        "Revision {applied} does not serve ({ids}) and stays, marked failed: revision {revision}, the last good one, "
        "is not in Helm's history any more.",
        "Look at it ({look}). {again}.",
    ),
    FOREIGN: (
        _SAY.failed,
        "Somebody else's Helm has made revision {applied} meanwhile, so nothing was taken back.",
        "See who works on this release (helm history {release} -n {namespace}), then run site.yml again.",
    ),
    UNVERIFIED: (
        _SAY.warned,
        "Revision {applied} stays: it was applied, but nothing is known of whether it serves.",
        "Run site.yml again, which verifies it; {back}.",
    ),
    NOT_BEGUN: (
        _SAY.warned,
        "Helm ended before it began a revision, so {before}.",
        "Mend what Helm said and run site.yml again.",
    ),
    OUTSIDE: (
        _SAY.warned,
        "Revision {applied} stays: what failed lies outside of it{same}.",
        "Mend what failed and run site.yml again.",
    ),
}


def stays_check(
    why: str, applied: int, revision: int, blamed: t.Sequence[str], *, namespace: str, release: str
) -> Check:
    """``release.returned`` if nobody went back. ``applied`` is what runs, ``revision`` what would have been gone to."""
    say, message, fix = _TOLD[why]
    words = {
        "applied": applied,
        "revision": revision,
        "namespace": namespace,
        "release": release,
        "ids": ", ".join(blamed),
        "look": _look(namespace, release),
        "again": _AGAIN,
        "back": f"playbooks/rollback.yml goes back to revision {revision}",
        "before": f"revision {applied} runs as before" if applied else "there is no release",
        "same": f", and revision {revision} would meet the same" if revision else "",
    }
    evidence: dict[str, t.Any] = {"applied": applied, "revision": revision, "went_back": False, "stays": why}
    return say(RETURNED, message.format(**words), fix.format(**words), **evidence)


def unknown_check(problem: str, *, namespace: str, release: str) -> Check:
    """``release.returned`` if the cluster could not even be asked what this run has left."""
    message = f"What this run has left, and whether to go back, could not be found out: {problem.rstrip('. ')}."
    fix = f"Mend that and run site.yml again, which goes on from there (helm history {release} -n {namespace})."
    return _SAY.failed(RETURNED, message, fix, went_back=False)


def _look(namespace: str, release: str) -> str:
    """The commands that show the state, in full."""
    return (
        f"helm history {release} -n {namespace}; kubectl -n {namespace} get pods,events; "
        f"kubectl -n {namespace} describe deployment {release}-holmes; "
        f"kubectl -n {namespace} logs deployment/{release}-holmes --all-containers --tail=100"
    )
