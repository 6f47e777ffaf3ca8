# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change of a release begins with: its namespace, and the lock.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import LIMITED, READY, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE, Holder, holder_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Cluster, KubeError, Object, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import NOT_FOUND, create, find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._lease_object import Found
from ansible_collections.holmesgpt.onprem.plugins.module_utils._lease_say import (
    no_right_check,
    nothing_check,
    over_check,
    taken_check,
    would_take_check,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import mark_verified
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import OWNER, OWNER_LABEL


@dataclass(frozen=True)
class Space:
    """A namespace: ``there`` is whether objects can be made in it now, ``created`` whether it is (or would be) new."""

    there: bool
    created: bool = False
    diff: Object = field(default_factory=lambda: {"before": {}, "after": {}})


@dataclass(frozen=True)
class Wanted:
    """A lock for ``seconds``; ``gone`` is the ticket of a hold that is known to be over."""

    namespace: str
    release: str
    holder: t.Any
    seconds: int
    gone: t.Any = None


@dataclass(frozen=True)
class Step:
    """What became of the lock: ``lock`` is its holder (empty: none), ``held`` who is in the way."""

    check: Check
    lock: Holder = field(default_factory=dict)
    former: Object = field(default_factory=dict)
    held: Object = field(default_factory=dict)


def namespace(cluster: Cluster, name: str, make: bool, check_mode: bool) -> Space:
    """The namespace, made if that is wanted and there is none. Raises KubeError if it cannot be made."""
    try:
        if find(cluster, path_of(CORE, "namespaces", name=name)) is not None:
            return Space(True)
    except KubeError as error:
        if not error.forbidden:
            raise
        # An account for one namespace alone; what follows would say if it were missing.
        return Space(True)
    if not make:
        return Space(False)
    labels = {OWNER_LABEL: OWNER}
    if not check_mode:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        try:
            create(cluster, path_of(CORE, "namespaces"), body)
        except KubeError as error:
            if error.status != _lease.CONFLICT:
                raise
            return Space(True)  # somebody else was quicker
    return Space(not check_mode, True, {"before": {}, "after": {"namespace": name, "labels": labels}})


def lock(cluster: Cluster, wanted: Wanted, there: bool, check_mode: bool) -> Step:
    """Take the lock; in check mode say what would become of it. Raises KubeError where the API server is no help."""
    if not there:
        check = would_take_check(wanted.namespace, wanted.release) if check_mode else nothing_check(wanted.namespace)
        return Step(check)
    try:
        return _predict(cluster, wanted) if check_mode else _take(cluster, wanted)
    except _lease.Held as held:
        # Nothing is harmed by looking.
        check = replace(held.check, status=WARN) if check_mode else held.check
        return Step(check, held=held.found.as_dict())
    except KubeError as error:
        if error.forbidden:
            return Step(no_right_check(wanted.namespace, error.msg))
        if error.status == NOT_FOUND:
            return Step(nothing_check(wanted.namespace))
        raise


def prove(cluster: Cluster, namespace: str, release: str, proof: t.Mapping[str, t.Any]) -> bool:
    """Mark the newest revision as verified, if ``proof`` (verdict, release) says so of it. Raises KubeError."""
    seen = proof.get("release") or {}
    if proof.get("verdict") not in (READY, LIMITED) or not seen.get("revision") or seen.get("verified"):
        return False
    newest = releases(cluster, namespace, release)[-1:]
    return bool(newest) and newest[0].revision == int(seen["revision"]) and mark_verified(cluster, newest[0])


def _take(cluster: Cluster, wanted: Wanted) -> Step:
    taken = _lease.take(cluster, wanted.namespace, wanted.release, wanted.holder, wanted.seconds, wanted.gone)
    ours = holder_of(wanted.holder)
    if taken.former:
        return Step(over_check(taken.former, taken.how, done=True), ours, _former(taken.former, taken.how))
    return Step(taken_check(wanted.namespace, wanted.release, wanted.seconds), ours)


def _predict(cluster: Cluster, wanted: Wanted) -> Step:
    found = _lease.look(cluster, wanted.namespace, wanted.release)
    how = _lease.way(found, wanted.holder, cluster.now(), wanted.gone)
    if found and how in (_lease.EXPIRED, GONE):
        return Step(over_check(found, how), former=_former(found, how))
    return Step(would_take_check(wanted.namespace, wanted.release))


def _former(found: Found, why: str) -> Object:
    return {**found.as_dict(), "why": why}
