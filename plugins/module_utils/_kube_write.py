# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reading alone does not cover: look before a write, and the few writes this collection makes itself.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    REQUEST_TIMEOUT,
    Cluster,
    KubeError,
    Object,
    Reader,
    translate,
)

NOT_FOUND = 404
MERGE_PATCH = "application/merge-patch+json"


def find(cluster: Reader, path: str) -> Object | None:
    """The object at ``path``, or None if there is none. Raises KubeError for anything else."""
    try:
        return cluster.get(path)
    except KubeError as error:
        if error.status == NOT_FOUND:
            return None
        raise


def create(cluster: Cluster, path: str, body: t.Mapping[str, t.Any]) -> Object:
    """POST ``body`` to the collection at ``path``; returns the object made. Raises KubeError."""
    return _send(cluster, "post", path, body, "application/json")


def patch(cluster: Cluster, path: str, body: t.Mapping[str, t.Any]) -> Object:
    """Merge ``body`` into the object at ``path`` (None removes a key); returns it. Raises KubeError.

    With ``metadata.resourceVersion`` in the body the patch is refused (409) if somebody else was quicker.
    """
    return _send(cluster, "patch", path, body, MERGE_PATCH)


def _send(cluster: Cluster, method: str, path: str, body: t.Mapping[str, t.Any], content_type: str) -> Object:
    try:
        answer = cluster.raw.client.request(
            method,
            path,
            body=dict(body),
            content_type=content_type,
            header_params={"Accept": "application/json"},
            serialize=False,
            _request_timeout=REQUEST_TIMEOUT,
        )
        return t.cast(Object, json.loads(answer.data))
    except Exception as error:
        raise translate(error, path) from error
