# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.secrets``: whether the Secrets of the pod exist with their keys, and whether the pod has their newest content.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Only names of keys and the time of the last change are kept of a Secret. A variable is read once, when the container
starts: a changed Secret reaches it only by a restart (facts: real-run point 10).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Reader,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_pod import lacking, workload_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_refs import FILE, PULL, SECRET, Ref, references
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import (
    SECRETS,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import content_changed, first_start, shown
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import rollout_token
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import holmes_name
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import pod_spec

Start = t.Optional[tuple[datetime, str]]


@dataclass(frozen=True)
class Known:
    """What may be known of a Secret: the names of its keys, when its content was last written, its token (_secret)."""

    keys: frozenset[str]
    changed: datetime | None
    token: str = ""


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = lacking(scene)
    if ground:
        yield unchecked(SECRETS, *ground)
        return
    workload = workload_of(scene)
    refs = [ref for ref in references(pod_spec(workload.deployment)) if ref.kind == SECRET]
    names = sorted({ref.name for ref in refs})
    try:
        known = {name: _look(scene.reader, scene.intent.namespace, name) for name in names}
    except KubeError as error:
        if not error.forbidden:
            raise
        told = f"Allow the verifying account to get secrets in namespace {scene.intent.namespace}"
        yield unchecked(SECRETS, error.msg, f"{told} (resourceNames: {', '.join(names)}).", secrets=names)
        return
    # Whose token the pods bear has the content with which they started, whenever it was written.
    template = (workload.deployment.get("spec") or {}).get("template") or {}
    borne = str((meta(template).get("annotations") or {}).get(ROLLOUT_ANNOTATION) or "").split("-")
    known = {name: replace(one, changed=None) if one and one.token in borne else one for name, one in known.items()}
    restart = f"kubectl -n {scene.intent.namespace} rollout restart deployment/{name_of(workload.deployment)}"
    yield judge(refs, known, first_start(scene.pods, holmes_name(workload)), restart)


def _look(reader: Reader, namespace: str, name: str) -> Known | None:
    """The answer with the values does not leave this function."""
    found = find(reader, path_of(CORE, "secrets", namespace, name))
    if not found:
        return None
    data = {str(key): str(text) for key, text in (found.get("data") or {}).items()}
    return Known(frozenset(data), content_changed(found), rollout_token(str(meta(found).get("uid")), data))


def judge(refs: t.Sequence[Ref], known: t.Mapping[str, Known | None], started: Start, restart: str) -> Check:
    """``known`` has every name of ``refs``, None for a Secret that does not exist."""
    evidence = {
        "secrets": [
            {"name": name, "exists": bool(one), "changed": shown(one.changed) if one and one.changed else ""}
            for name, one in known.items()
        ],
        "started": shown(started[0]) if started else "",
    }
    gone = _absent([ref for ref in refs if not ref.optional], known)
    if gone:
        message = f"The pods run, but their next start will fail: {'; '.join(gone)}."
        fix = "Put it into holmes_secrets and run site.yml, or correct the name that holmes_env or holmes_values gives."
        return failed(SECRETS, message, fix, **evidence)
    if not started:
        return unchecked(SECRETS, "No container of HolmesGPT runs.", "See verify.rollout.", **evidence)
    newer = [ref for ref in refs if ref.use != PULL and _newer(known[ref.name], started[0])]
    if newer:
        return _stale(newer, known, started, restart, evidence)
    pull = _absent([ref for ref in refs if ref.use == PULL], known)
    if pull:
        message = (
            f"A pull secret is missing, so an image that is not on the node will not be pulled: {'; '.join(pull)}."
        )
        fix = "Set holmes_registry_host and its log-in, or correct holmes_image_pull_secrets."
        return warned(SECRETS, message, fix, **evidence)
    there = ", ".join(name for name, one in known.items() if one) or "none"
    return passed(SECRETS, f"There, and older than the pods: {there}.", **evidence)


def _stale(
    newer: t.Sequence[Ref],
    known: t.Mapping[str, Known | None],
    started: tuple[datetime, str],
    restart: str,
    evidence: t.Any,
) -> Check:
    """A file of a volume is renewed by the kubelet, a variable never is."""
    told = []
    for name in dict.fromkeys(ref.name for ref in newer):
        one = known[name]
        told.append(f"{name} at {shown(one.changed)}" if one and one.changed else name)
    message = f"Changed after pod {started[1]} started ({shown(started[0])}): {', '.join(told)}. "
    if all(ref.use == FILE for ref in newer):
        message += "Its file was renewed, but a program may have read the old one."
        return warned(SECRETS, message, f"If it has, restart the pods: {restart}", **evidence)
    message += "The pod goes on with the old content."
    return failed(SECRETS, message, f"Restart the pods: {restart} (site.yml does it for holmes_secrets).", **evidence)


def _absent(refs: t.Iterable[Ref], known: t.Mapping[str, Known | None]) -> list[str]:
    found = []
    for ref in refs:
        one = known[ref.name]
        if one is None:
            found.append(f"Secret {ref.name} does not exist")
        elif ref.key and ref.key not in one.keys:
            found.append(f"Secret {ref.name} has no key {ref.key}")
    return list(dict.fromkeys(found))


def _newer(one: Known | None, started: datetime) -> bool:
    return bool(one and one.changed and one.changed > started)
