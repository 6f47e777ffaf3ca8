# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing what belongs to Helm so that Helm does not mind, and deleting only what was looked at.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Helm 4 applies on the server, where every field has owners: it refuses to change a field that somebody else wrote
(a conflict). So what is put back is written in Helm's own name, or left without an owner.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    REQUEST_TIMEOUT,
    Cluster,
    KubeError,
    Object,
    meta,
    translate,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import MERGE_PATCH, NOT_FOUND
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
CONFLICT = 409
# A Deployment's status is written again and again while its pods come and go.
TRIES = 5
_HELM, _APPLY = "helm", "Apply"
# Nobody else writes under this name, so its entry may go.
_OURS = "holmesgpt.onprem"


class Manager(t.NamedTuple):
    """Under which name Helm writes the release's objects, and whether it applies them on the server."""

    name: str = _HELM
    applies: bool = False


def manager_of(objects: t.Iterable[Object]) -> Manager:
    """From the notes of live objects of the release: Helm calls itself after its program."""
    entries = [entry for thing in objects for entry in items(meta(thing).get("managedFields"))]
    ours = [entry for entry in entries if str(entry.get("manager", "")).startswith(_HELM)]
    found = [Manager(str(entry["manager"]), entry.get("operation") == _APPLY) for entry in ours]
    applied = [one for one in found if one.applies]
    return (applied or found or [Manager()])[0]


def make(cluster: Cluster, collection: str, path: str, body: Object, manager: Manager) -> Object:
    """Create an object as Helm does."""
    if manager.applies:
        return send(cluster, "patch", path, body, APPLY, fieldManager=manager.name)
    return send(cluster, "post", collection, body, JSON, fieldManager=manager.name)


def change(cluster: Cluster, path: str, body: Object, manager: Manager) -> None:
    """Merge ``body`` into an object, in Helm's name or in nobody's."""
    if not manager.applies:
        send(cluster, "patch", path, body, MERGE_PATCH, fieldManager=manager.name)
        return
    made = send(cluster, "patch", path, body, MERGE_PATCH, fieldManager=_OURS)
    for tries in reversed(range(TRIES)):
        try:
            _disown(cluster, path, meta(made))
            return
        except KubeError as error:
            if error.status != CONFLICT or not tries:
                raise
            made = cluster.get(path)


def _disown(cluster: Cluster, path: str, notes: Object) -> None:
    """Own nothing of an object, so that Helm can."""
    entries = items(notes.get("managedFields"))
    others = [entry for entry in entries if entry.get("manager") != _OURS]
    if others and len(others) < len(entries):
        body = {"metadata": {"resourceVersion": notes.get("resourceVersion"), "managedFields": others}}
        send(cluster, "patch", path, body, MERGE_PATCH, fieldManager=_OURS)


def delete(cluster: Cluster, path: str, thing: Object) -> bool:
    """Delete the very object that was looked at (its uid); False if it was gone already. Raises KubeError."""
    body = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": meta(thing).get("uid")},
        "propagationPolicy": "Background",
    }
    try:
        send(cluster, "delete", path, body, JSON)
    except KubeError as error:
        if error.status == NOT_FOUND:
            return False
        raise
    return True


def send(cluster: Cluster, method: str, path: str, body: Object, content_type: str, **query: str) -> Object:
    """One request; returns the answer. Raises KubeError."""
    try:
        answer = cluster.raw.client.request(
            method,
            path,
            body=body,
            query_params=list(query.items()),
            content_type=content_type,
            header_params={"Accept": JSON},
            serialize=False,
            _request_timeout=REQUEST_TIMEOUT,
        )
        return t.cast(Object, json.loads(answer.data))
    except Exception as error:
        raise translate(error, path) from error
