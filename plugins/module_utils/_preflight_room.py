# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether ResourceQuotas and LimitRanges of the namespace leave room for what the release adds. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_growth import (
    LIMITS,
    REQUESTS,
    Growth,
    resources,
    shown,
    taken,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_limits import broken, defaulted
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import failed, passed, unchecked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

ID = "cluster.quota"
# With one of these in a quota, every container has to name it, or the pod is refused.
_MUST = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_FEEDS = ("LoadBalancer", "NodePort")


@dataclass(frozen=True)
class Rules:
    """ResourceQuotas and LimitRanges of the namespace; ``unread`` is why one of the two is not known."""

    quotas: t.Sequence[Object] = ()
    ranges: t.Sequence[Object] = ()
    unread: t.Sequence[KubeError] = ()


@dataclass(frozen=True)
class Demand:
    """What comes: workloads, and objects by their name in quotas (``secrets``, ``deployments.apps``)."""

    growths: t.Sequence[Growth] = ()
    objects: t.Mapping[str, int] = field(default_factory=dict)


def demand(live: t.Sequence[Live], growths: t.Sequence[Growth], namespace: str, secrets: int) -> Demand:
    """``secrets``: how many Secrets the role makes. Helm adds one for the revision, a rollout one ReplicaSet."""
    fresh = [item for item in live if item.found is None and not item.error and item.namespace == namespace]
    objects = Counter(item.kind.title for item in fresh)
    # Helm's own for the revision; without a change none is made.
    objects["secrets"] += int(bool(fresh) or any(growth.changed for growth in growths))
    objects["secrets"] += secrets if any(item.kind.resource == "deployments" for item in fresh) else 0
    titles = {growth.title for growth in growths if growth.changed}
    objects["replicasets.apps"] += sum(item.title in titles for item in live if item.kind.resource == "deployments")
    for item in fresh:
        kind = get(item.manifest, ("spec", "type"))
        if item.kind.title == "services" and kind in _FEEDS:
            objects["services.nodeports"] += 1
            objects["services.loadbalancers"] += kind == "LoadBalancer"
    return Demand(growths, objects)


def judge(namespace: str, given: Rules, wanted: Demand) -> Check:
    """``cluster.quota``: every bound that would stop an object or a pod, with its figures."""
    pods = [(growth, defaulted(growth.spec, given.ranges)) for growth in wanted.growths]
    coming = [(growth, pod) for growth, pod in pods if growth.pods or growth.changed]
    problems = [f"{growth.title}: {text}" for growth, pod in coming for text in broken(pod, given.ranges)]
    unset: list[str] = []
    figures: dict[str, dict[str, str]] = {}
    for quota in given.quotas:
        mine = [(growth, pod) for growth, pod in pods if in_scope(quota, pod)]
        unset += _unset(quota, [(growth, pod) for growth, pod in mine if growth.pods])
        problems += _exceeded(quota, mine, given.ranges, wanted.objects, figures)
    evidence = {"figures": figures, "problems": [*unset, *problems]}
    if unset or problems:
        message = f"Namespace '{namespace}': {'; '.join([*unset, *problems])}."
        return failed(ID, message, _fix(unset, problems), **evidence)
    if given.unread:
        fix = "Grant 'list' on resourcequotas and limitranges in the namespace."
        return unchecked(ID, " ".join(error.msg for error in given.unread), given.unread[0].fix or fix, **evidence)
    counted = f"{len(given.quotas)} ResourceQuotas and {len(given.ranges)} LimitRanges"
    return passed(ID, f"{counted} of namespace '{namespace}' leave room for the release.", **evidence)


def _fix(unset: t.Sequence[str], problems: t.Sequence[str]) -> str:
    told = []
    if unset:
        told.append("Set the missing requests and limits in holmes_resources (of an add-on in holmes_values).")
    if problems:
        told.append(
            "Change holmes_resources to fit (of an add-on in holmes_values), or have the owner of the namespace change "
            "the bound."
        )
    return " ".join(told)


