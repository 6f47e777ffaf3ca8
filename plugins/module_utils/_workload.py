# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live objects of a release: its Deployment and what hangs below it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
HolmesGPT's chart labels everything only ``app: holmes``, so two releases look alike: ownership is followed by Helm's
annotations and by owner references, never by labels alone.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    APPS,
    CORE,
    KubeError,
    Object,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)

RELEASE_NAME = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"
REVISION = "deployment.kubernetes.io/revision"
CONTAINER = "holmes"


@dataclass(frozen=True)
class Workload:
    """One look at a Deployment: its ReplicaSets, their pods, and the namespace's events."""

    deployment: Object
    replicasets: list[Object] = field(default_factory=list)
    pods: list[Object] = field(default_factory=list)
    events: list[Object] = field(default_factory=list)


def of_release(thing: Object, release: str, namespace: str) -> bool:
    """Whether Helm says that this object belongs to the release."""
    notes = meta(thing).get("annotations") or {}
    return notes.get(RELEASE_NAME) == release and notes.get(RELEASE_NAMESPACE, namespace) == namespace


def pick(things: list[Object], release: str, namespace: str) -> Object | None:
    """HolmesGPT's Deployment: the one with the chart's name for it, else what Helm annotated, else None.

    Add-ons and the operator belong to the same release, hence the look at the container's name.
    """
    usual = f"{release}-holmes"
    for thing in things:
        if name_of(thing) == usual:
            return thing
    owned = [thing for thing in things if of_release(thing, release, namespace)]
    candidates = [thing for thing in owned if holmes_container(thing) is not None] or owned
    return candidates[0] if candidates else None


def pod_spec(deployment: Object) -> Object:
    """``spec.template.spec`` of a Deployment."""
    return dict(((deployment.get("spec") or {}).get("template") or {}).get("spec") or {})


def holmes_container(deployment: Object) -> Object | None:
    """The container called holmes, None if there is none."""
    for container in pod_spec(deployment).get("containers") or []:
        if container.get("name") == CONTAINER:
            return dict(container)
    return None


def service_account(deployment: Object) -> str:
    """The ServiceAccount of the pods."""
    return str(pod_spec(deployment).get("serviceAccountName") or "default")


def owned_by(things: t.Iterable[Object], uid: str) -> list[Object]:
    """Those whose controller has this uid."""
    return [thing for thing in things if any(ref.get("uid") == uid for ref in meta(thing).get("ownerReferences") or [])]


def newest_replicaset(deployment: Object, replicasets: list[Object]) -> Object | None:
    """The ReplicaSet of the Deployment's current revision, None while it does not exist yet."""
    wanted = (meta(deployment).get("annotations") or {}).get(REVISION)
    for replicaset in owned_by(replicasets, str(meta(deployment).get("uid", ""))):
        if (meta(replicaset).get("annotations") or {}).get(REVISION) == wanted:
            return replicaset
    return None


def current_pods(workload: Workload) -> list[Object]:
    """Pods of the current revision that run or will run: neither being deleted nor over."""
    return [pod for pod in _of_revision(workload) if not over(pod)]


def ended_pods(workload: Workload) -> list[Object]:
    """Pods of the current revision that are over (evicted, refused by the node, ...), the newest last.

    They stay as objects until somebody deletes them; the ReplicaSet makes others in their place.
    """
    ended = [pod for pod in _of_revision(workload) if over(pod)]
    return sorted(ended, key=lambda pod: str(meta(pod).get("creationTimestamp") or ""))


def _of_revision(workload: Workload) -> list[Object]:
    newest = newest_replicaset(workload.deployment, workload.replicasets)
    if newest is None:
        return []
    mine = owned_by(workload.pods, str(meta(newest).get("uid", "")))
    return [pod for pod in mine if not meta(pod).get("deletionTimestamp")]


def over(pod: Object) -> bool:
    """Whether no container of the pod will ever run again (eviction, preemption, shutdown of the node)."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def condition(thing: Object, kind: str) -> Object:
    """A condition of an object's status, empty if it has none of this kind."""
    for entry in (thing.get("status") or {}).get("conditions") or []:
        if entry.get("type") == kind:
            return dict(entry)
    return {}


def ready(pod: Object) -> bool:
    """Whether the pod's Ready condition is True."""
    return condition(pod, "Ready").get("status") == "True"


def selector_text(selector: t.Mapping[str, t.Any]) -> str:
    """``{"app": "holmes"}`` as a label selector for a query."""
    return ",".join(f"{key}={value}" for key, value in sorted(selector.items()))


def look(reader: Reader, namespace: str, release: str) -> Workload:
    """The workload of a release as it is now; raises HolmesError if there is none, KubeError if it may not be read."""
    deployments = items(reader, path_of(APPS, "deployments", namespace))
    deployment = pick(deployments, release, namespace)
    if deployment is None:
        raise _nothing(reader, namespace, release, deployments)
    uid = str(meta(deployment).get("uid", ""))
    selector = selector_text(((deployment.get("spec") or {}).get("selector") or {}).get("matchLabels") or {})
    replicasets = owned_by(items(reader, path_of(APPS, "replicasets", namespace), labelSelector=selector), uid)
    uids = {str(meta(replicaset).get("uid", "")) for replicaset in replicasets}
    pods = [
        pod
        for pod in items(reader, path_of(CORE, "pods", namespace), labelSelector=selector)
        if any(ref.get("uid") in uids for ref in meta(pod).get("ownerReferences") or [])
    ]
    return Workload(deployment, replicasets, pods, _events(reader, namespace))


def _nothing(reader: Reader, namespace: str, release: str, deployments: list[Object]) -> HolmesError:
    """What to say if there is no Deployment of the release."""
    fix = "Check holmes_namespace and holmes_release_name, or install it with site.yml."
    names = ", ".join(sorted(name_of(thing) for thing in deployments)) or "none at all"
    message = f"Namespace {namespace} has no Deployment of the release {release} (Deployments there: {names})."
    if not deployments:
        try:
            reader.get(path_of(CORE, "namespaces", "", namespace))
        except KubeError as error:
            # Who may not read namespaces is told the rest all the same.
            if error.status == 404:
                message = f"Namespace {namespace} does not exist."
    return HolmesError(message, fix)


def _events(reader: Reader, namespace: str) -> list[Object]:
    """Events explain, but nothing depends on them: an account without the right to read them gets an empty list."""
    try:
        return items(reader, path_of(CORE, "events", namespace))
    except KubeError as error:
        if error.forbidden:
            return []
        raise


def events_of(events: list[Object], kind: str, name: str, *reasons: str) -> list[Object]:
    """Events about one object, newest last."""
    mine = [
        event
        for event in events
        if (event.get("involvedObject") or {}).get("kind") == kind
        and (event.get("involvedObject") or {}).get("name") == name
        and (not reasons or event.get("reason") in reasons)
    ]
    return sorted(mine, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
