# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Putting objects of a release back as Helm recorded them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, WARN, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_compare import Change, differences
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_look import look
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_record import GONE, Drift
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_write import (
    CONFLICT,
    TRIES,
    Manager,
    change,
    delete,
    make,
    manager_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, Object, meta
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get

REPAIRED = "release.repaired"
AGAIN = "-e holmes_repair_drift=true"
_SELECTOR = ("spec", "selector")
# What the API server never lets anybody change.
_FIXED: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("Deployment", "DaemonSet", "ReplicaSet"), (_SELECTOR,)),
    "StatefulSet": (_SELECTOR, ("spec", "serviceName"), ("spec", "podManagementPolicy")),
    "Job": (_SELECTOR, ("spec", "template")),
    **dict.fromkeys(("ClusterRoleBinding", "RoleBinding"), (("roleRef",),)),
    "Secret": (("type",),),
    "Service": (("spec", "clusterIP"),),
    "PersistentVolumeClaim": (("spec", "accessModes"), ("spec", "storageClassName"), ("spec", "volumeMode")),
}
_DATA = (("data",), ("binaryData",))


def repair(
    cluster: Cluster,
    drifts: t.Sequence[Drift],
    release: Release,
    *,
    orphans: bool = False,
    check_mode: bool = False,
) -> list[str]:
    """Put everything back and say what was done; with ``orphans`` delete what other revisions left.

    Raises HolmesError before anything was changed if something cannot be put back, KubeError if a write is refused.
    """
    todo = [drift for drift in drifts if orphans or not drift.orphan]
    _refuse(todo)
    manager = Manager() if check_mode else _manager(cluster, todo, release)
    done: list[str] = []
    for drift in todo:
        told = _step(drift, check_mode)
        if not check_mode:
            _put_back(cluster, drift, manager, done)
        done.append(told)
    return done


def repaired_check(
    release: Release, done: t.Sequence[str], drifts: t.Sequence[Drift] = (), check_mode: bool = False
) -> Check:
    """``release.repaired``. ``drifts`` are those that were found before; left-overs among them may remain."""
    title = "Objects edited by hand"
    evidence = {"revision": release.revision, "repaired": list(done), "found": [drift.told for drift in drifts]}
    left = [drift for drift in drifts if drift.orphan and not any(drift.named in told for told in done)]
    told = "; ".join(done) if done else f"All objects are as revision {release.revision} recorded them"
    if not left:
        return Check(REPAIRED, title, PASS, f"{told}.", evidence=evidence)
    rest = "; ".join(f"{drift.named} is {drift.kind}" for drift in left)
    fix = f"If nothing needs it any more: {' && '.join(drift.delete for drift in left)}"
    still = "would stay" if check_mode else "stays"
    return Check(REPAIRED, title, WARN, f"{told}. What {still}: {rest}.", fix, evidence)


def fixed(drift: Drift) -> list[Change]:
    """The changes of an object that nobody can undo but by making it again."""
    kind = drift.title.partition("/")[0]
    places = _FIXED.get(kind, ())
    if get(drift.live.found if drift.live else None, ("immutable",)) is True:
        places = (*places, *_DATA)
    return [one for one in drift.changes if any(one.where[: len(place)] == place for place in places)]


def patch_of(drift: Drift) -> Object:
    """The merge patch that makes an edited object what was recorded."""
    body: Object = {}
    for one in drift.changes:
        place = body
        for key in one.where[:-1]:
            place = place.setdefault(key, {})
        place[one.where[-1]] = one.wanted
    found = (drift.live.found if drift.live else None) or {}
    body.setdefault("metadata", {})["resourceVersion"] = meta(found).get("resourceVersion")
    return body


def _refuse(drifts: t.Sequence[Drift]) -> None:
    stuck = [drift for drift in drifts if fixed(drift)]
    unserved = [drift.named for drift in drifts if drift.live is None]
    if unserved:
        raise HolmesError(
            f"The cluster does not serve the kind of {', '.join(unserved)} any more, so it cannot be made again."
            " Nothing was changed.",
            "Install the CRD it needs, or take it out of the values.",
        )
    if stuck:
        what = "; ".join(f"{drift.named}: {', '.join(one.told for one in fixed(drift))}" for drift in stuck)
        commands = " && ".join(drift.delete for drift in stuck)
        raise HolmesError(
            f"Kubernetes lets nobody change this of an object that exists: {what}. Nothing was changed.",
            f"Delete it and let the next run make it again: {commands}, then site.yml {AGAIN}.",
        )


def _manager(cluster: Cluster, drifts: t.Sequence[Drift], release: Release) -> Manager:
    found = [drift.live.found for drift in drifts if drift.live and drift.live.found]
    if not any(drift.kind == GONE for drift in drifts):
        return manager_of(found)
    # Those that are gone say nothing of their writer, the others of the release do.
    return manager_of([one.found for one in look(cluster, release).objects if one.found])


def _step(drift: Drift, check_mode: bool) -> str:
    verb = "deleted" if drift.orphan else "created again" if drift.kind == GONE else "put back"
    detail = f" ({', '.join(one.told for one in drift.changes)})" if drift.changes else ""
    return f"{drift.named} {'would be' if check_mode else 'was'} {verb}{detail or _why(drift)}"


def _why(drift: Drift) -> str:
    return f" ({drift.kind})" if drift.orphan else ""


def _put_back(cluster: Cluster, drift: Drift, manager: Manager, done: t.Sequence[str]) -> None:
    live = t.cast(Live, drift.live)
    try:
        if drift.orphan:
            delete(cluster, live.path, t.cast(Object, live.found))
        elif drift.kind == GONE:
            make(cluster, live.collection, live.path, drift.wanted, manager)
        else:
            _change(cluster, drift, _writer(drift, manager))
    except KubeError as error:
        before = f" Before that: {'; '.join(done)}." if done else ""
        raise KubeError(
            f"{drift.named} could not be put back: {error.msg}{before}", error.status, _fix(error)
        ) from error


def _change(cluster: Cluster, drift: Drift, manager: Manager) -> None:
    """Patch what was looked at; if only its status has changed since, that is still so."""
    live = t.cast(Live, drift.live)
    for tries in reversed(range(TRIES)):
        try:
            change(cluster, live.path, patch_of(drift), manager)
            return
        except KubeError as error:
            if error.status != CONFLICT or not tries:
                raise
            now = replace(live, found=cluster.get(live.path))
            if tuple(differences(drift.wanted, t.cast(Object, now.found))) != drift.changes:
                raise
            drift = replace(drift, live=now)


def _writer(drift: Drift, manager: Manager) -> Manager:
    """Objects of one release may have been written in both ways, by Helm 3 first and by Helm 4 later."""
    own = manager_of([t.cast(Object, t.cast(Live, drift.live).found)])
    return own if own.applies else manager


def _fix(error: KubeError) -> str:
    if error.forbidden:
        return "Grant this right to the account, or use another one (holmes_kubeconfig)."
    return (
        f"Somebody wrote to it at the same moment; run site.yml {AGAIN} again."
        if error.status == CONFLICT
        else error.fix
    )
