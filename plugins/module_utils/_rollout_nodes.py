# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rollout waits for nothing but a node: one that is not ready starts no pod and reports none.

Private to this collection: it may change in any release. Imports nothing of Ansible.
A kubelet that hangs leaves its pods as they last were, "Pending" without a container or "Running", and says nothing.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import PROGRESSING, Diagnosis, progressing
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Reader, name_of, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, condition, current_pods, ready

NODE = "node"
# What the node controller puts on a node that does not answer, as the scheduler's message repeats it.
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_FIX = "Look at the node ('kubectl describe node {node}': its kubelet, its container runtime, its network)."


def of_node(reader: Reader, workload: Workload, found: Diagnosis) -> Diagnosis:
    """``found``, or the node that explains it; an account that may not read nodes keeps what was found.

    Raises KubeError where the API server does not answer.
    """
    if found.state != PROGRESSING:
        return found
    for pod in current_pods(workload):
        place = str((pod.get("spec") or {}).get("nodeName") or "")
        told = _not_ready(reader, place) if place and not ready(pod) else ""
        if told:
            message = (
                f"Node {place}, on which pod {name_of(pod)} is to run, is not ready{told} (heals when the node does)."
            )
            return progressing(NODE, message, _FIX.format(node=place))
    return found


def by_taint(message: str) -> bool:
    """Whether the scheduler's message speaks of nodes that do not answer."""
    return any(taint in message for taint in TAINTS)


def _not_ready(reader: Reader, node: str) -> str:
    """Why, as the rest of a sentence; empty if the node is ready or may not be read."""
    try:
        known = condition(find(reader, path_of(CORE, "nodes", name=node)) or {}, "Ready")
    except KubeError as error:
        if error.forbidden:
            return ""
        raise
    # Without a node of this name the pod goes as well.
    if not known or known.get("status") == "True":
        return ""
    said = str(known.get("message") or known.get("reason") or "no reason given").strip().rstrip(".")
    return f" since {known.get('lastTransitionTime') or 'an unknown time'}: {said}"
