# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark `fleet` finds, and the same as data for a file."""

from __future__ import annotations

import statistics
import typing as t
from dataclasses import asdict, dataclass, field, fields

from tests.bench.breakdown import Breakdown, Step


@dataclass(frozen=True)
class Cost:
    """Of one run over all its hosts, in seconds, bytes and pieces.

    ``own`` is processor time of the contender's processes, ``cluster`` of the lab's, ``machine`` of everything,
    ``stolen`` what another guest of the machine below had. ``requests`` are those to the API server.
    """

    wall: float
    own: float
    cluster: float
    machine: float
    stolen: float
    memory: float
    helm: float
    requests: float

    @classmethod
    def median(cls, found: t.Sequence[Cost]) -> Cost:
        return cls(*(statistics.median(getattr(one, field.name) for one in found) for field in fields(cls)))


@dataclass(frozen=True)
class Reading:
    contender: str
    situation: str
    hosts: int
    cost: Cost


@dataclass(frozen=True)
class Found:
    readings: list[Reading] = field(default_factory=list)
    breakdowns: list[Breakdown] = field(default_factory=list)

    def data(self) -> dict[str, t.Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: t.Mapping[str, t.Any]) -> Found:
        readings = [Reading(**{**one, "cost": Cost(**one["cost"])}) for one in data["readings"]]
        return cls(
            readings,
            [Breakdown(**{**one, "steps": [_step(step) for step in one["steps"]]}) for one in data["breakdowns"]],
        )


def _step(data: t.Mapping[str, t.Any]) -> Step:
    return Step(**{**data, "checks": tuple((name, seconds) for name, seconds in data["checks"])})
