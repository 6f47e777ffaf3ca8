# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs in HolmesGPT's pod: its variables and files, brought into the form of values for the chart.

Private to this collection: it may change in any release. Imports nothing of Ansible.

So the rules over values can be asked about a running pod. Secrets stay references; nothing of them is read here.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Object, Reader, name_of, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import holmes_name
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_models import MODEL_FILE, config_map_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload

TOOLSET_FILE = "custom_toolset.yaml"


class Ground(t.NamedTuple):
    """Why a check cannot be made, and what to do."""

    message: str
    fix: str


def lacking(scene: Scene, *, manifest: bool = False) -> Ground | None:
    """What a check of the running pods stands on and is not there; None if all is."""
    if scene.workload is None:
        return Ground("The Deployment is not known.", "See verify.rollout.")
    if not scene.rolled_out or not scene.pods:
        return Ground("The pods are not rolled out.", "See verify.rollout.")
    if manifest and not (scene.release and scene.release.manifest):
        fix = f"Allow the verifying account to list secrets in namespace {scene.intent.namespace}; see verify.release."
        return Ground("What Helm recorded of this release is not known.", fix)
    return None


def workload_of(scene: Scene) -> Workload:
    """For checks that have asked :func:`lacking`."""
    if scene.workload is None:
        raise HolmesError("The Deployment is not known.", "See verify.rollout.")
    return scene.workload


def manifests(release: Release | None) -> list[Object]:
    """The objects that Helm recorded; raises HolmesError for what is no YAML."""
    documents = _yaml_text.load_all(release.manifest if release else "", "The manifest of the release")
    return [document.data for document in documents if isinstance(document.data, dict)]


def of_kind(objects: t.Iterable[Object], kind: str) -> dict[str, Object]:
    """Objects of a kind by name."""
    return {name_of(one): one for one in objects if one.get("kind") == kind}


def container(scene: Scene) -> Object:
    """HolmesGPT's container as it runs in the first pod."""
    name = holmes_name(workload_of(scene))
    for one in items(get(scene.pods[0], ("spec", "containers"))):
        if one.get("name") == name:
            return dict(one)
    return {}


class Maps:
    """ConfigMaps of the namespace, each read once; one that does not exist is empty. Raises KubeError."""

    def __init__(self, reader: Reader, namespace: str) -> None:
        self._reader, self._namespace = reader, namespace
        self._found: dict[str, Object] = {}

    def get(self, name: str) -> Object:
        if name not in self._found:
            self._found[name] = find(self._reader, path_of(CORE, "configmaps", self._namespace, name)) or {}
        return self._found[name]

    def data(self, name: str) -> dict[str, str]:
        return {str(key): str(text) for key, text in (self.get(name).get("data") or {}).items()}


def values(scene: Scene, maps: Maps | None = None) -> Values:
    """The running pod as values for the chart: variables, models, toolsets, image. Raises KubeError."""
    maps = maps or Maps(scene.reader, scene.intent.namespace)
    runs = container(scene)
    files = maps.data(config_map_of(workload_of(scene)))
    tools = _mapping(files.get(TOOLSET_FILE, ""))
    return {
        "additionalEnvVars": variables(runs, maps),
        "additional_env_froms": [one for one in items(runs.get("envFrom")) if get(one, ("secretRef",))],
        "modelList": _mapping(files.get(MODEL_FILE, "")),
        "toolsets": tools.get("toolsets") or {},
        "mcp_servers": tools.get("mcp_servers") or {},
        "image": runs.get("image") or "",
    }


def variables(runs: Object, maps: Maps) -> list[Object]:
    """The container's variables, those of ConfigMaps as text; of several with one name the last counts."""
    found: list[Object] = []
    for source in items(runs.get("envFrom")):
        name, prefix = get(source, ("configMapRef", "name")), str(source.get("prefix") or "")
        if name:
            found += [{"name": f"{prefix}{key}", "value": text} for key, text in maps.data(str(name)).items()]
    for entry in items(runs.get("env")):
        given = get(entry, ("valueFrom", "configMapKeyRef"))
        text = maps.data(str(given.get("name"))).get(str(given.get("key"))) if given else None
        if text is not None:
            found.append({"name": entry.get("name"), "value": text})
        elif "valueFrom" in entry:
            found.append(entry)
        else:
            found.append({**entry, "value": str(entry.get("value") or "")})
    return found


def _mapping(text: str) -> Values:
    try:
        return _yaml_text.load_mapping(text, "a file of the ConfigMap")[0]
    except HolmesError:
        return {}
