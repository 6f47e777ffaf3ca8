# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a lock, in words, and whether that run is still at work. Pure.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A holder is a mapping of texts, each of which may be empty: ``host`` (the control node), ``boot`` (its kernel's boot
id), ``pidns``, ``pid`` and ``started`` (the process of ansible-playbook), ``user``, ``inventory_host``, ``job`` (AWX).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

FIELDS = ("host", "boot", "pidns", "pid", "started", "user", "inventory_host", "job")
# What names one process for all time.
PROCESS = ("boot", "pidns", "pid", "started")

GONE, ALIVE, UNKNOWN = "gone", "alive", "unknown"

Holder = dict[str, str]
# Whether the process with this id and start still lives on this machine.
Alive = t.Callable[[str, str], bool]


@dataclass(frozen=True)
class Judgement:
    """``state`` is gone, alive or unknown; ``why`` is a sentence."""

    state: str
    why: str


def holder_of(given: t.Any) -> Holder:
    """The mapping with every field as text, whatever was given."""
    given = given if isinstance(given, t.Mapping) else {}
    return {name: str(given.get(name) or "") for name in FIELDS}


def told(holder: t.Mapping[str, str]) -> str:
    """Part of a sentence: who it is."""
    who = f"{holder.get('user') or 'somebody'}@{holder.get('host') or 'an unknown host'}"
    parts = [f"AWX job {holder['job']}"] if holder.get("job") else []
    parts += [who, f"process {holder['pid']}"] if holder.get("pid") else [who]
    parts += [f"inventory host {holder['inventory_host']}"] if holder.get("inventory_host") else []
    return ", ".join(parts)


def is_same(holder: t.Mapping[str, str], other: t.Mapping[str, str]) -> bool:
    """Whether both are the same run, working for the same host of the inventory."""
    return bool(holder_of(holder)["host"]) and holder_of(holder) == holder_of(other)


def judge(holder: t.Mapping[str, str], here: t.Mapping[str, str], alive: Alive) -> Judgement:
    """Whether the holder is still at work, as far as the machine of ``here`` can know it.

    Only who shares its kernel's boot and its process ids can look; a namespace's name is unique as long as it lives.
    """
    held, ours = holder_of(holder), holder_of(here)
    if not all(held[key] for key in PROCESS) or any(held[key] != ours[key] for key in ("boot", "pidns")):
        return Judgement(UNKNOWN, "Whether it still runs cannot be seen from here.")
    if all(held[key] == ours[key] for key in PROCESS) and held["inventory_host"] != ours["inventory_host"]:
        why = (
            f"It is host '{held['inventory_host']}' of this same run: two hosts of the inventory are one installation."
        )
        return Judgement(ALIVE, why)
    if alive(held["pid"], held["started"]):
        return Judgement(ALIVE, f"Its process {held['pid']} is alive.")
    return Judgement(GONE, f"Its process {held['pid']} is gone.")
