# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock over a release: a Lease in its namespace, so that two runs never change it at once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"Now" is the API server's time, because the clocks of two control nodes differ. Every write names the version it was
made for, so of two that are equally quick exactly one wins.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease_object, _processes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE, Alive, holder_of, is_same, judge
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    REQUEST_TIMEOUT,
    Cluster,
    KubeError,
    Object,
    Reader,
    translate,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import NOT_FOUND, create, find, patch
from ansible_collections.holmesgpt.onprem.plugins.module_utils._lease_object import Found
from ansible_collections.holmesgpt.onprem.plugins.module_utils._lease_say import (
    free_check,
    held_check,
    lost,
    no_right_check,
    over_check,
)

CONFLICT = 409
# Somebody else may be quicker once or twice; not for ever.
ATTEMPTS = 5

EXPIRED = "expired"


class Held(HolmesError):
    """Another run holds the lock; ``check`` says who, since when, until when, and what to do."""

    def __init__(self, found: Found, left: int, why: str = "") -> None:
        self.found, self.left, self.check = found, left, held_check(found, left, why)
        super().__init__(self.check.message, self.check.fix)


@dataclass(frozen=True)
class Taken:
    """``how``: new, renewed, expired or gone; with the last two ``former`` is who held it before."""

    how: str
    former: Found | None = None


def look(reader: Reader, namespace: str, release: str) -> Found | None:
    """The lock as it is; None if there is none. Raises KubeError without the right to read it."""
    lease = find(reader, _lease_object.path_for(namespace, release))
    return _lease_object.found_of(lease) if lease else None


def way(found: Found | None, holder: t.Any, now: float, gone: t.Any = None) -> str:
    """How the lock would be taken: new, renewed, expired or gone; raises :class:`Held` if it cannot be.

    ``gone`` is the ticket of a hold whose process is known to have ended.
    """
    if found is None:
        return "new"
    if is_same(found.holder, holder):
        return "renewed"
    left = found.left(now)
    if not left:
        return EXPIRED
    if gone and dict(gone) == found.ticket:
        return GONE
    # Who could be seen to be gone would have come with a ticket.
    raise Held(found, left, judge(found.holder, holder_of(holder), lambda _pid, _started: True).why)


def take(cluster: Cluster, namespace: str, release: str, holder: t.Any, seconds: int, gone: t.Any = None) -> Taken:
    """Take the lock for ``seconds``. Raises :class:`Held`, or KubeError if the right is missing."""
    ours = holder_of(holder)
    path = _lease_object.path_for(namespace, release)
    for _attempt in range(ATTEMPTS):
        found, now = look(cluster, namespace, release), cluster.now()
        how = way(found, ours, now, gone)
        try:
            if found is None:
                folder = _lease_object.path_for(namespace)
                create(cluster, folder, _lease_object.fresh(namespace, release, ours, seconds, now))
            elif how == "renewed":
                patch(cluster, path, _lease_object.renewal(found, now, seconds))
            else:
                patch(cluster, path, _lease_object.takeover(found, ours, seconds, now))
        except KubeError as error:
            # Made, taken or removed by somebody else since it was read: look again.
            if error.status == CONFLICT or (error.status == NOT_FOUND and found is not None):
                continue
            raise
        return Taken(how, found if how in (EXPIRED, GONE) else None)
    raise HolmesError(
        f"[release.lock] The lock {_lease_object.name_for(release)} changes hands all the time.",
        "See who else works on this release, then run again.",
    )


# The option of every module that works under the lock of its run.
OPTION: t.Mapping[str, t.Any] = {"lock": {"type": "dict", "default": {}}}


def keep(cluster: Cluster, params: t.Mapping[str, t.Any], check_mode: bool) -> None:
    """Renew the lock of a module's options, if it has one and changes something. Raises like :func:`renew`."""
    if not check_mode:
        renew(cluster, params["namespace"], params["release_name"], params["lock"])


def renew(cluster: Cluster, namespace: str, release: str, holder: t.Any) -> None:
    """Keep the lock for as long again; nothing to do without one. Raises HolmesError if it is not ours."""
    if not holder:
        return
    path = _lease_object.path_for(namespace, release)
    for _attempt in range(ATTEMPTS):
        found = look(cluster, namespace, release)
        if found is None or not is_same(found.holder, holder):
            raise lost(found, namespace, release)
        try:
            patch(cluster, path, _lease_object.renewal(found, cluster.now()))
        except KubeError as error:
            if error.status in (CONFLICT, NOT_FOUND):
                continue
            raise
        return
    raise lost(None, namespace, release)


def drop(cluster: Cluster, namespace: str, release: str, holder: t.Any) -> bool:
    """Give the lock back: delete the Lease if it is ours. Whether that was done."""
    for _attempt in range(ATTEMPTS):
        found = look(cluster, namespace, release)
        if found is None or not is_same(found.holder, holder):
            return False
        try:
            _delete(cluster, _lease_object.path_for(namespace, release), found)
        except KubeError as error:
            if error.status in (CONFLICT, NOT_FOUND):
                continue
            raise
        return True
    return False


def glance(
    cluster: Cluster,
    namespace: str,
    release: str,
    here: t.Mapping[str, str] | None = None,
    alive: Alive = _processes.alive,
    gone: t.Any = None,
) -> Check:
    """``release.lock`` without taking it, early in a run: whether another run is at work.

    ``here`` is this run's identity; without one, this machine alone tells whether the other process lives. ``gone`` as
    for :func:`take`. Raises KubeError only where the API server does not answer.
    """
    ours = holder_of(_processes.machine() if here is None else here)
    try:
        found = look(cluster, namespace, release)
    except KubeError as error:
        if error.forbidden:
            return no_right_check(namespace, error.msg)
        raise
    if found is None or is_same(found.holder, ours):
        return free_check(namespace)
    left = found.left(cluster.now())
    if not left:
        return over_check(found, EXPIRED)
    judged = judge(found.holder, ours, alive)
    if judged.state == GONE or (gone and dict(gone) == found.ticket):
        return over_check(found, GONE)
    return held_check(found, left, judged.why)


def _delete(cluster: Cluster, path: str, found: Found) -> None:
    body: Object = {"preconditions": {"uid": found.uid, "resourceVersion": found.version}}
    try:
        cluster.raw.client.request(
            "delete",
            path,
            body=body,
            content_type="application/json",
            header_params={"Accept": "application/json"},
            serialize=False,
            _request_timeout=REQUEST_TIMEOUT,
        )
    except Exception as error:
        raise translate(error, path) from error
