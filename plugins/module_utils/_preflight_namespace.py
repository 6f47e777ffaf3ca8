# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the namespace can be used, and whether its Pod Security level lets the rendered pods in. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pod_security as security
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, meta
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import (
    failed,
    listed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

NAMESPACE, SECURITY = "cluster.namespace", "cluster.pod_security"
PREFIX = "pod-security.kubernetes.io/"
# Title of a workload, and every control that its pods do not keep.
Pods = t.Mapping[str, t.Sequence[security.Violation]]


def judge(name: str, found: Object | None, create: bool) -> Check:
    """``cluster.namespace``. ``found`` is the namespace, None if there is none."""
    if found is None:
        if create:
            return passed(NAMESPACE, f"Namespace '{name}' does not exist yet; the role makes it.", exists=False)
        message = f"Namespace '{name}' does not exist."
        return failed(NAMESPACE, message, "Set holmes_create_namespace: true, or have it made.", exists=False)
    if (found.get("status") or {}).get("phase") == "Terminating" or meta(found).get("deletionTimestamp"):
        message = f"Namespace '{name}' is being deleted, so nothing can be made in it.{_holding(found)}"
        fix = f"Wait until 'kubectl get namespace {name}' finds nothing, or use another one (holmes_namespace)."
        return failed(NAMESPACE, message, fix, exists=True)
    return passed(NAMESPACE, f"Namespace '{name}' exists and is active.", exists=True)


def _holding(found: Object) -> str:
    """What the deletion waits for, in Kubernetes' own words."""
    conditions = (found.get("status") or {}).get("conditions") or []
    texts = [str(one.get("message") or "") for one in conditions if one.get("status") == "True"]
    told = listed(filter(None, texts), 2)
    return f" It waits: {told[:300]}" if told else ""


def unreadable(check: str, name: str, error: KubeError) -> Check:
    """One of the two checks, for an account that may not read the namespace."""
    fix = f"Grant 'get' on namespaces named {name}; a Role in the namespace itself will do."
    return unchecked(check, error.msg, error.fix or fix)


def pods_of(rendered: Rendered) -> Pods:
    """The violations of every rendered pod, hooks included."""
    found: dict[str, list[security.Violation]] = {}
    for manifest, spec in view.pod_specs(rendered):
        found.setdefault(view.title_of(manifest), []).extend(
            security.violations(spec, view.pod_annotations(manifest)),
        )
    return found


def judge_security(name: str, found: Object | None, pods: Pods) -> Check:
    """``cluster.pod_security`` from the namespace's labels; ``found`` is None if it does not exist yet."""
    labels = {
        str(key)[len(PREFIX) :]: str(value)
        for key, value in (meta(found or {}).get("labels") or {}).items()
        if str(key).startswith(PREFIX)
    }
    levels = {title: security.level(violations) for title, violations in pods.items()}
    evidence: dict[str, t.Any] = {"labels": labels, "levels": levels}
    refused = {mode: _refused(labels.get(mode, ""), pods) for mode in ("enforce", "warn", "audit")}
    evidence["refused"] = {mode: {k: list(map(str, v)) for k, v in some.items()} for mode, some in refused.items()}
    if refused["enforce"]:
        wanted = _level(labels["enforce"])
        message = f"Namespace '{name}' enforces '{wanted}', which refuses {_sentence(refused['enforce'])}."
        return failed(SECURITY, message, _fix(refused["enforce"]), **evidence)
    if "enforce" not in labels:
        return _by_default(name, levels, refused, evidence)
    return _told_off(name, labels, refused, evidence) or passed(
        SECURITY, f"Namespace '{name}' enforces '{labels['enforce']}', which allows every pod.", **evidence
    )


def _level(text: str) -> str:
    """Kubernetes takes a level that it does not know for the strictest one."""
    return text if text in (security.PRIVILEGED, security.BASELINE) else security.RESTRICTED


def _refused(text: str, pods: Pods) -> dict[str, list[security.Violation]]:
    """What a label with this level refuses, by workload; nothing if the label is not set."""
    wanted = _level(text) if text else security.PRIVILEGED
    levels = {
        security.PRIVILEGED: (),
        security.BASELINE: (security.BASELINE,),
        security.RESTRICTED: (security.BASELINE, security.RESTRICTED),
    }[wanted]
    found = {title: [one for one in violations if one.level in levels] for title, violations in pods.items()}
    return {title: some for title, some in found.items() if some}


def _sentence(refused: t.Mapping[str, t.Sequence[security.Violation]]) -> str:
    return "; ".join(f"{title}: {listed(map(str, some))}" for title, some in refused.items())


def _fix(refused: t.Mapping[str, t.Sequence[security.Violation]]) -> str:
    """holmes_pod_security adds what 'restricted' asks for; it takes away nothing that 'baseline' forbids."""
    if any(one.level == security.BASELINE for some in refused.values() for one in some):
        return (
            "Take these settings out of holmes_values (host paths, host network, privileges), or use a namespace that "
            "enforces 'privileged' (holmes_namespace)."
        )
    return (
        "Set holmes_pod_security: restricted; a pod of an add-on that it does not reach needs its own security context "
        "in holmes_values, or a namespace that enforces 'baseline'."
    )


def _told_off(
    name: str,
    labels: t.Mapping[str, str],
    refused: t.Mapping[str, t.Mapping[str, t.Sequence[security.Violation]]],
    evidence: dict[str, t.Any],
) -> Check | None:
    """A warning for the labels that only speak."""
    modes = [mode for mode in ("warn", "audit") if refused[mode]]
    if not modes:
        return None
    told = "; ".join(f"{mode} at '{_level(labels[mode])}': {_sentence(refused[mode])}" for mode in modes)
    message = f"Namespace '{name}' lets the pods in, but complains ({told})."
    return warned(SECURITY, message, _fix({k: v for mode in modes for k, v in refused[mode].items()}), **evidence)


def _by_default(
    name: str,
    levels: t.Mapping[str, str],
    refused: t.Mapping[str, t.Mapping[str, t.Sequence[security.Violation]]],
    evidence: dict[str, t.Any],
) -> Check:
    """No label: the cluster's default holds, which only the configuration of its API server tells."""
    unknown = f"Namespace '{name}' sets no Pod Security level, so the cluster's default holds, which cannot be read"
    below = sorted(title for title, level in levels.items() if level == security.PRIVILEGED)
    if below:
        message = f"{unknown}; {listed(below)} would need 'privileged'."
        fix = f"Ask which default the cluster has, or set the label {PREFIX}enforce on the namespace."
        return unchecked(SECURITY, message, fix, **evidence)
    spoken = _told_off(name, evidence["labels"], refused, evidence)
    kept = security.BASELINE if security.BASELINE in levels.values() else security.RESTRICTED
    return spoken or passed(SECURITY, f"{unknown}; every pod keeps '{kept}'.", **evidence)
