# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is a rollout done, under way, or stuck? A pure judgement over the live objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Waiting is elsewhere (``_rollout_wait``). Works with and without probes: a pod without a readiness probe is Ready as
soon as it runs, so "ready" here does not mean that HTTP answers yet.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import (
    READY,
    STUCK,
    Diagnosis,
    progressing,
    stuck,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leaving import OLD_PODS, leaving
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import pod_trouble
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_refused import refused
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import (
    Workload,
    condition,
    current_pods,
    ended_pods,
    ready,
)


def diagnose(
    deployment: Object, replicasets: list[Object], pods: list[Object], events: list[Object], waited: float = 0.0
) -> Diagnosis:
    """Judge one look at a Deployment. ``pods`` are all pods of the Deployment, old revisions included.

    ``waited``: for so many seconds nothing but leaving pods has kept it from being ready.
    """
    workload = Workload(deployment, replicasets, pods, events)
    return (
        _not_started(deployment)
        or _done(workload, waited)
        or refused(workload)
        or _pods_in_trouble(workload)
        or _deadline_exceeded(workload)
        or _counting(workload)
    )


def _wanted(deployment: Object) -> int:
    replicas = (deployment.get("spec") or {}).get("replicas")
    return 1 if replicas is None else int(replicas)


def _count(deployment: Object, key: str) -> int:
    return int((deployment.get("status") or {}).get(key) or 0)


def _not_started(deployment: Object) -> Diagnosis | None:
    name = name_of(deployment)
    if _wanted(deployment) == 0:
        return stuck(
            "scaled_to_zero",
            f"Deployment {name} is scaled to 0 replicas.",
            f"kubectl scale deployment {name} --replicas=1, or set replicas in holmes_values.",
        )
    if _count(deployment, "observedGeneration") < int(meta(deployment).get("generation") or 0):
        return progressing("generation", f"Deployment {name} was changed and its controller has not looked at it yet.")
    if (deployment.get("spec") or {}).get("paused"):
        return stuck("paused", f"Deployment {name} is paused.", f"kubectl rollout resume deployment {name}.")
    return None


def _done(workload: Workload, waited: float) -> Diagnosis | None:
    deployment, wanted = workload.deployment, _wanted(workload.deployment)
    updated, available = _count(deployment, "updatedReplicas"), _count(deployment, "availableReplicas")
    if updated < wanted or available < wanted or _count(deployment, "replicas") > updated:
        return None
    going, lost = leaving(workload, waited)
    if going:
        return progressing(OLD_PODS, f"The old pod {', '.join(going)} has not gone yet.")
    if sum(1 for pod in current_pods(workload) if ready(pod)) < wanted:
        # The Deployment's counters lag a moment behind its pods.
        return None
    told = f" Not waited for: {', '.join(lost)}; it should have gone long ago." if lost else ""
    return Diagnosis(READY, "available", f"Deployment {name_of(deployment)}: {available} of {wanted} available.{told}")


def _pods_in_trouble(workload: Workload) -> Diagnosis | None:
    found = [pod_trouble(pod, workload.events) for pod in current_pods(workload) if not ready(pod)]
    troubles = [trouble for trouble in found if trouble is not None]
    worst_first = sorted(troubles, key=lambda trouble: trouble.state != STUCK)
    return worst_first[0] if worst_first else None


def _deadline_exceeded(workload: Workload) -> Diagnosis | None:
    progress = condition(workload.deployment, "Progressing")
    if progress.get("reason") != "ProgressDeadlineExceeded":
        return None
    message, fix = f"{progress.get('message', 'The rollout made no progress.')}", "Look at the pods' events."
    told, more = _ended(workload)
    return stuck("deadline", f"{message}{told}", f"{fix} {more}".rstrip())


def _ended(workload: Workload) -> tuple[str, str]:
    """What became of the pods that are over, and what to do; nothing if there are none."""
    ended = ended_pods(workload)
    if not ended:
        return "", ""
    status = ended[-1].get("status") or {}
    told = ": ".join(str(status[key]).strip().rstrip(".") for key in ("reason", "message") if status.get(key))
    message = (
        f" Pods of this revision that are over: {len(ended)}, the last one {name_of(ended[-1])} "
        f"({' '.join(told.split())[:300] or 'no reason given'})."
    )
    return message, "Look at the node that refuses or evicts the pods: 'kubectl describe node', and holmes_resources."


def _counting(workload: Workload) -> Diagnosis:
    deployment, wanted = workload.deployment, _wanted(workload.deployment)
    pods = current_pods(workload)
    phases = ", ".join(f"{name_of(pod)} {(pod.get('status') or {}).get('phase', 'Unknown')}" for pod in pods)
    told, fix = _ended(workload)
    return progressing(
        "pods",
        f"Deployment {name_of(deployment)}: {_count(deployment, 'updatedReplicas')} of {wanted} updated, "
        f"{_count(deployment, 'availableReplicas')} available ({phases or 'no pod of this revision yet'}).{told}",
        fix,
    )
