# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the nodes have room for the pods of the release.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Object,
    Reader,
    items,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_growth import (
    REQUESTS,
    Amounts,
    Growth,
    shown,
    taken,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_placing import UNWELL, obstacle
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import failed, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import parse

ID = "cluster.nodes"
# A large cluster has tens of thousands of pods: only these nodes' are asked for, those with the most memory first.
MOST_NODES = 32
# Less than this share left on the best node is called tight.
TIGHT = Fraction(1, 10)
_RUNNING = "status.phase!=Succeeded,status.phase!=Failed"


@dataclass
class Room:
    """A node that takes a pod, and what is free on it."""

    name: str
    whole: Amounts
    free: Amounts


@dataclass(frozen=True)
class Nodes:
    """What is known. ``used``: requests of the pods by node; a node that was not asked for is missing.

    ``blind`` is why pods could not be listed, so that nothing is known to be used.
    """

    nodes: t.Sequence[Object]
    used: t.Mapping[str, Amounts] = field(default_factory=dict)
    blind: KubeError | None = None


def read(reader: Reader, growths: t.Sequence[Growth]) -> Nodes:
    """The nodes, and the pods on those that come into question; KubeError if nodes may not be listed."""
    nodes = items(reader, path_of(CORE, "nodes"))
    pods = [growth.spec for growth in growths if growth.pods]
    chosen = [node for node in nodes if any(not obstacle(node, pod) for pod in pods)]
    chosen.sort(key=lambda node: _whole(node).get("memory", Fraction(0)), reverse=True)
    names = [name_of(node) for node in chosen[:MOST_NODES]]

    def on(name: str) -> Amounts:
        found = items(reader, path_of(CORE, "pods"), fieldSelector=f"spec.nodeName={name},{_RUNNING}")
        return _used(found)

    try:
        return Nodes(nodes, dict(zip(names, many(on, names))))
    except KubeError as error:
        if error.forbidden:
            return Nodes(nodes, {}, error)
        raise


def _used(pods: t.Sequence[Object]) -> Amounts:
    total: Amounts = {"pods": Fraction(len(pods))}
    for pod in pods:
        for name, number in taken(pod.get("spec") or {}, REQUESTS).items():
            total[name] = total.get(name, Fraction(0)) + number
    return total


def _whole(node: Object) -> Amounts:
    given = (node.get("status") or {}).get("allocatable") or {}
    numbers = {str(name): parse(value) for name, value in given.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def judge(known: Nodes, growths: t.Sequence[Growth]) -> Check:
    """``cluster.nodes``: every pod that comes finds a place, one after the other."""
    rooms = _rooms(known)
    placed: dict[str, list[str]] = {}
    tight: list[str] = []
    for growth in growths:
        for _one in range(growth.pods):
            best, reasons = _place(known, rooms, growth.spec)
            if best is None:
                return _no_place(known, growth, reasons, placed)
            placed.setdefault(growth.title, []).append(best.name)
            tight += _tight(growth.title, best)
    evidence = {"placed": placed, "nodes": len(known.nodes)}
    if not placed:
        return passed(ID, "This run adds no pod, so it needs no more room.", **evidence)
    told = "; ".join(f"{title}: {', '.join(dict.fromkeys(names))}" for title, names in placed.items())
    if known.blind:
        message = (
            f"By their size these nodes could take the pods ({told}); how much of them is taken is not known, because "
            "this account may not list pods in all namespaces."
        )
        return passed(ID, message, **evidence)
    if tight:
        message = f"There is room, but only just: {'; '.join(dict.fromkeys(tight))}."
        return warned(ID, message, "Add room, or lower the requests in holmes_resources.", **evidence)
    return passed(ID, f"There is room for every pod ({told}).", **evidence)


def _rooms(known: Nodes) -> dict[str, Room]:
    found = {}
    for node in known.nodes:
        name, whole = name_of(node), _whole(node)
        used = known.used.get(name, {})
        if known.blind or name in known.used:
            free = {key: number - used.get(key, Fraction(0)) for key, number in whole.items()}
            found[name] = Room(name, whole, free)
    return found


def _place(known: Nodes, rooms: t.Mapping[str, Room], pod: Object) -> tuple[Room | None, Counter[str]]:
    """Takes the room on the node with the most memory left; else the reasons, counted."""
    need = {**taken(pod, REQUESTS), "pods": Fraction(1)}
    reasons: Counter[str] = Counter()
    fitting = []
    for node in known.nodes:
        reason = obstacle(node, pod)
        room = rooms.get(name_of(node))
        if not reason and room is None:
            reason = "not looked at, because there are too many"
        lacking = [] if reason or room is None else [name for name in need if room.free.get(name, 0) < need[name]]
        if reason or lacking:
            reasons[reason or f"without enough {' and '.join(sorted(lacking))}"] += 1
        elif room is not None:
            fitting.append(room)
    if not fitting:
        return None, reasons
    best = max(fitting, key=lambda room: room.free.get("memory", Fraction(0)))
    for name, number in need.items():
        best.free[name] = best.free.get(name, Fraction(0)) - number
    return best, reasons


def _tight(title: str, room: Room) -> t.Iterator[str]:
    for name in ("cpu", "memory"):
        whole, left = room.whole.get(name), room.free.get(name)
        if whole and left is not None and left < whole * TIGHT:
            yield f"with {title}, node {room.name} has {shown(name, left)} {name} of {shown(name, whole)} left"


def _no_place(known: Nodes, growth: Growth, reasons: Counter[str], placed: t.Mapping[str, t.Sequence[str]]) -> Check:
    need = taken(growth.spec, REQUESTS)
    asks = ", ".join(f"{shown(name, number)} {name}" for name, number in sorted(need.items())) or "nothing"
    groups = "; ".join(f"{count} of {len(known.nodes)} {reason}" for reason, count in reasons.most_common())
    message = f"No node takes a pod of {growth.title}, which requests {asks}: {groups or 'there are no nodes'}."
    evidence = {"reasons": dict(reasons), "placed": dict(placed), "nodes": len(known.nodes)}
    if any("too many" in reason for reason in reasons):
        fix = "Name nodes with a nodeSelector in holmes_values, so that there are fewer to look at."
        return unchecked(ID, message, fix, **evidence)
    return failed(ID, message, _fix(reasons), **evidence)


def _fix(reasons: t.Mapping[str, int]) -> str:
    told = []
    if any("without enough" in reason for reason in reasons):
        told.append("lower the requests in holmes_resources, or free or add room on these nodes")
    if any(UNWELL in reason for reason in reasons):
        told.append("wait until the node is well ('kubectl describe node' says what ails it)")
    if any("not tolerate" in reason for reason in reasons):
        told.append("add tolerations in holmes_values")
    if any("label" in reason or "affinity" in reason for reason in reasons):
        told.append("correct nodeSelector or affinity in holmes_values, or label a node")
    told = told or ["bring a node back ('kubectl get nodes', 'kubectl uncordon')"]
    text = "; or ".join(told) + "."
    return text[0].upper() + text[1:]
