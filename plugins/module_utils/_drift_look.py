# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of a release that are not as Helm recorded them: gone, edited, or left over from another revision.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_compare import differences
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_record import (
    EDITED,
    GONE,
    Drift,
    recorded_objects,
    title_of,
    wanted,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    KubeError,
    Object,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_collisions import owner
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import (
    Kinds,
    Live,
    kind_of,
    read_kinds,
    read_live,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release, releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

# Helm leaves an object with this annotation, whatever becomes of the release.
POLICY = "helm.sh/resource-policy"
SCALERS = "/apis/autoscaling/v2"
_REPLICAS = ("spec", "replicas")


@dataclass(frozen=True)
class Found:
    """One look: what drifted, how many objects are recorded, and what may not be read."""

    drifts: list[Drift]
    count: int
    blind: list[KubeError] = field(default_factory=list)
    objects: list[Live] = field(default_factory=list, repr=False)


def find(reader: Reader, release: Release) -> list[Drift]:
    """What drifted; raises KubeError if anything of it may not be read."""
    found = look(reader, release)
    if found.blind:
        raise found.blind[0]
    return found.drifts


def look(reader: Reader, release: Release) -> Found:
    """Everything that can be seen of the release's objects. Hooks come and go, so they are none of them."""
    recorded = recorded_objects(release)
    former, blind = _former(reader, release)
    rendered = Rendered(tuple([*recorded, *(thing for thing, _revision in former)]))
    kinds = read_kinds(reader, rendered)
    live = read_live(reader, Rendered(tuple(recorded)), kinds, release.namespace)
    drifts = [_unserved(thing, release) for thing in recorded if kind_of(thing) not in kinds]
    for one in live:
        if one.error is None:
            try:
                drifts += _judge(reader, one, release)
            except KubeError as error:
                if not error.forbidden:
                    raise
                blind.append(error)
    orphans, unseen = _orphans(reader, former, recorded, kinds, release)
    blind += [one.error for one in live if one.error] + unseen
    return Found(drifts + orphans, len(recorded), blind, live)


def _unserved(thing: Object, release: Release) -> Drift:
    place = str(meta(thing).get("namespace") or "")
    return Drift(title_of(thing), place, GONE, wanted(thing, release, place))


def _judge(reader: Reader, one: Live, release: Release) -> t.Iterator[Drift]:
    said = wanted(one.manifest, release, one.namespace)
    if one.found is None or meta(one.found).get("deletionTimestamp"):
        yield Drift(one.title, one.namespace, GONE, said, one)
        return
    changes = differences(said, one.found)
    if any(change.where == _REPLICAS for change in changes) and _scaled(reader, one):
        changes = [change for change in changes if change.where != _REPLICAS]
    if changes:
        yield Drift(one.title, one.namespace, EDITED, said, one, tuple(changes))


def _scaled(reader: Reader, one: Live) -> bool:
    """Whether an autoscaler decides how many there are."""
    try:
        scalers = items(reader, path_of(SCALERS, "horizontalpodautoscalers", one.namespace))
    except KubeError as error:
        if error.status == 404:
            return False
        raise
    targets = [get(scaler, ("spec", "scaleTargetRef")) or {} for scaler in scalers]
    return (one.manifest.get("kind"), name_of(one.manifest)) in [(it.get("kind"), it.get("name")) for it in targets]


def _former(reader: Reader, release: Release) -> tuple[list[tuple[Object, int]], list[KubeError]]:
    """Objects of the release's other revisions with the newest revision that names them."""
    try:
        others = [one for one in releases(reader, release.namespace, release.name) if one.revision != release.revision]
    except KubeError as error:
        if not error.forbidden:
            raise
        return [], [error]
    found = {
        _identity(thing, release.namespace): (thing, one.revision) for one in others for thing in recorded_objects(one)
    }
    now = {_identity(thing, release.namespace) for thing in recorded_objects(release)}
    return [pair for key, pair in found.items() if key not in now], []


def _identity(thing: Object, namespace: str) -> tuple[str, ...]:
    """What Helm tells objects by; the version of their API may change."""
    group = str(thing.get("apiVersion", "")).rpartition("/")[0]
    return group, str(thing.get("kind")), str(meta(thing).get("namespace") or namespace), name_of(thing)


def _orphans(
    reader: Reader, former: list[tuple[Object, int]], recorded: list[Object], kinds: Kinds, release: Release
) -> tuple[list[Drift], list[KubeError]]:
    revisions = {id(thing): revision for thing, revision in former}
    live = read_live(reader, Rendered(tuple(thing for thing, _revision in former)), kinds, release.namespace)
    drifts = [
        Drift(one.title, one.namespace, f"left over from revision {revisions[id(one.manifest)]}", {}, one)
        for one in live
        if one.found
        and not (meta(one.found).get("annotations") or {}).get(POLICY)
        and not meta(one.found).get("deletionTimestamp")
        and not owner(one.found, release.name, release.namespace)
    ]
    return drifts, [one.error for one in live if one.error]
