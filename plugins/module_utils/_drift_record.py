# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that Helm recorded of a release, and how one of them is not as recorded.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_compare import Change
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_collisions import MANAGED_BY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live, hooks
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import RELEASE_NAME, RELEASE_NAMESPACE

GONE, EDITED = "missing", "edited"


@dataclass(frozen=True)
class Drift:
    """An object that is not as recorded. ``kind``: missing, edited, or "left over from revision N".

    ``live`` is None if the cluster does not serve its kind any more; ``wanted`` is the object as Helm would write it.
    """

    title: str
    namespace: str
    kind: str
    wanted: Object = field(repr=False, default_factory=dict)
    live: Live | None = field(repr=False, default=None)
    changes: tuple[Change, ...] = field(repr=False, default=())

    @property
    def orphan(self) -> bool:
        return self.kind not in (GONE, EDITED)

    @property
    def named(self) -> str:
        return f"{self.title} -n {self.namespace}" if self.namespace else self.title

    @property
    def told(self) -> str:
        return f"{self.named}: {', '.join(change.told for change in self.changes) or self.kind}"

    @property
    def delete(self) -> str:
        """The command that removes it."""
        kind, _slash, name = self.title.partition("/")
        resource = self.live.kind.title if self.live else kind
        where = f" -n {self.namespace}" if self.namespace else ""
        return f"kubectl delete{where} {resource}/{name}"


def recorded_objects(release: Release) -> list[Object]:
    """The objects of a revision's manifest that stay; raises HolmesError for what is no YAML."""
    found: list[Object] = []
    for document in _yaml_text.load_all(release.manifest, "The manifest of the release"):
        thing = document.data
        if isinstance(thing, dict):
            found += thing.get("items") or [] if thing.get("kind") == "List" else [thing]
    return [thing for thing in found if isinstance(thing, dict) and name_of(thing) and not hooks(thing)]


def wanted(thing: Object, release: Release, namespace: str) -> Object:
    """A recorded object as Helm writes it: with its namespace and the marks of the release."""
    made = copy.deepcopy(thing)
    notes = made["metadata"] = dict(made.get("metadata") or {})
    notes["labels"] = {**(notes.get("labels") or {}), MANAGED_BY: "Helm"}
    marks = {RELEASE_NAME: release.name, RELEASE_NAMESPACE: release.namespace}
    notes["annotations"] = {**(notes.get("annotations") or {}), **marks}
    if namespace:
        notes["namespace"] = namespace
    if made.get("kind") == "Secret" and made.get("stringData"):
        texts = {key: _base64(str(text)) for key, text in made.pop("stringData").items()}
        made["data"] = {**(made.get("data") or {}), **texts}
    if made.get("kind") == "Service":
        made["spec"] = {"type": "ClusterIP", **(made.get("spec") or {})}
    return made


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def title_of(thing: Object) -> str:
    return f"{thing.get('kind')}/{name_of(thing)}"
