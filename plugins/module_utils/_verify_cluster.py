# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks over live objects: rollout, images, rights, log.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _podlogs
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import READY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Reader, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import statuses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import Rights, rights_of, violations
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Outcome
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_images import (
    images_of,
    judge_images,
    own_containers,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import (
    CONTAINER,
    Workload,
    current_pods,
    pod_spec,
    ready,
    service_account,
)

LOG_LINES = 1000
# More pods than this say nothing new.
LOG_PODS = 3
_READ_ROLES = "Allow the verifying account to get and list roles, rolebindings, clusterroles and clusterrolebindings."


def pods_table(workload: Workload) -> list[dict[str, t.Any]]:
    """The ``pods`` of the result: one entry per pod of the current revision."""
    return [
        {
            "name": name_of(pod),
            "node": (pod.get("spec") or {}).get("nodeName", ""),
            "phase": (pod.get("status") or {}).get("phase", ""),
            "ready": ready(pod),
            "restarts": sum(int(status.get("restartCount") or 0) for status in statuses(pod)),
            "images": images_of(pod),
        }
        for pod in current_pods(workload)
    ]


def judge_rollout(outcome: Outcome) -> Check:
    """``verify.rollout`` from how the waiting ended."""
    found, pods = outcome.diagnosis, pods_table(outcome.workload)
    evidence = {"reason": found.reason, "history": outcome.history, "pods": pods}
    if found.state == READY:
        restarts = sum(pod["restarts"] for pod in pods)
        told = f" Its containers restarted {restarts} times so far." if restarts else ""
        return passed("verify.rollout", found.message + told, **evidence)
    if outcome.timed_out:
        message = f"Not rolled out after {outcome.seconds:.0f} s; it may still heal. It waits for this: {found.message}"
        fix = found.fix or "Look at 'kubectl get pods' and events, or raise holmes_verify_rollout_timeout."
        return failed("verify.rollout", message, fix, **evidence)
    return failed("verify.rollout", found.message, found.fix, **evidence)


def check_images(scene: Scene) -> Check:
    """``verify.image``; not checked without pods that are rolled out."""
    if not scene.rolled_out:
        return unchecked("verify.image", "The pods are not rolled out.")
    images = [entry for pod in scene.pods for entry in images_of(pod)]
    return judge_images(images, scene.intent, own_containers(scene.workload) if scene.workload else None)


def judge_rights(rights: Rights, account: str) -> Check:
    """``verify.rbac_read_only`` from everything that is granted to the account."""
    evidence: dict[str, t.Any] = {
        "account": account,
        "roles": [f"{grant.role} by {grant.binding} ({grant.via})" for grant in rights.grants],
        "rules": sum(len(grant.rules or []) for grant in rights.grants),
        "excluded": rights.excluded,
    }
    bad = [(grant, violations(grant.rules or [])) for grant in rights.grants]
    told = [
        f"{grant.role} (bound by {grant.binding}, {grant.namespace or 'cluster-wide'}, {grant.via}): {text[0]}"
        + (f" and {len(text) - 1} rules more" if len(text) > 1 else "")
        for grant, text in bad
        if text
    ]
    if told:
        return failed(
            "verify.rbac_read_only",
            f"{account} can do more than read: {'; '.join(told)}.",
            "Remove the rule (holmes_custom_cluster_role_rules, an add-on in holmes_values), or the binding.",
            violations={grant.binding: text for grant, text in bad if text},
            of_release=[grant.binding for grant, text in bad if text and grant.release],
            **evidence,
        )
    if rights.unread:
        message = f"Nothing but reading was found for {account}, but not all was seen: {' '.join(rights.unread)}"
        return unchecked("verify.rbac_read_only", message, _READ_ROLES, **evidence)
    return passed(
        "verify.rbac_read_only",
        f"{evidence['rules']} rules in {len(rights.grants)} bindings of {account}: only get, list, watch; no Secrets.",
        **evidence,
    )


def check_rights(scene: Scene) -> Check:
    """Read the rights of the pods' account and judge them; not checked without the right to read them."""
    if scene.workload is None:
        return unchecked("verify.rbac_read_only", "The Deployment is not known.")
    namespace, account = scene.intent.namespace, service_account(scene.workload.deployment)
    try:
        return judge_rights(rights_of(scene.reader, namespace, account), f"ServiceAccount {namespace}/{account}")
    except KubeError as error:
        if not error.forbidden:
            raise
        return unchecked("verify.rbac_read_only", error.msg, _READ_ROLES)


def holmes_name(workload: Workload) -> str:
    """The container whose log is read."""
    names = [str(entry.get("name")) for entry in pod_spec(workload.deployment).get("containers") or []]
    return CONTAINER if CONTAINER in names or not names else names[0]


def pod_logs(reader: Reader, workload: Workload, namespace: str, *, lines: int = LOG_LINES, since: int = 0) -> str:
    """The logs of up to three pods, one after the other."""
    container, pods = holmes_name(workload), current_pods(workload)[:LOG_PODS]
    texts = [_podlogs.read(reader, namespace, name_of(pod), container, lines=lines, since=since) for pod in pods]
    return "\n".join(text.rstrip("\n") for text in texts if text.strip())


def check_logs(scene: Scene) -> Check:
    """``verify.logs``: warnings of HolmesGPT that matter."""
    if scene.workload is None or not scene.pods:
        return unchecked("verify.logs", "There is no pod whose log could be read.")
    try:
        log = pod_logs(scene.reader, scene.workload, scene.intent.namespace)
    except KubeError as error:
        if not error.forbidden:
            raise
        return unchecked("verify.logs", error.msg, "Allow the verifying account to get pods/log.")
    lines = sum(1 for line in log.splitlines() if line.strip())
    if not lines:
        return unchecked("verify.logs", "The log is empty: the container has not started.")
    found = _podlogs.findings(log, scene.secrets)
    if not found:
        return passed("verify.logs", f"{lines} log lines, none of them worrying.", lines=lines)
    message = "; ".join(entry.message for entry in found[:4])
    fix = " ".join(dict.fromkeys(entry.fix for entry in found[:4]))
    evidence = [{"topic": entry.topic, "line": entry.line} for entry in found]
    return warned("verify.logs", f"The log says: {message}.", fix, lines=lines, findings=evidence)
