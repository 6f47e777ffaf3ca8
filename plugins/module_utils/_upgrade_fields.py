# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.fields``: what Kubernetes does not let change, so that Helm would stop half-way. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Sources: validation of updates in Kubernetes 1.35, which says "field is immutable" or "may not change once set".
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest, name_of, title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_objects import Objects
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import FIELDS, failed, passed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get

_SELECTOR = ("spec.selector",)
# By kind: fields that stay as they were made.
_FIXED: dict[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "DaemonSet": _SELECTOR,
    "Deployment": _SELECTOR,
    "IngressClass": ("spec.controller",),
    "Job": (*_SELECTOR, "spec.template", "spec.completionMode", "spec.podFailurePolicy"),
    "PriorityClass": ("value", "preemptionPolicy"),
    "ReplicaSet": _SELECTOR,
    "RoleBinding": ("roleRef",),
    "Secret": ("type",),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
}
# By kind: the only fields of the specification that may change.
_FREE: dict[str, tuple[str, ...]] = {
    "PersistentVolumeClaim": ("resources", "volumeAttributesClassName"),
    "StatefulSet": (
        *("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "minReadySeconds"),
        "persistentVolumeClaimRetentionPolicy",
    ),
}
# An absent field is this one.
_DEFAULTS = {"type": "Opaque", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "value": 0}
# These are in no namespace.
_CLUSTER_WIDE = ("ClusterRoleBinding", "IngressClass", "PriorityClass", "StorageClass")


def judge(objects: Objects, namespace: str) -> Check:
    """Objects before and after, and what else is different."""
    found = {title_of(new): (new, fields) for old, new in objects.kept for fields in [fixed(old, new)] if fields}
    evidence = {"fields": {title: fields for title, (_new, fields) in found.items()}, "objects": objects.told}
    if not found:
        return passed(FIELDS, _counted(objects), **evidence)
    told = [f"{', '.join(fields)} of {title}" for title, (_new, fields) in found.items()]
    message = f"Kubernetes lets nobody change {listed(told)}: Helm would stop there, half-way (field is immutable)."
    removals = " && ".join(_removal(new, namespace) for new, _fields in found.values())
    return failed(FIELDS, message, f"Remove it first, and Helm makes it anew: {removals}.{_cost(found)}", **evidence)


def _counted(objects: Objects) -> str:
    told = [f"{verb}: {listed(names)}" for verb, names in objects.told.items() if names]
    return f"Nothing stands in the way of what changes. Objects {'; '.join(told)}." if told else "No object changes."


def fixed(old: Manifest, new: Manifest) -> list[str]:
    """Fields of an object that differ and may not."""
    kind = str(new.get("kind"))
    found = [path for path in _FIXED.get(kind, ()) if _at(old, path) != _at(new, path)]
    if kind in _FREE:
        one, two = old.get("spec") or {}, new.get("spec") or {}
        found += [
            f"spec.{key}"
            for key in sorted(one.keys() | two.keys())
            if key not in _FREE[kind] and one.get(key) != two.get(key)
        ]
    if kind in ("ConfigMap", "Secret") and old.get("immutable"):
        found += [key for key in ("data", "binaryData", "stringData", "immutable") if old.get(key) != new.get(key)]
    return found + (_of_service(old, new) if kind == "Service" else [])


def _at(manifest: Manifest, path: str) -> t.Any:
    steps = path.split(".")
    return get(manifest, steps, _DEFAULTS.get(steps[-1]))


def _of_service(old: Manifest, new: Manifest) -> list[str]:
    """An address that was given may not become another; none given means that the cluster chooses, or keeps, one."""
    one, two = get(old, ("spec", "clusterIP")), get(new, ("spec", "clusterIP"))
    outside = "ExternalName" in (get(old, ("spec", "type")), get(new, ("spec", "type")))
    headless = "None" in (one, two)
    return ["spec.clusterIP"] if not outside and one != two and ((one and two) or headless) else []


def _removal(manifest: Manifest, namespace: str) -> str:
    kind = str(manifest.get("kind"))
    where = "" if kind in _CLUSTER_WIDE else f" -n {get(manifest, ('metadata', 'namespace')) or namespace}"
    return f"kubectl delete {kind.lower()} {name_of(manifest)}{where}"


def _cost(found: t.Mapping[str, tuple[Manifest, list[str]]]) -> str:
    kinds = {str(new.get("kind")) for new, _fields in found.values()}
    told = (
        " The pods go with the Deployment: nobody is served until new ones are ready." if "Deployment" in kinds else ""
    )
    if "PersistentVolumeClaim" in kinds:
        told += " The volume may go with its claim: save its data before."
    if "StatefulSet" in kinds:
        told += " With --cascade=orphan its pods stay meanwhile."
    return told
