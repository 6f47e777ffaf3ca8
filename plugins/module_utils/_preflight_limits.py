# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LimitRanges of a namespace: the defaults they add to a pod, and the bounds they set. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import copy
import typing as t
from fractions import Fraction

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_growth import (
    LIMITS,
    REQUESTS,
    Amounts,
    resources,
    shown,
    taken,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

_LISTS = ("initContainers", "containers")


def defaulted(spec: Object, ranges: t.Sequence[Object]) -> Object:
    """The pod as the API server completes it: first a request for every limit, then the defaults of the LimitRanges."""
    pod = copy.deepcopy(spec)
    for container in _containers(pod):
        given = container.get("resources") or {}
        limits = dict(given.get(LIMITS) or {})
        requests = {**limits, **(given.get(REQUESTS) or {})}
        for _name, entry in _entries(ranges, "Container"):
            requests = {**(entry.get("defaultRequest") or {}), **requests}
            limits = {**(entry.get("default") or {}), **limits}
        container["resources"] = {REQUESTS: requests, LIMITS: limits}
    return pod


def broken(pod: Object, ranges: t.Sequence[Object]) -> list[str]:
    """Every bound that a completed pod breaks, as a sentence without its full stop."""
    found: list[str] = []
    for name, entry in _entries(ranges, "Container"):
        for container in _containers(pod):
            amounts = resources(container, REQUESTS), resources(container, LIMITS)
            found += _outside(name, f"container {container.get('name')}", entry, *amounts)
    for name, entry in _entries(ranges, "Pod"):
        found += _outside(name, "the pod", entry, taken(pod, REQUESTS), taken(pod, LIMITS))
    return found


def _outside(name: str, who: str, entry: Object, requests: Amounts, limits: Amounts) -> t.Iterator[str]:
    told = f"LimitRange '{name}'"
    for resource, bound in _numbers(entry, "min"):
        if resource not in requests:
            yield f"{told} wants a request of {resource} of {who}"
        elif requests[resource] < bound:
            yield f"{told} wants {shown(resource, bound)} or more {resource} for {who}, which requests " + shown(
                resource, requests[resource]
            )
    for resource, bound in _numbers(entry, "max"):
        if resource not in limits:
            yield f"{told} wants a limit of {resource} of {who}"
        elif limits[resource] > bound:
            yield f"{told} allows {shown(resource, bound)} {resource} for {who}, whose limit is " + shown(
                resource, limits[resource]
            )
    for resource, bound in _numbers(entry, "maxLimitRequestRatio"):
        if not requests.get(resource) or resource not in limits:
            yield f"{told} wants a request and a limit of {resource} of {who}"
        elif limits[resource] / requests[resource] > bound:
            ratio = float(limits[resource] / requests[resource])
            yield f"{told} allows a limit of {resource} up to {float(bound):g} times the request, {who} has {ratio:g}"


def _numbers(entry: Object, key: str) -> list[tuple[str, Fraction]]:
    found = [(str(name), parse(value)) for name, value in (entry.get(key) or {}).items()]
    return [(name, number) for name, number in found if number is not None]


def _entries(ranges: t.Sequence[Object], kind: str) -> list[tuple[str, Object]]:
    return [
        (name_of(one), entry)
        for one in ranges
        for entry in items(get(one, ("spec", "limits")))
        if isinstance(entry, dict) and entry.get("type") == kind
    ]


def _containers(pod: Object) -> list[Object]:
    return [one for key in _LISTS for one in items(pod.get(key)) if isinstance(one, dict)]
