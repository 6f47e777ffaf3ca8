# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with one pod: its containers, scheduling, volumes, network, probes.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over objects.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._containerstate import container_trouble
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import Diagnosis, progressing, stuck
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_nodes import NODE, by_taint
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import events_of

_PROBE_STATUS = re.compile(r"statuscode: (?P<code>\d+)")
# Long enough for a slow start that already answers HTTP, far shorter than the Deployment's own ten minutes.
_NOT_READY_PATIENCE = 90.0
# The kubelet's third try comes half a minute after the first: what failed so often has lasted.
_TRIES_ENOUGH = 3
# Events of a pod that has its volumes and its network.
_WENT_ON = ("Pulling", "Pulled", "Created", "Started")


def pod_trouble(pod: Object, events: list[Object]) -> Diagnosis | None:
    """The most telling trouble of a pod, None if nothing is wrong with it (yet)."""
    for status in statuses(pod):
        found = container_trouble(pod, status, events)
        if found is not None:
            return _lasting(found, pod, events)
    return _unscheduled(pod) or _volume(pod, events) or _sandbox(pod, events) or _probe(pod, events)


def _lasting(found: Diagnosis, pod: Object, events: list[Object]) -> Diagnosis:
    """A pull that failed again and again before anybody looked needs no patience any more."""
    if not found.reason.startswith("pull."):
        return found
    told = events_of(events, "Pod", name_of(pod), "Failed")
    tries = sum(_count(event) for event in told if str(event.get("message", "")).startswith("Failed to pull image"))
    return replace(found, patience=0.0) if tries >= _TRIES_ENOUGH else found


def _count(event: Object) -> int:
    return max(int(event.get("count") or 1), int((event.get("series") or {}).get("count") or 1))


def statuses(pod: Object) -> list[Object]:
    """Container statuses, init containers first."""
    status = pod.get("status") or {}
    return list(status.get("initContainerStatuses") or []) + list(status.get("containerStatuses") or [])


def _unscheduled(pod: Object) -> Diagnosis | None:
    for entry in (pod.get("status") or {}).get("conditions") or []:
        if entry.get("type") == "PodScheduled" and entry.get("reason") == "Unschedulable":
            message = (
                f"No node takes pod {name_of(pod)}: {entry.get('message', 'no reason given')} (this heals by itself "
            )
            if by_taint(message):
                return progressing(NODE, message + "once the node is ready).", "Look at 'kubectl describe nodes'.")
            return progressing(
                "unschedulable",
                message + "once a node has room).",
                "Lower resources.requests in holmes_resources, add a node, or correct nodeSelector and tolerations.",
            )
    return None


def _volume(pod: Object, events: list[Object]) -> Diagnosis | None:
    event = _unhealed(pod, events, "FailedMount", "FailedAttachVolume")
    if event is None:
        return None
    message = f"Pod {name_of(pod)} waits for a volume: {event.get('message')}."
    fix = "Create what the volume names, or correct additionalVolumes in holmes_values."
    return stuck("volume", message, fix, 20.0)


def _sandbox(pod: Object, events: list[Object]) -> Diagnosis | None:
    event = _unhealed(pod, events, "FailedCreatePodSandBox")
    if event is None:
        return None
    message = f"The node cannot set up pod {name_of(pod)}: {event.get('message')}."
    return stuck("sandbox", message, "Look at the node's container runtime and network plugin.", 30.0)


def _unhealed(pod: Object, events: list[Object], *reasons: str) -> Object | None:
    """The newest event with one of ``reasons``; None if the pod is past it.

    The kubelet touches images and containers only after volumes and sandbox are there, so such an event in the same
    second is the later one.
    """
    told = events_of(events, "Pod", name_of(pod), *reasons)
    if not told or (pod.get("status") or {}).get("phase") != "Pending":
        return None
    went_on = events_of(events, "Pod", name_of(pod), *_WENT_ON)
    return None if went_on and _second(went_on[-1]) >= _second(told[-1]) else told[-1]


def _second(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")[: len("2026-11-23T06:00:00")]


def _probe(pod: Object, events: list[Object]) -> Diagnosis | None:
    told: t.Sequence[Object] = events_of(events, "Pod", name_of(pod), "Unhealthy")
    told = [event for event in told if str(event.get("message", "")).startswith("Readiness probe")]
    if not told or (pod.get("status") or {}).get("phase") != "Running":
        return None
    message = f"Pod {name_of(pod)} runs but is not ready: {str(told[-1].get('message', ''))[:300]}."
    code = _PROBE_STATUS.search(message)
    if code is None:
        return progressing("probe", message, "Read the pod's log.")
    fix = "Read the pod's log; 503 means that HolmesGPT did not finish its start, 404 that it is older than its chart."
    return stuck("probe", message, fix, _NOT_READY_PATIENCE if code["code"] == "503" else 30.0)
