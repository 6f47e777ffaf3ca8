# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.config``: the ConfigMaps of the pod against what Helm recorded, and whether the pod has read them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
HolmesGPT reads its model list and toolsets when it starts, so a later change has no effect (facts: model_list.yaml).
A file of somebody else's ConfigMap (authorities of trust-manager or OpenShift) is renewed by the kubelet, as is meant.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_pod import (
    Maps,
    lacking,
    manifests,
    of_kind,
    workload_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_refs import CONFIG_MAP, references
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import (
    CONFIG,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import content_changed, first_start, shown
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import holmes_name
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_models import CONFIG_DIR
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import pod_spec


class Pair(t.NamedTuple):
    """A ConfigMap as Helm recorded it (None: it is none of the release) and as it is (None: it does not exist).

    ``at_start``: variables come from it, or what HolmesGPT reads when it starts.
    """

    name: str
    said: Object | None
    live: Object | None
    optional: bool
    at_start: bool

    @property
    def renewed(self) -> bool:
        """Whether a change of it is nobody's mistake."""
        return self.said is None and not self.at_start


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = lacking(scene)
    if ground:
        yield unchecked(CONFIG, *ground)
        return
    workload = workload_of(scene)
    try:
        pairs = _read(scene)
    except KubeError as error:
        if not error.forbidden:
            raise
        fix = f"Allow the verifying account to get configmaps in namespace {scene.intent.namespace}."
        yield unchecked(CONFIG, error.msg, fix)
        return
    restart = f"kubectl -n {scene.intent.namespace} rollout restart deployment/{name_of(workload.deployment)}"
    found = judge(pairs, first_start(scene.pods, holmes_name(workload)), restart)
    unknown = lacking(scene, manifest=True)
    # Without Helm's record only the times could be compared.
    yield unchecked(CONFIG, *unknown, **found.evidence) if unknown and found.status in (PASS, WARN) else found


def _read(scene: Scene) -> list[Pair]:
    spec = pod_spec(workload_of(scene).deployment)
    refs = [ref for ref in references(spec) if ref.kind == CONFIG_MAP]
    early = {ref.name for ref in references({**spec, "volumes": _of_the_configuration(spec)}) if ref.kind == CONFIG_MAP}
    recorded = of_kind(manifests(scene.release), CONFIG_MAP)
    maps = Maps(scene.reader, scene.intent.namespace)
    optional = {ref.name: all(one.optional for one in refs if one.name == ref.name) for ref in refs}
    return [
        Pair(name, recorded.get(name), maps.get(name) or None, may, name in early) for name, may in optional.items()
    ]


def _of_the_configuration(spec: Object) -> list[Object]:
    """The volumes that are mounted where HolmesGPT looks for its model list and toolsets, above it or below."""
    containers = [*items(spec.get("initContainers")), *items(spec.get("containers"))]
    mounts = [mount for one in containers for mount in items(one.get("volumeMounts"))]
    folder = f"{CONFIG_DIR}/"
    names = set()
    for mount in mounts:
        path = f"{str(mount.get('mountPath', '')).rstrip('/')}/"
        if path.startswith(folder) or folder.startswith(path):
            names.add(mount.get("name"))
    return [volume for volume in items(spec.get("volumes")) if volume.get("name") in names]


def judge(pairs: t.Sequence[Pair], started: tuple[datetime, str] | None, restart: str) -> Check:
    """``started``: when the longest-running container did, and in which pod. ``restart`` is the command for it."""
    evidence = {
        "config_maps": [
            {"name": one.name, "recorded": bool(one.said), "exists": bool(one.live), "changed": _when(one)}
            for one in pairs
        ],
        "started": shown(started[0]) if started else "",
    }
    different = {one.name: _different(one) for one in pairs}
    wrong = [f"ConfigMap {name} {told}" for name, told in different.items() if told]
    if wrong:
        fix = f"'site.yml -e holmes_repair_drift=true' puts it back; then restart: {restart}"
        return failed(CONFIG, f"Not what Helm recorded: {'; '.join(wrong)}.", fix, **evidence)
    stale = [one for one in pairs if one.live and started and (content_changed(one.live) or started[0]) > started[0]]
    if stale and started:
        told = ", ".join(f"{one.name} at {_when(one)}" for one in stale)
        if all(one.renewed for one in stale):
            message = f"Changed after pod {started[1]} started ({shown(started[0])}): {told}. "
            message += "Its file is renewed, but a program may have read the old one."
            return warned(CONFIG, message, f"If it has, restart the pods: {restart}", **evidence)
        message = f"Changed after pod {started[1]} started ({shown(started[0])}), which goes on with the old: {told}."
        return failed(CONFIG, message, f"Run site.yml, or restart it: {restart}", **evidence)
    if not started:
        return unchecked(CONFIG, "No container of HolmesGPT runs.", "See verify.rollout.", **evidence)
    names = ", ".join(one.name for one in pairs if one.live) or "none"
    return passed(CONFIG, f"As recorded, and older than the pods: {names}.", **evidence)


def _when(one: Pair) -> str:
    when = content_changed(one.live) if one.live else None
    return shown(when) if when else ""


def _different(one: Pair) -> str:
    """Which keys differ; their text stays where it is."""
    if one.live is None:
        return "does not exist" if one.said or not one.optional else ""
    if one.said is None:
        return ""
    said, live = _data(one.said), _data(one.live)
    found = [
        ("differs in", [key for key in said if key in live and said[key] != live[key]]),
        ("lacks", [key for key in said if key not in live]),
        ("has besides", [key for key in live if key not in said]),
    ]
    return ", ".join(f"{how} {' and '.join(sorted(keys))}" for how, keys in found if keys)


def _data(thing: Object) -> dict[str, t.Any]:
    return {**(thing.get("data") or {}), **(thing.get("binaryData") or {})}