def _exceeded(
    quota: Object,
    mine: t.Sequence[tuple[Growth, Object]],
    ranges: t.Sequence[Object],
    objects: t.Mapping[str, int],
    figures: dict[str, dict[str, str]],
) -> t.Iterator[str]:
    status = quota.get("status") or {}
    used = status.get("used") or {}
    scoped = bool(_scopes(quota))
    for name, text in (status.get("hard") or get(quota, ("spec", "hard"), {})).items():
        hard, now = parse(text), parse(used.get(name, 0)) or Fraction(0)
        more = _added(name, mine, ranges, {} if scoped else objects)
        if hard is None or not more:
            continue
        figures[f"{name_of(quota)}: {name}"] = {
            "hard": shown(name, hard),
            "used": shown(name, now),
            "added": shown(name, more),
        }
        if now + more > hard:
            yield (
                f"ResourceQuota '{name_of(quota)}' allows {shown(name, hard)} of {name}, {shown(name, now)} is used, "
                f"and the release adds up to {shown(name, more)}"
            )


def _added(
    name: str, mine: t.Sequence[tuple[Growth, Object]], ranges: t.Sequence[Object], objects: t.Mapping[str, int]
) -> Fraction:
    """What the release adds to one figure of a quota."""
    if name in ("pods", "count/pods"):
        return sum((growth.peak(Fraction(1), Fraction(1)) for growth, _pod in mine), Fraction(0))
    counted = name[len("count/") :] if name.startswith("count/") else name
    if counted in objects:
        return Fraction(objects[counted])
    part, resource = _resource(name)
    return sum(
        (
            growth.peak(
                taken(pod, part).get(resource, Fraction(0)),
                taken(defaulted(growth.before, ranges), part).get(resource, Fraction(0)),
            )
            for growth, pod in mine
        ),
        Fraction(0),
    )


def _resource(name: str) -> tuple[str, str]:
    part, dot, resource = name.partition(".")
    return (part, resource) if dot and part in (REQUESTS, LIMITS) else (REQUESTS, name)


def _unset(quota: Object, mine: t.Sequence[tuple[Growth, Object]]) -> t.Iterator[str]:
    """Containers that leave out what this quota counts."""
    for name in (key for key in _MUST if key in get(quota, ("spec", "hard"), {})):
        part, resource = _resource(name)
        for growth, pod in mine:
            every = [*items(pod.get("initContainers")), *items(pod.get("containers"))]
            for container in every:
                if resource not in resources(container, part):
                    yield (
                        f"ResourceQuota '{name_of(quota)}' wants {part}.{resource} of every container, and "
                        f"{growth.title} container {container.get('name')} has none"
                    )


def in_scope(quota: Object, pod: Object) -> bool:
    """Whether a quota counts this pod. One without scopes counts every pod."""
    return all(_matches(pod, *scope) for scope in _scopes(quota))


def _scopes(quota: Object) -> list[tuple[str, str, list[str]]]:
    spec = quota.get("spec") or {}
    chosen = [one for one in items(get(spec, ("scopeSelector", "matchExpressions"))) if isinstance(one, dict)]
    return [(str(name), "Exists", []) for name in items(spec.get("scopes"))] + [
        (str(one.get("scopeName")), str(one.get("operator")), [str(value) for value in items(one.get("values"))])
        for one in chosen
    ]


def _matches(pod: Object, scope: str, operator: str, values: t.Sequence[str]) -> bool:
    every = [*items(pod.get("initContainers")), *items(pod.get("containers"))]
    ends = pod.get("activeDeadlineSeconds") is not None
    bare = not any(resources(one, part).get(name) for one in every for part in (REQUESTS, LIMITS) for name in _MUST[:2])
    known = {"Terminating": ends, "NotTerminating": not ends, "BestEffort": bare, "NotBestEffort": not bare}
    if scope != "PriorityClass":
        return known.get(scope, False)
    given = str(pod.get("priorityClassName") or "")
    return {"In": given in values, "NotIn": given not in values, "Exists": bool(given)}.get(operator, not given)
