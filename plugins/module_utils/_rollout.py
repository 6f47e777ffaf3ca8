# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is a rollout done, under way, or stuck? A pure judgement over the live objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Waiting is elsewhere (``_rollout_wait``). Works with and without probes: a pod without a readiness probe is Ready as
soon as it runs, so "ready" here does not mean that HTTP answers yet.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import (
    READY,
    STUCK,
    Diagnosis,
    progressing,
    stuck,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import pod_trouble
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import (
    Workload,
    current_pods,
    events_of,
    newest_replicaset,
    ready,
)

# What keeps a ReplicaSet from creating pods: pattern, reason, fix, patience in seconds.
_REFUSALS: list[tuple[t.Pattern[str], str, str, float]] = [
    (
        re.compile(r"serviceaccount \"(?P<what>[^\"]+)\" not found|service account \S+/(?P<what2>\S+?):"),
        "create.service_account",
        "Create ServiceAccount {what} in the namespace, correct holmes_service_account, or set holmes_rbac_create.",
        8.0,
    ),
    (
        re.compile(r"exceeded quota: (?P<what>[\w.-]+)|failed quota: (?P<what2>[\w.-]+)"),
        "create.quota",
        "Lower holmes_resources, or have ResourceQuota {what} of the namespace raised.",
        8.0,
    ),
    (
        re.compile(r"violates PodSecurity \"(?P<what>[^\"]+)\""),
        "create.pod_security",
        "Set podSecurityContext and containerSecurityContext in holmes_values so that they satisfy {what}, or change "
        "the namespace's pod-security.kubernetes.io/enforce label.",
        0.0,
    ),
    (
        re.compile(r"admission webhook \"(?P<what>[^\"]+)\" denied"),
        "create.admission",
        "Satisfy the policy behind {what}, or exempt the namespace from it.",
        0.0,
    ),
    (
        re.compile(r"failed calling webhook \"(?P<what>[^\"]+)\""),
        "create.webhook",
        "Repair the admission webhook {what}: it does not answer.",
        15.0,
    ),
    (
        re.compile(r"no PriorityClass with name (?P<what>\S+)"),
        "create.priority_class",
        "Create PriorityClass {what}, or correct priorityClassName in holmes_values.",
        0.0,
    ),
]


def diagnose(deployment: Object, replicasets: list[Object], pods: list[Object], events: list[Object]) -> Diagnosis:
    """Judge one look at a Deployment. ``pods`` are all pods of the Deployment, old revisions included."""
    workload = Workload(deployment, replicasets, pods, events)
    return (
        _not_started(deployment)
        or _done(workload)
        or _refused(workload)
        or _pods_in_trouble(workload)
        or _deadline_exceeded(deployment)
        or _counting(workload)
    )


def _wanted(deployment: Object) -> int:
    replicas = (deployment.get("spec") or {}).get("replicas")
    return 1 if replicas is None else int(replicas)


def _count(deployment: Object, key: str) -> int:
    return int((deployment.get("status") or {}).get(key) or 0)


def _condition(thing: Object, kind: str) -> Object:
    for entry in (thing.get("status") or {}).get("conditions") or []:
        if entry.get("type") == kind:
            return dict(entry)
    return {}


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


def _done(workload: Workload) -> Diagnosis | None:
    deployment, wanted = workload.deployment, _wanted(workload.deployment)
    updated, available = _count(deployment, "updatedReplicas"), _count(deployment, "availableReplicas")
    if updated < wanted or available < wanted or _count(deployment, "replicas") > updated:
        return None
    current = {name_of(pod) for pod in current_pods(workload)}
    leaving = sorted(name_of(pod) for pod in workload.pods if name_of(pod) not in current and _alive(pod))
    if leaving:
        return progressing("old_pods", f"The old pod {', '.join(leaving)} has not gone yet.")
    if sum(1 for pod in current_pods(workload) if ready(pod)) < wanted:
        # The Deployment's counters lag a moment behind its pods.
        return None
    return Diagnosis(READY, "available", f"Deployment {name_of(deployment)}: {available} of {wanted} available.")


def _alive(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")


def _refused(workload: Workload) -> Diagnosis | None:
    newest = newest_replicaset(workload.deployment, workload.replicasets)
    if newest is None:
        return None
    failure = _condition(newest, "ReplicaFailure")
    message = str(failure.get("message", "")) if failure.get("status") == "True" else ""
    if not message and not current_pods(workload):
        told = events_of(workload.events, "ReplicaSet", name_of(newest), "FailedCreate")
        message = str(told[-1].get("message", "")) if told else ""
    if not message:
        return None
    text = f"No pod can be created for ReplicaSet {name_of(newest)}: {' '.join(message.split())[:400].rstrip('.')}."
    for pattern, reason, fix, patience in _REFUSALS:
        match = pattern.search(message)
        if match:
            what = next((value for value in match.groupdict().values() if value), "")
            return stuck(reason, text, fix.format(what=what), patience)
    return stuck("create.refused", text, f"Look at 'kubectl describe replicaset {name_of(newest)}'.", 10.0)


def _pods_in_trouble(workload: Workload) -> Diagnosis | None:
    found = [pod_trouble(pod, workload.events) for pod in current_pods(workload) if not ready(pod)]
    troubles = [trouble for trouble in found if trouble is not None]
    worst_first = sorted(troubles, key=lambda trouble: trouble.state != STUCK)
    return worst_first[0] if worst_first else None


def _deadline_exceeded(deployment: Object) -> Diagnosis | None:
    progress = _condition(deployment, "Progressing")
    if progress.get("reason") != "ProgressDeadlineExceeded":
        return None
    return stuck("deadline", f"{progress.get('message', 'The rollout made no progress.')}", "Look at the pods' events.")


def _counting(workload: Workload) -> Diagnosis:
    deployment, wanted = workload.deployment, _wanted(workload.deployment)
    pods = current_pods(workload)
    phases = ", ".join(f"{name_of(pod)} {(pod.get('status') or {}).get('phase', 'Unknown')}" for pod in pods)
    return progressing(
        "pods",
        f"Deployment {name_of(deployment)}: {_count(deployment, 'updatedReplicas')} of {wanted} updated, "
        f"{_count(deployment, 'availableReplicas')} available ({phases or 'no pod of this revision yet'}).",
    )
