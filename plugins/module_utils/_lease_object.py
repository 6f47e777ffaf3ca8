# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Lease object that is our lock: what it says, and what we write into it. Pure.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import math
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import Holder, holder_of, told
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, meta, name_of, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import OWNER, OWNER_LABEL

COORDINATION = "/apis/coordination.k8s.io/v1"
HOLDER = "holmesgpt.onprem/holder"


@dataclass(frozen=True)
class Found:
    """A lock. Times are seconds of the API server's clock; ``seconds`` is the time to live from ``renewed`` on."""

    namespace: str
    name: str
    uid: str
    version: str
    holder: Holder
    identity: str
    acquired_at: str
    renewed_at: str
    seconds: int
    transitions: int

    def left(self, now: float) -> int:
        """Seconds until it expires at the latest; 0 if it has, or if nobody holds it."""
        renewed = _seconds(self.renewed_at)
        if not self.identity or renewed is None:
            return 0
        return max(0, math.ceil(renewed + self.seconds - now))

    @property
    def ticket(self) -> dict[str, str]:
        """Names this hold of the lock: a later one, or a renewal, has another."""
        return {"identity": self.identity, "renewed": self.renewed_at}

    def as_dict(self) -> dict[str, t.Any]:
        """For a result: who, since when, and the ticket."""
        return {**self.ticket, "holder": self.holder, "since": self.acquired_at, "seconds": self.seconds}

    @property
    def removal(self) -> str:
        """The command that removes exactly this lock."""
        return f"kubectl delete lease {self.name} -n {self.namespace}"


def name_for(release: str) -> str:
    """What the Lease of a release is called."""
    return f"holmesgpt-onprem-{release}"


def path_for(namespace: str, release: str = "") -> str:
    """The Lease of a release, or without one the collection of Leases."""
    return path_of(COORDINATION, "leases", namespace, name_for(release) if release else "")


def found_of(lease: t.Mapping[str, t.Any]) -> Found:
    """What a Lease says, whatever somebody else has made of it."""
    metadata, spec = meta(lease), lease.get("spec") or {}
    try:
        holder = json.loads((metadata.get("annotations") or {}).get(HOLDER) or "{}")
    except ValueError:
        holder = {}
    return Found(
        namespace=str(metadata.get("namespace", "")),
        name=name_of(lease),
        uid=str(metadata.get("uid", "")),
        version=str(metadata.get("resourceVersion", "")),
        holder=holder_of(holder),
        identity=str(spec.get("holderIdentity") or ""),
        acquired_at=str(spec.get("acquireTime") or ""),
        renewed_at=str(spec.get("renewTime") or ""),
        seconds=int(spec.get("leaseDurationSeconds") or 0),
        transitions=int(spec.get("leaseTransitions") or 0),
    )


def fresh(namespace: str, release: str, holder: Holder, seconds: int, now: float) -> Object:
    """A Lease that nobody held before."""
    metadata = {"name": name_for(release), "namespace": namespace, "labels": {OWNER_LABEL: OWNER}}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {**metadata, "annotations": {HOLDER: _json(holder)}},
        "spec": _spec(holder, seconds, now, 0),
    }


def takeover(found: Found, holder: Holder, seconds: int, now: float) -> Object:
    """The patch that gives a lock to another holder; refused (409) if it moved since it was read."""
    metadata = {
        "resourceVersion": found.version,
        "labels": {OWNER_LABEL: OWNER},
        "annotations": {HOLDER: _json(holder)},
    }
    return {"metadata": metadata, "spec": _spec(holder, seconds, now, found.transitions + 1)}


def renewal(found: Found, now: float, seconds: int = 0) -> Object:
    """The patch that keeps a lock; refused (409) if it moved since it was read."""
    spec = {"renewTime": _micro(now), "leaseDurationSeconds": seconds or found.seconds}
    return {"metadata": {"resourceVersion": found.version}, "spec": spec}


def _spec(holder: Holder, seconds: int, now: float, transitions: int) -> Object:
    return {
        "holderIdentity": told(holder),
        "acquireTime": _micro(now),
        "renewTime": _micro(now),
        "leaseDurationSeconds": seconds,
        "leaseTransitions": transitions,
    }


def _json(holder: Holder) -> str:
    return json.dumps(holder, sort_keys=True)


def _micro(seconds: float) -> str:
    """Kubernetes' MicroTime: always six digits, always UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(text: str) -> float | None:
    # Python before 3.11 does not read the Z.
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None
