# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When something was changed, and by whom, as the API server notes it. Pure functions over objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.

``metadata.managedFields`` has an entry for everybody who wrote to an object, with the fields that are theirs (fieldsV1)
and the time of their last change. Times are whole seconds of the API server's clock; a container's start is the node's.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import statuses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

_CONTENT = ("f:data", "f:binaryData", "f:stringData")
_POD_SPEC = ("f:spec", "f:template", "f:spec")
_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z\Z")


def moment(text: t.Any) -> datetime | None:
    """A time of Kubernetes, None for anything else."""
    found = _FORM.match(str(text or ""))
    if not found:
        return None
    return datetime.strptime(found.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)


def shown(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def content_changed(thing: Object) -> datetime | None:
    """When a ConfigMap's or a Secret's data was last written; its creation if nobody's entry tells.

    A label or an annotation written by somebody else does not count. Written by the owner of the data, it cannot be
    told from a change of data.
    """
    metadata = meta(thing)
    entries = [one for one in items(metadata.get("managedFields")) if isinstance(one, dict)]
    times = [moment(one.get("time")) for one in entries if any(key in (one.get("fieldsV1") or {}) for key in _CONTENT)]
    return max((one for one in times if one), default=moment(metadata.get("creationTimestamp")))


def editors(deployment: Object) -> list[str] | None:
    """Who besides Helm wrote into the pods' specification, with the time; None if nobody's entries are kept.

    Helm calls itself after its program, which is "helm" with or without a version.
    """
    entries = items(meta(deployment).get("managedFields"))
    writers = [one for one in entries if get(one, ("fieldsV1", *_POD_SPEC)) is not None]
    if not writers:
        return None
    others = [one for one in writers if not str(one.get("manager", "")).startswith("helm")]
    return [f"{one.get('manager')} ({one.get('time')})" for one in others]


def first_start(pods: t.Iterable[Object], container: str) -> tuple[datetime, str] | None:
    """When the container that runs longest started, and in which pod.

    Not before its pod was made, whatever the node's clock says: that one is the clock of the changes, and a pod has
    what was there when it was made.
    """
    found = []
    for pod in pods:
        made = moment(meta(pod).get("creationTimestamp"))
        for status in statuses(pod):
            when = moment(get(status, ("state", "running", "startedAt")))
            if status.get("name") == container and when:
                found.append((max(when, made) if made else when, name_of(pod)))
    return min(found) if found else None
