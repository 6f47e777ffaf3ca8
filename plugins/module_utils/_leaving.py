# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Old pods that are to go: those to wait for, and those that will not go because nobody is there to end them.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over objects.
A pod on a node that is gone stays in the API, "Terminating", until the node is back or somebody deletes it.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import moment
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, current_pods, over, ready

# The reason of a rollout that lacks nothing but that these pods go.
OLD_PODS = "old_pods"
# A node that is alive ends a pod within seconds of its deletionTimestamp, which includes the grace.
_OVERDUE = timedelta(minutes=1)
# Kubernetes' default for terminationGracePeriodSeconds.
_GRACE = 30


def leaving(workload: Workload, waited: float) -> tuple[list[str], list[str]]:
    """The names of old pods that are still to go, and of those that are not waited for (with node and time).

    ``waited``: seconds for which such pods have been seen already.
    """
    current = {name_of(pod) for pod in current_pods(workload)}
    old = [pod for pod in workload.pods if name_of(pod) not in current and not over(pod)]
    seen = _newest_time(workload)
    lost = [pod for pod in old if _lost(pod, seen, waited)]
    told = [
        f"pod {name_of(pod)} on node {(pod.get('spec') or {}).get('nodeName') or 'unknown'}, "
        f"which was to end at {meta(pod).get('deletionTimestamp')}"
        for pod in lost
    ]
    return sorted(name_of(pod) for pod in old if pod not in lost), sorted(told)


def _lost(pod: Object, seen: datetime | None, waited: float) -> bool:
    """Whether the pod should have gone more than a minute ago, and does not serve.

    The clock of this host may be wrong by minutes, so it is not compared with the API server's. That clock shows at
    least the newest time it has written into any object. In a quiet namespace nothing is written any more: then the
    pod was deleted before it was first seen leaving, and since then ``waited`` seconds have passed on any clock.
    """
    end = moment(meta(pod).get("deletionTimestamp"))
    if end is None or ready(pod):
        return False
    grace = meta(pod).get("deletionGracePeriodSeconds")
    deleted = end - timedelta(seconds=_GRACE if grace is None else int(grace))
    now = deleted + timedelta(seconds=waited)
    return max(now, seen or now) > end + _OVERDUE


def _newest_time(workload: Workload) -> datetime | None:
    """The newest time that the API server itself wrote (not those of nodes and controllers, as in conditions)."""
    things = [workload.deployment, *workload.replicasets, *workload.pods, *workload.events]
    return max((when for thing in things for when in _written(thing)), default=None)


def _written(thing: Object) -> t.Iterator[datetime]:
    metadata = meta(thing)
    entries = [entry for entry in metadata.get("managedFields") or [] if isinstance(entry, dict)]
    for text in (metadata.get("creationTimestamp"), *(entry.get("time") for entry in entries)):
        when = moment(text)
        if when:
            yield when
