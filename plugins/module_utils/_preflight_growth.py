# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pods an installation or upgrade adds for a while or for good, and what one of them takes. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass
from fractions import Fraction

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Live
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import MIB, parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

REQUESTS, LIMITS = "requests", "limits"
Amounts = dict[str, Fraction]
# Where a workload keeps the template of its pods; a Pod is its own.
_TEMPLATES = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))


@dataclass(frozen=True)
class Growth:
    """A workload of the release. ``spec`` is its pod, ``before`` the one that runs now (empty: none).

    ``wanted`` and ``running`` are numbers of pods, ``surge`` how many more a rollout starts before it stops others.
    """

    title: str
    spec: Object
    before: Object
    wanted: int = 1
    running: int = 0
    surge: int = 0
    changed: bool = True

    def peak(self, new: Fraction, old: Fraction) -> Fraction:
        """The most that is taken at any moment beyond what is taken now, if one pod takes ``new`` and took ``old``."""
        if not self.changed:
            return max(Fraction(0), (self.wanted - self.running) * new)
        surge = min(self.surge, self.running)
        at_the_end = self.wanted * new + (surge - self.running) * old
        return max(Fraction(0), surge * new, at_the_end)

    @property
    def pods(self) -> int:
        """How many pods need room besides those that run now."""
        return int(self.peak(Fraction(1), Fraction(1)))


def growths(live: t.Sequence[Live]) -> list[Growth]:
    """Every rendered workload, compared with what runs under its name."""
    return [growth for item in live for growth in [_growth(item)] if growth]


def _growth(item: Live) -> Growth | None:
    paths: t.Sequence[tuple[str, ...]] = ((),) if item.manifest.get("kind") == "Pod" else _TEMPLATES
    for path in paths:
        new, old = get(item.manifest, path), get(item.found or {}, path)
        if isinstance(new, dict) and isinstance(new.get("spec"), dict):
            running = _number(item.found) if item.found else 0
            before = dict((old or {}).get("spec") or {})
            wanted = _number(item.manifest)
            changed = not (isinstance(old, dict) and contains(old, new))
            return Growth(item.title, new["spec"], before, wanted, running, _surge(item.manifest, wanted), changed)
    return None


def _number(workload: Object) -> int:
    """Pods of a workload. A DaemonSet counts as one, because every node has its own room for it."""
    spec = workload.get("spec") or {}
    given = spec.get("replicas", spec.get("parallelism"))
    return given if isinstance(given, int) else 1


def _surge(workload: Object, wanted: int) -> int:
    """Only a Deployment starts new pods before it stops old ones: a quarter more unless told otherwise, rounded up."""
    strategy = get(workload, ("spec", "strategy"), {})
    if workload.get("kind") != "Deployment" or get(strategy, ("type",)) == "Recreate":
        return 0
    given = get(strategy, ("rollingUpdate", "maxSurge"), "25%")
    if isinstance(given, str) and given.endswith("%"):
        share = parse(given[:-1])
        return math.ceil(wanted * share / 100) if share is not None else 0
    return given if isinstance(given, int) else 0


_EMPTY: tuple[t.Any, ...] = (None, {}, [], "", False, 0)


def contains(live: t.Any, rendered: t.Any) -> bool:
    """Whether everything rendered is in the live object, which also has what the API server added."""
    if isinstance(rendered, dict) and isinstance(live, dict):
        # The API server leaves out what is empty.
        told = {key: value for key, value in rendered.items() if key in live or value not in _EMPTY}
        return all(contains(live.get(key), value) for key, value in told.items() if value not in (None, {}, []))
    if isinstance(rendered, list) and isinstance(live, list):
        return len(live) == len(rendered) and all(map(contains, live, rendered))
    if live == rendered or str(live) == str(rendered):
        return True
    numbers = parse(live), parse(rendered)
    return numbers[0] is not None and numbers[0] == numbers[1]


def taken(spec: Object, part: str) -> Amounts:
    """Requests or limits of one pod: all containers together, or the largest of those that run before them.

    An init container with ``restartPolicy: Always`` stays, so it counts with both (Kubernetes 1.29).
    """
    stays: Amounts = {}
    before: Amounts = {}
    for container in (one for one in items(spec.get("initContainers")) if isinstance(one, dict)):
        if container.get("restartPolicy") == "Always":
            stays = _sum(stays, resources(container, part))
        else:
            now = _sum(stays, resources(container, part))
            before = {name: max(before.get(name, Fraction(0)), now.get(name, Fraction(0))) for name in {*before, *now}}
    for container in (one for one in items(spec.get("containers")) if isinstance(one, dict)):
        stays = _sum(stays, resources(container, part))
    found = {name: max(stays.get(name, Fraction(0)), before.get(name, Fraction(0))) for name in {*stays, *before}}
    overhead = {name: parse(value) or Fraction(0) for name, value in (spec.get("overhead") or {}).items()}
    return _sum(found, overhead)


def resources(container: Object, part: str) -> Amounts:
    """One container's requests or limits. What has only a limit requests as much, as the API server has it."""
    given = get(container, ("resources", part), {})
    found = dict(given) if isinstance(given, dict) else {}
    if part == REQUESTS:
        limits = get(container, ("resources", LIMITS), {})
        found = {**(limits if isinstance(limits, dict) else {}), **found}
    numbers = {str(name): parse(value) for name, value in found.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def _sum(first: Amounts, second: Amounts) -> Amounts:
    return {name: first.get(name, Fraction(0)) + second.get(name, Fraction(0)) for name in {*first, *second}}


def shown(name: str, number: Fraction) -> str:
    """An amount as people write it: 1500m cores, 2048Mi, or a plain number."""
    if name.endswith("cpu"):
        return f"{math.ceil(number * 1000)}m" if number.denominator != 1 else str(int(number))
    if name.endswith(("memory", "storage")):
        return f"{math.ceil(number / MIB)}Mi"
    return str(math.ceil(number))
