# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ConfigMaps and Secrets a pod refers to. Pure functions over objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

CONFIG_MAP, SECRET = "ConfigMap", "Secret"
# How it is used: read once when a container starts, a file that the kubelet renews, or for pulling images.
VARIABLE, FILE, PULL = "variable", "file", "pull"


class Ref(t.NamedTuple):
    """One reference. Empty ``key``: all of it. ``optional``: the pod starts without it."""

    kind: str
    name: str
    key: str
    optional: bool
    use: str


def references(spec: Object) -> list[Ref]:
    """Every reference of a pod's ``spec``, each once."""
    containers = [*items(spec.get("initContainers")), *items(spec.get("containers"))]
    found = [ref for container in containers for ref in _of_container(container)]
    found += [ref for volume in items(spec.get("volumes")) for ref in _of_volume(volume)]
    pulls = [str(one.get("name")) for one in items(spec.get("imagePullSecrets")) if get(one, ("name",))]
    return list(dict.fromkeys([*found, *(Ref(SECRET, name, "", True, PULL) for name in pulls)]))


def _of_container(container: Object) -> t.Iterator[Ref]:
    for entry in items(container.get("env")):
        for kind, field in ((CONFIG_MAP, "configMapKeyRef"), (SECRET, "secretKeyRef")):
            yield from _ref(kind, get(entry, ("valueFrom", field)), VARIABLE)
    for entry in items(container.get("envFrom")):
        for kind, field in ((CONFIG_MAP, "configMapRef"), (SECRET, "secretRef")):
            yield from _ref(kind, get(entry, (field,)), VARIABLE)


def _of_volume(volume: Object) -> t.Iterator[Ref]:
    sources = [volume, *items(get(volume, ("projected", "sources")))]
    for source in sources:
        for kind, field in ((CONFIG_MAP, "configMap"), (SECRET, "secret")):
            given = source.get(field)
            if isinstance(given, dict):
                whole = {**given, "name": given.get("secretName") or given.get("name")}
                keys = [str(item.get("key")) for item in items(given.get("items"))] or [""]
                for key in keys:
                    yield from _ref(kind, {**whole, "key": key}, FILE)


def _ref(kind: str, given: t.Any, use: str) -> t.Iterator[Ref]:
    if isinstance(given, dict) and given.get("name"):
        yield Ref(kind, str(given["name"]), str(given.get("key") or ""), bool(given.get("optional")), use)
