# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm's release Secrets, read without Helm (Helm 3 and 4 share the format).

Private to this collection: it may change in any release. Imports nothing of Ansible.
A revision is a Secret ``sh.helm.release.v1.NAME.vN`` of type ``helm.sh/release.v1``; its key ``release`` holds JSON,
gzipped, then base64 by Helm, then base64 again by Kubernetes. The Secret's labels repeat some of it, but Helm believes
the payload, and so does this file.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import typing as t
import zlib
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    Object,
    Reader,
    items,
    name_of,
    path_of,
)

SECRET_TYPE = "helm.sh/release.v1"  # noqa: S105  # the type of a Secret, not a secret
GZIP_MAGIC = b"\x1f\x8b\x08"

DEPLOYED = "deployed"
FAILED = "failed"
PENDING = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")


@dataclass(frozen=True)
class Release:
    """One revision. ``config`` are the user's values; times are RFC 3339 text as Helm wrote them."""

    name: str
    namespace: str
    revision: int
    status: str
    chart_name: str
    chart_version: str
    app_version: str
    last_deployed: str
    deleted: str
    description: str
    secret_name: str
    resource_version: str
    config: Object = field(repr=False)
    manifest: str = field(repr=False, default="")

    @property
    def chart_sha256(self) -> str:
        """Which archive was meant: written by holmes_values to ``global.onprem.chartSha256``, else empty."""
        value: t.Any = self.config
        for key in ("global", "onprem", "chartSha256"):
            value = value.get(key) if isinstance(value, dict) else None
        return str(value or "")


def decode_payload(data: str) -> Object:
    """The release object of a Secret's ``data.release``; ValueError with a reason if it is none."""
    try:
        inner = base64.b64decode(base64.b64decode(data, validate=True), validate=True)
        if inner.startswith(GZIP_MAGIC):
            inner = gzip.decompress(inner)
        release = json.loads(inner)
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"not a Helm release payload: {error}") from error
    if not isinstance(release, dict):
        raise ValueError("not a Helm release payload: its JSON is no object")
    return release


def encode_payload(release: t.Mapping[str, t.Any]) -> str:
    """The reverse of :func:`decode_payload`, in the form Helm writes; equal input gives equal text."""
    packed = gzip.compress(json.dumps(release, separators=(",", ":")).encode("utf-8"), mtime=0)
    return base64.b64encode(base64.b64encode(packed)).decode("ascii")


def release_of(secret: t.Mapping[str, t.Any]) -> Release:
    """One revision from its Secret; raises :class:`HolmesError` naming the Secret if it cannot be read."""
    metadata = secret.get("metadata") or {}
    try:
        body = decode_payload(str((secret.get("data") or {}).get("release", "")))
    except ValueError as error:
        raise HolmesError(
            f"Helm's Secret {name_of(secret)} cannot be read: {error}.",
            "Restore it from a backup, or delete this one revision with kubectl.",
        ) from error
    info: Object = body.get("info") or {}
    chart: Object = (body.get("chart") or {}).get("metadata") or {}
    return Release(
        name=str(body.get("name", "")),
        namespace=str(body.get("namespace", "")),
        revision=int(body.get("version") or 0),
        status=str(info.get("status", "unknown")),
        chart_name=str(chart.get("name", "")),
        chart_version=str(chart.get("version", "")),
        app_version=str(chart.get("appVersion", "")),
        last_deployed=str(info.get("last_deployed", "")),
        deleted=str(info.get("deleted") or ""),
        description=str(info.get("description", "")),
        secret_name=name_of(secret),
        resource_version=str(metadata.get("resourceVersion", "")),
        config=dict(body.get("config") or {}),
        manifest=str(body.get("manifest", "")),
    )


def names(client: Reader, namespace: str) -> list[str]:
    """The releases that Helm knows in a namespace; raises KubeError without the right to list Secrets there."""
    secrets = items(client, path_of(CORE, "secrets", namespace), labelSelector="owner=helm")
    return sorted({str((secret["metadata"].get("labels") or {}).get("name", "")) for secret in secrets} - {""})


def releases(client: Reader, namespace: str, name: str) -> list[Release]:
    """All revisions Helm knows, oldest first; empty if there is no such release.

    Needs the right to list Secrets in the namespace; raises KubeError without it.
    """
    secrets = items(client, path_of(CORE, "secrets", namespace), labelSelector=f"owner=helm,name={name}")
    found = [release_of(secret) for secret in secrets if secret.get("type", SECRET_TYPE) == SECRET_TYPE]
    return sorted(found, key=lambda release: release.revision)
