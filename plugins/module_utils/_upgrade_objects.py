# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of two manifests side by side. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import copy
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import hooks
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest, title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, normalised

# Who manages an object, and by which version of the chart: noise beside what changes in it.
_NOISE = ("app.kubernetes.io/managed-by", "helm.sh/chart")
_POD = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))

Pair = tuple[Manifest, Manifest]


@dataclass(frozen=True)
class Objects:
    """``changed`` and ``same`` are pairs, before and after. Each list is in the order of kinds and names."""

    added: t.Sequence[Manifest] = ()
    removed: t.Sequence[Manifest] = ()
    changed: t.Sequence[Pair] = ()
    same: t.Sequence[Pair] = ()

    @property
    def told(self) -> dict[str, list[str]]:
        """For the evidence: kind and name of what is added, removed, changed."""
        return {
            "added": list(map(title_of, self.added)),
            "removed": list(map(title_of, self.removed)),
            "changed": [title_of(after) for _before, after in self.changed],
        }

    @property
    def kept(self) -> list[Pair]:
        """All that is there before and after."""
        return [*self.changed, *self.same]


def compare(old: t.Iterable[Manifest], new: t.Iterable[Manifest], namespace: str) -> Objects:
    """Objects by kind, place and name. Hooks come and go, and the annotation of the Secrets is made only later."""
    before, after = _by_key(old, namespace), _by_key(new, namespace)
    kept = [(bare(before[key]), bare(after[key])) for key in sorted(before.keys() & after.keys())]
    return Objects(
        added=[bare(after[key]) for key in sorted(after.keys() - before.keys())],
        removed=[bare(before[key]) for key in sorted(before.keys() - after.keys())],
        changed=[pair for pair in kept if pair[0] != pair[1]],
        same=[pair for pair in kept if pair[0] == pair[1]],
    )


def _by_key(manifests: t.Iterable[Manifest], namespace: str) -> dict[tuple[str, str, str, str], Manifest]:
    found = {}
    for manifest in manifests:
        name = get(manifest, ("metadata", "name"))
        if name and not hooks(manifest):
            place = str(get(manifest, ("metadata", "namespace")) or namespace)
            group = str(manifest.get("apiVersion")).rpartition("/")[0]
            found[str(manifest.get("kind")), str(name), group, "" if place == namespace else place] = manifest
    return found


def bare(manifest: Manifest) -> Manifest:
    """A copy without what is no change of the object."""
    found: Manifest = normalised(copy.deepcopy(manifest))
    _without(found.get("metadata"), "labels", *_NOISE)
    for path in _POD:
        _without(get(found, (*path, "metadata")), "annotations", ROLLOUT_ANNOTATION)
    return found


def _without(metadata: t.Any, key: str, *names: str) -> None:
    given = get(metadata, (key,))
    if isinstance(given, dict):
        for name in names:
            given.pop(name, None)
    if isinstance(metadata, dict) and not metadata.get(key):
        metadata.pop(key, None)
