# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs before this run: Helm's newest good revision, with its chart and its objects.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Helm keeps the whole chart in the Secret of each revision (seen with Helm 3.22 and 4.3), except charts inside it.
"""

from __future__ import annotations

import base64
import binascii
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, KubeError, Object, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import items as listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    DEPLOYED,
    SECRET_TYPE,
    Release,
    decode_payload,
    release_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

# In this order: what serves, what served before, and objects of an installation that failed.
_BEST = (DEPLOYED, "superseded", "failed")


@dataclass(frozen=True)
class Running:
    """A revision. ``good`` is False if none ever was, and this is what a failed installation left."""

    release: Release
    chart: Chart
    manifests: tuple[Manifest, ...]

    @property
    def good(self) -> bool:
        return self.release.status in _BEST[:2]


def read(reader: Reader, namespace: str, name: str) -> Running | None:
    """The newest good revision, or None if there is nothing to compare with.

    Raises KubeError without the right to list Secrets, and if a revision cannot be read.
    """
    secrets = listed(reader, path_of(CORE, "secrets", namespace), labelSelector=f"owner=helm,name={name}")
    try:
        found = [(release_of(secret), secret) for secret in secrets if secret.get("type", SECRET_TYPE) == SECRET_TYPE]
        found.sort(key=lambda pair: pair[0].revision)
        for status in _BEST:
            best = [pair for pair in found if pair[0].status == status]
            if best:
                return _running(*best[-1])
    except HolmesError as error:
        raise KubeError(error.msg, fix=error.fix) from error
    return None


def _running(release: Release, secret: Object) -> Running:
    payload = decode_payload(str(secret["data"]["release"]))
    documents = _yaml_text.load_all(release.manifest, f"The manifest of revision {release.revision}")
    manifests = tuple(document.data for document in documents if isinstance(document.data, dict))
    return Running(release, chart_of(payload.get("chart"), f"revision {release.revision}"), manifests)


def chart_of(payload: t.Any, title: str) -> Chart:
    """The chart of a revision's payload; ``title`` is what messages call it. Raises HolmesError if it is none."""
    files = {
        "Chart.yaml": _yaml_text.dump(get(payload, ("metadata",)) or {}).encode(),
        "values.yaml": _yaml_text.dump(get(payload, ("values",)) or {}).encode(),
    }
    for entry in (*items(get(payload, ("templates",))), *items(get(payload, ("files",)))):
        name, data = get(entry, ("name",)), get(entry, ("data",))
        if isinstance(name, str) and isinstance(data, str) and name not in files:
            files[name] = _decoded(data, f"{title}: {name}")
    return _chart.of_files(title, files)


def _decoded(data: str, title: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise HolmesError(f"Helm's record of {title} is damaged.", "Nothing can be compared with it.") from None
