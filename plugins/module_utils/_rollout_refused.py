# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a ReplicaSet from creating pods: accounts, quotas, policies.

Private to this collection: it may change in any release. Imports nothing of Ansible. A pure judgement.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import Diagnosis, stuck
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import (
    Workload,
    condition,
    current_pods,
    ended_pods,
    events_of,
    newest_replicaset,
)

# Pattern, reason, fix, patience in seconds.
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
        "the namespace's pod-security.kubernetes.io/enforce label. Then, or if that is done already: kubectl "
        "rollout restart deployment {name}, because Kubernetes tries again by itself only after minutes.",
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


def refused(workload: Workload) -> Diagnosis | None:
    """Why the newest ReplicaSet cannot create a pod; None if nothing says so."""
    newest = newest_replicaset(workload.deployment, workload.replicasets)
    if newest is None:
        return None
    failure = condition(newest, "ReplicaFailure")
    message = str(failure.get("message", "")) if failure.get("status") == "True" else ""
    if not message and not current_pods(workload) and not ended_pods(workload):
        told = events_of(workload.events, "ReplicaSet", name_of(newest), "FailedCreate")
        message = str(told[-1].get("message", "")) if told else ""
    if not message:
        return None
    text = f"No pod can be created for ReplicaSet {name_of(newest)}: {' '.join(message.split())[:400].rstrip('.')}."
    for pattern, reason, fix, patience in _REFUSALS:
        match = pattern.search(message)
        if match:
            what = next((value for value in match.groupdict().values() if value), "")
            return stuck(reason, text, fix.format(what=what, name=name_of(workload.deployment)), patience)
    return stuck("create.refused", text, f"Look at 'kubectl describe replicaset {name_of(newest)}'.", 10.0)
