# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at rendered manifests: images, roles, environment, the model list.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered, Request

Manifest = dict[str, t.Any]

_POD_PATHS = (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
ROLE_KINDS = ("ClusterRole", "Role")
BINDING_KINDS = ("ClusterRoleBinding", "RoleBinding")


def of_kind(rendered: Rendered, *kinds: str) -> list[Manifest]:
    return [manifest for manifest in rendered.manifests if manifest.get("kind") in kinds]


def name_of(manifest: Manifest) -> str:
    return str(get(manifest, ("metadata", "name"), ""))


def title_of(manifest: Manifest) -> str:
    """How an object is named in messages."""
    return f"{manifest.get('kind')}/{name_of(manifest)}"


def pod_specs(rendered: Rendered) -> t.Iterator[tuple[Manifest, Manifest]]:
    """Every object that makes pods, with the pod's specification."""
    for manifest in rendered.manifests:
        paths = (("spec",),) if manifest.get("kind") == "Pod" else _POD_PATHS
        for path in paths:
            spec = get(manifest, path)
            if isinstance(spec, dict):
                yield manifest, spec


def containers(spec: Manifest) -> list[Manifest]:
    found = [item for key in ("initContainers", "containers", "ephemeralContainers") for item in items(spec.get(key))]
    return [item for item in found if isinstance(item, dict)]


def images(rendered: Rendered) -> dict[str, str]:
    """Image of every container, with the object that runs it."""
    found: dict[str, str] = {}
    for manifest, spec in pod_specs(rendered):
        for container in containers(spec):
            found.setdefault(str(container.get("image") or ""), title_of(manifest))
    return dict(sorted(found.items()))


def rules(rendered: Rendered) -> list[dict[str, t.Any]]:
    """Every rule of every rendered role: ``{kind, name, apiGroups, resources, verbs, …}``."""
    return [
        {"kind": manifest["kind"], "name": name_of(manifest), **rule}
        for manifest in of_kind(rendered, *ROLE_KINDS)
        for rule in items(manifest.get("rules"))
        if isinstance(rule, dict)
    ]


def holmes_pod(rendered: Rendered, request: Request) -> Manifest:
    """The specification of HolmesGPT's own pod, or an empty mapping."""
    for manifest, spec in pod_specs(rendered):
        if manifest.get("kind") == "Deployment" and name_of(manifest) == f"{request.release_name}-holmes":
            return spec
    return {}


def environment(rendered: Rendered, request: Request) -> tuple[list[str], bool]:
    """Names of the variables of HolmesGPT's container, and whether more come from whole Secrets or ConfigMaps."""
    found = [item for item in containers(holmes_pod(rendered, request)) if item.get("name") == "holmes"]
    names = [str(entry.get("name")) for item in found for entry in items(item.get("env")) if isinstance(entry, dict)]
    return names, any(item.get("envFrom") for item in found)


def model_order(rendered: Rendered) -> list[str]:
    """The aliases in the order in which the server reads them."""
    for manifest in of_kind(rendered, "ConfigMap"):
        text = get(manifest, ("data", "model_list.yaml"))
        if isinstance(text, str):
            try:
                return list(_yaml_text.load_mapping(text, "model_list.yaml")[0])
            except HolmesError:
                return []
    return []
