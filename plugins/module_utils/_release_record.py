# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this collection writes into Helm's record of a revision: that it failed, or that it was verified.

Private to this collection: it may change in any release. Imports nothing of Ansible.

It stands in the description, which Helm keeps whatever becomes of the revision, and shows in ``helm history``. Labels
and annotations of the Secret would not do: Helm writes them anew at every change of the status.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Object, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import patch
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    DEPLOYED,
    FAILED,
    Release,
    decode_payload,
    encode_payload,
)

INTERRUPTED = "Interrupted as {status}; marked failed by holmesgpt.onprem so that Helm can go on"
NOT_SERVING = "Does not serve ({ids}); marked failed by holmesgpt.onprem and left for inspection"
VERIFIED = "; verified by holmesgpt.onprem"


def mark_failed(cluster: t.Any, release: Release, why: str = INTERRUPTED) -> None:
    """Record what Helm itself would have recorded, had it been told: this revision failed. Nothing is deleted.

    ``why`` becomes its description; ``{status}`` in it is the state before. Refused by the API server (409) if somebody
    else has written the revision since it was read.
    """
    _write(cluster, release, FAILED, why.format(status=release.status))


def mark_verified(cluster: t.Any, release: Release) -> bool:
    """Record that this revision was seen to work; whether that is new. Refused like :func:`mark_failed`."""
    if release.status != DEPLOYED or verified(release):
        return False
    _write(cluster, release, release.status, release.description + VERIFIED)
    return True


def verified(release: Release) -> bool:
    """Whether a verification of this collection has passed on this revision."""
    return release.description.endswith(VERIFIED)


def unproven(release: Release) -> bool:
    """Whether this collection made the revision and nobody has seen it work: its run was cut off, or skipped that."""
    return bool(release.chart_sha256) and not verified(release)


def _write(cluster: t.Any, release: Release, status: str, description: str) -> None:
    path = path_of(CORE, "secrets", release.namespace, release.secret_name)
    secret: Object = cluster.get(path)
    payload = decode_payload(secret["data"]["release"])
    payload["info"].update(status=status, description=description)
    metadata = {"resourceVersion": release.resource_version, "labels": {"status": status}}
    patch(cluster, path, {"metadata": metadata, "data": {"release": encode_payload(payload)}})
