# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.objects``: every object of the release against what Helm recorded.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_look import Found, look
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_record import EDITED, Drift
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import (
    MAY,
    REMOVE,
    Exceptions,
    name_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import told as accepted_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import meta
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_compare import MISSING
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

OBJECTS = "live.objects"
IDS: dict[str, str] = {OBJECTS: "The objects are what Helm recorded"}
# Somebody may have a reason for an edit.
EXCUSABLE = (OBJECTS,)
READING = 30.0
SLOW = "Look at the API server and the network in between."
_VOICE = Voice(IDS)
# More say nothing new in a sentence; the evidence has all.
_TOLD = 6
_REPAIR = "'site.yml -e holmes_repair_drift=true' puts them back"


def tasks(scene: Scene) -> list[Task]:
    """The one check."""
    return [Task(OBJECTS, IDS[OBJECTS], lambda: [check(scene)], READING, slow=SLOW)]


def check(scene: Scene) -> Check:
    """See the module's text."""
    release = scene.release
    if release is None or not release.manifest:
        fix = f"Allow the verifying account to list secrets in namespace {scene.intent.namespace}; see verify.release."
        return _VOICE.unchecked(OBJECTS, "What Helm recorded of this release is not known.", fix)
    if release.status != DEPLOYED:
        message = f"Revision {release.revision} is {release.status}, so its record says not what should be there."
        return _VOICE.unchecked(OBJECTS, message, "See verify.release.")
    return judge(look(scene.reader, release), release, Exceptions.from_option(scene.intent.exceptions))


def judge(found: Found, release: Release, exceptions: Exceptions) -> Check:
    """What was found, said."""
    edited = [drift for drift in found.drifts if not drift.orphan]
    webhook = [drift for drift in edited if _by_nobody(drift)]
    by_hand = [drift for drift in edited if drift not in webhook]
    orphans = [drift for drift in found.drifts if drift.orphan]
    evidence: dict[str, t.Any] = {
        "revision": release.revision,
        "objects": found.count,
        "drifts": {drift.named: [one.told for one in drift.changes] or [drift.kind] for drift in found.drifts},
        "changed_by": {drift.named: _editors(drift) for drift in edited if _editors(drift)},
        "unseen": [error.msg for error in found.blind],
    }
    if by_hand:
        return _edited(by_hand, orphans, release, exceptions, evidence)
    if found.blind:
        first = found.blind[0]
        more = f" And {len(found.blind) - 1} more." if len(found.blind) > 1 else ""
        fix = first.fix or "Allow the verifying account to get the kinds that the chart has, and to list secrets."
        rest = f" Besides: {_listed(webhook + orphans)}." if webhook or orphans else ""
        return _VOICE.unchecked(OBJECTS, f"{first.msg}{more}{rest}", fix, **evidence)
    if webhook:
        message = f"{_listed(webhook)}. Nobody but Helm wrote to it, so an admission webhook of the cluster did this."
        return _VOICE.warned(OBJECTS, message, "Make sure that the webhook is meant for this namespace.", **evidence)
    if orphans:
        return _VOICE.warned(
            OBJECTS, f"{_listed(orphans)}; the release does not know it any more.", _fix(orphans), **evidence
        )
    return _VOICE.passed(
        OBJECTS, f"{found.count} objects are as revision {release.revision} recorded them.", **evidence
    )


def _edited(
    drifts: list[Drift], orphans: list[Drift], release: Release, exceptions: Exceptions, evidence: dict[str, t.Any]
) -> Check:
    """A failure that names each object; only a warning if the user accepts every single one."""
    reasons = {drift.title: exceptions.reason(OBJECTS, drift.title) for drift in drifts}
    open_ = [drift for drift in drifts if not reasons[drift.title]]
    names = [name_of(OBJECTS, drift.title) for drift in open_ or drifts]
    message = f"Not as revision {release.revision} recorded them: {_listed((open_ or drifts) + orphans)}."
    if not open_:
        why = "; ".join(dict.fromkeys(reasons.values()))
        return _VOICE.warned(OBJECTS, accepted_text(why, message), REMOVE, **evidence, accepted=names)
    fix = f"{_REPAIR}; what shall stay belongs into holmes_env or holmes_values."
    return _VOICE.failed(OBJECTS, message, f"{fix} {_fix(orphans)}".strip(), **evidence, **{MAY: names})


def _fix(orphans: list[Drift]) -> str:
    commands = " && ".join(drift.delete for drift in orphans)
    return f"If nothing needs what is left over: {commands}" if orphans else ""


def _editors(drift: Drift) -> list[str]:
    """Who wrote to it besides Helm and the controllers that write its status."""
    entries = items(meta((drift.live.found if drift.live else None) or {}).get("managedFields"))
    return sorted(
        f"{entry.get('manager')} ({entry.get('time')})"
        for entry in entries
        if not entry.get("subresource") and not str(entry.get("manager", "")).startswith(("helm", "kube-controller"))
    )


def _by_nobody(drift: Drift) -> bool:
    """Whether only Helm's own write can have had this result. Who takes something away leaves no note."""
    noted = items(meta((drift.live.found if drift.live else None) or {}).get("managedFields"))
    taken = any(one.how == MISSING for one in drift.changes)
    return drift.kind == EDITED and bool(noted) and not taken and not _editors(drift)


def _listed(drifts: t.Sequence[Drift]) -> str:
    more = f" and {len(drifts) - _TOLD} more" if len(drifts) > _TOLD else ""
    return "; ".join(drift.told for drift in drifts[:_TOLD]) + more
