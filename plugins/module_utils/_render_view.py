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


def metadata(manifest: Manifest) -> list[Manifest]:
    """Metadata of an object and of the pods it makes."""
    found = [manifest.get("metadata"), *(get(manifest, (*path[:-1], "metadata")) for path in _POD_PATHS)]
    return [item for item in found if isinstance(item, dict)]


def pod_annotations(manifest: Manifest) -> Manifest:
    """Annotations of the pods that an object makes, or of the pod that it is."""
    paths = ((),) if manifest.get("kind") == "Pod" else [path[:-1] for path in _POD_PATHS]
    found = [get(manifest, (*path, "metadata", "annotations")) for path in paths]
    return next((given for given in found if isinstance(given, dict)), {})


def images(rendered: Rendered) -> dict[str, str]:
    """Image of every container, with the object that runs it."""
    found: dict[str, str] = {}
    for manifest, container in running(rendered):
        found.setdefault(str(container.get("image") or ""), title_of(manifest))
    return dict(sorted(found.items()))


def running(rendered: Rendered) -> t.Iterator[tuple[Manifest, Manifest]]:
    """Every container, with the object that runs it."""
    for manifest, spec in pod_specs(rendered):
        yield from ((manifest, container) for container in containers(spec))


def later_images(rendered: Rendered) -> dict[str, str]:
    """Images that a configuration names for pods to be started later, with the object that names them.

    The remediation add-on does so: KUBECTL_DIAGNOSTIC_IMAGES is a list of images, separated by commas.
    """
    found: dict[str, str] = {}
    for manifest, name, text in settings(rendered):
        if name.upper().endswith(("_IMAGE", "_IMAGES")):
            for image in filter(None, (part.strip() for part in text.split(","))):
                found.setdefault(image, title_of(manifest))
    return dict(sorted(found.items()))


def settings(rendered: Rendered) -> t.Iterator[tuple[Manifest, str, str]]:
    """Name and text of every variable of a container and of every entry of a ConfigMap, with its object."""
    for manifest in of_kind(rendered, "ConfigMap"):
        data = manifest.get("data")
        for key, text in data.items() if isinstance(data, dict) else ():
            yield manifest, str(key), str(text)
    for manifest, container in running(rendered):
        for entry in items(container.get("env")):
            if isinstance(get(entry, ("value",)), str):
                yield manifest, str(entry.get("name")), entry["value"]


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


def holmes_container(rendered: Rendered, request: Request) -> Manifest:
    """HolmesGPT's own container, or an empty mapping."""
    found = [item for item in containers(holmes_pod(rendered, request)) if item.get("name") == "holmes"]
    return found[0] if found else {}


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
