# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.pods``: the Deployment against what Helm recorded, the pods against the Deployment.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over objects.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_compare import (
    ADDED,
    MISSING,
    Difference,
    differences,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_pod import lacking, manifests, of_kind, workload_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import PODS, failed, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import editors
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import pod_spec

# Stakater's Reloader restarts pods by such a variable of their template, with a hash of the changed object.
_RELOADER = re.compile(r"variable STAKATER_\w+\Z")
# More say nothing new in a sentence; the evidence has all.
_TOLD = 6


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = lacking(scene, manifest=True)
    if ground or scene.release is None:
        yield unchecked(PODS, *(ground or ("There is no release.", "See verify.release.")))
        return
    live = workload_of(scene).deployment
    said = of_kind(manifests(scene.release), "Deployment").get(name_of(live))
    yield judge(said, live, scene.pods, scene.release.revision, scene.intent.namespace)


def judge(said: Object | None, live: Object, pods: t.Sequence[Object], revision: int, namespace: str) -> Check:
    """``said`` is the Deployment of the recorded manifest, None if it has none of this name."""
    name = name_of(live)
    if said is None:
        message = f"Revision {revision} of the release has no Deployment {name}, but the pods are of one."
        return failed(PODS, message, "Look who made it (kubectl get deployment -o yaml), and run site.yml.")
    found = differences(pod_spec(said), pod_spec(live))
    reloader = [one for one in found if one.how == ADDED and _RELOADER.match(one.what)]
    by_hand = [one for one in found if one not in reloader]
    in_pods = {name_of(pod): differences(pod_spec(live), pod.get("spec") or {}, pod=True) for pod in pods}
    evidence: dict[str, t.Any] = {
        "deployment": name,
        "revision": revision,
        "pods": {pod: [_told(one) for one in found] for pod, found in in_pods.items() if found},
    }
    if reloader:
        evidence["reloader"] = [_told(one) for one in reloader]
    if by_hand:
        return _edited(by_hand, live, namespace, evidence)
    besides = list(dict.fromkeys(one for found in in_pods.values() for one in found))
    if besides:
        message = f"Deployment {name} is as recorded, but its pods are not as it says: {_listed(besides)}."
        fix = "Probably an admission webhook of the cluster does this; make sure that it is meant for this namespace."
        return warned(PODS, message, fix, **evidence)
    count = f"{len(pods)} pod{'' if len(pods) == 1 else 's'}"
    message = f"Deployment {name} and its {count} are as Helm recorded them in revision {revision}."
    if reloader:
        message += f" Besides, Reloader restarts the pods when an object changes: {_listed(reloader)}."
    return passed(PODS, message, **evidence)


def _edited(found: list[Difference], live: Object, namespace: str, evidence: dict[str, t.Any]) -> Check:
    name, who = name_of(live), editors(live)
    evidence = {**evidence, "differences": [_told(one) for one in found], "changed_by": who or []}
    message = f"Deployment {name} is not what Helm recorded in revision {evidence['revision']}: {_listed(found)}"
    if who == [] and not any(one.how == MISSING for one in found):
        message += ". Nobody but Helm wrote to it, so an admission webhook of the cluster did this."
        return warned(PODS, message, "Make sure that the webhook is meant for this namespace.", **evidence)
    message += f". Written by {', '.join(who)}." if who else "."
    fix = (
        "'site.yml -e holmes_repair_drift=true' puts it back; what shall stay belongs into holmes_env or holmes_values."
    )
    return failed(PODS, message, fix, **evidence)


def _told(one: Difference) -> str:
    return f"container {one.container}: {one.told}" if one.container else one.told


def _listed(found: t.Sequence[Difference]) -> str:
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return "; ".join(_told(one) for one in found[:_TOLD]) + more
