# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``release.lock`` in sentences.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE
from ansible_collections.holmesgpt.onprem.plugins.module_utils._lease_object import Found, name_for
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

ID = "release.lock"
_voice = Voice({ID: "Lock of the release"})


def free_check(namespace: str) -> Check:
    """A look before the change: nobody else is there."""
    return _voice.passed(ID, f"No other run is at work on this release in namespace '{namespace}'.")


def needless_check(namespace: str) -> Check:
    """Nothing is changed, so nobody has to be kept out."""
    return _voice.passed(ID, f"No other run is at work in namespace '{namespace}', and this one has nothing to change.")


def taken_check(namespace: str, release: str, seconds: int) -> Check:
    """The lock is ours."""
    message = f"This run holds the Lease {name_for(release)} in namespace '{namespace}'; no other run changes it now."
    return _voice.passed(ID, message, lease=name_for(release), seconds=seconds)


def would_take_check(namespace: str, release: str) -> Check:
    """Check mode: it would be ours."""
    message = f"No other run is at work; this one would take the Lease {name_for(release)} in namespace '{namespace}'."
    return _voice.passed(ID, message, lease=name_for(release))


def over_check(found: Found, why: str, *, done: bool = False) -> Check:
    """A lock that a run left behind. ``why``: expired or gone; ``done``: it is ours now."""
    reason = (
        "whose process is gone"
        if why == GONE
        else f"which has not renewed it within {found.seconds} s (last: {found.renewed_at or 'never'})"
    )
    verb = "was taken over" if done else "is free to be taken over"
    message = f"The lock {verb} from a run that ended early: {_who(found)}, {reason}."
    return _voice.passed(ID, message, former=found.as_dict(), why=why)


def held_check(found: Found, left: int, why: str = "") -> Check:
    """Another run is at work, or may be."""
    message = (
        f"Another run is at work on this release: {_who(found)}, since {found.acquired_at or 'an unknown time'}. "
        f"{why} Its lock ends in {left} s at the latest, unless it is renewed."
    )
    fix = f"Wait for it. If that run is surely over: {found.removal}"
    return _voice.failed(ID, " ".join(message.split()), fix, held=found.as_dict(), seconds_left=left)


def no_right_check(namespace: str, refusal: str) -> Check:
    """Without the right there is no lock, and work goes on."""
    message = f"Two runs at once are not prevented: {refusal}"
    fix = (
        "Wait until the namespace is gone, then run again."
        if "being terminated" in refusal
        else f"Grant get, create, patch and delete of leases (coordination.k8s.io) in namespace '{namespace}'."
    )
    return _voice.warned(ID, message, fix)


def nothing_check(namespace: str) -> Check:
    """No namespace, no lock."""
    return _voice.passed(ID, f"Namespace '{namespace}' does not exist, so there is nothing to lock.")


def lost(found: Found | None, namespace: str, release: str) -> HolmesError:
    """The lock was ours, and is not any more."""
    now = f"is held by {_who(found)} since {found.acquired_at}" if found else "is gone"
    return HolmesError(
        f"[{ID}] The Lease {name_for(release)} in namespace '{namespace}' {now}: this run stops before it changes "
        "anything more.",
        "Let the other run finish, or find out who removed the Lease; then run again.",
    )


def _who(found: Found) -> str:
    return found.identity or "nobody in particular"
