# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects, inventory sources, job templates and schedules."""

from __future__ import annotations

import re
import typing as t
from pathlib import PurePosixPath

from ._world import Entry, Finding, World

PLANNING = "site.yml"
_START = re.compile(r"DTSTART(;TZID=[A-Za-z_]+(/[A-Za-z_+\-0-9]+)*:\d{8}T\d{6}|:\d{8}T\d{6}Z)( |\Z)")


def projects(world: World) -> t.Iterator[Finding]:
    """A template is made before the project was first fetched."""
    for entry in world.of("projects"):
        if entry.data.get("allow_override") is not True:
            yield entry.wrong(
                "AWX refuses templates of a project that it has not fetched yet.", "Set allow_override: true."
            )
        if re.search(r"//[^/@]*:[^/@]*@", str(entry.data.get("scm_url"))):
            yield entry.wrong("scm_url holds a password.", "Use a credential of the type Source Control.")


def playbooks(world: World) -> t.Iterator[Finding]:
    """The playbook is one of this collection."""
    for entry in world.of("job_templates"):
        name = str(entry.data.get("playbook"))
        if not _inside(name) or not (world.root / name).is_file():
            there = ", ".join(sorted(f"playbooks/{path.name}" for path in (world.root / "playbooks").glob("*.yml")))
            yield entry.wrong(f"there is no playbook '{name}'.", f"Choose from {there}.")
    for entry in world.of("inventory_sources"):
        name = str(entry.data.get("source_path"))
        of_collection = {template.data.get("project") for template in world.of("job_templates")}
        own = entry.data.get("source_project") in of_collection
        if not _inside(name) or (own and not (world.root / name).exists()):
            yield entry.wrong(
                f"there is no inventory '{name}' in the project.", "Give its path from the root of the checkout."
            )


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def job_types(world: World) -> t.Iterator[Finding]:
    """AWX knows two."""
    for entry in world.of("job_templates"):
        if entry.data.get("job_type") not in ("run", "check"):
            yield entry.wrong(f"'{entry.data.get('job_type')}' is no job_type.", "Use run or check.")


def credentials(world: World) -> t.Iterator[Finding]:
    """AWX refuses two credentials of one type, but for vaults of different names."""
    for entry in world.of("job_templates"):
        seen: dict[str, str] = {}
        for name in entry.data.get("credentials") or []:
            credential = world.one("credentials", name)
            kind = str(credential.data.get("credential_type")) if credential else ""
            if kind in seen and kind != "Vault":
                yield entry.wrong(f"'{seen[kind]}' and '{name}' are both of the type '{kind}'.", "Keep one of them.")
            if kind:
                seen.setdefault(kind, str(name))


def sliced(entry: Entry | None) -> bool:
    count = entry.data.get("job_slice_count", 1) if entry else 1
    return isinstance(count, int) and count > 1


def slices(world: World) -> t.Iterator[Finding]:
    """A limit applies after slicing: a slice without any of its hosts fails."""
    for entry in world.of("job_templates"):
        count = entry.data.get("job_slice_count", 1)
        if isinstance(count, int) and count < 1:
            yield entry.wrong(f"job_slice_count is {count}.", "Use 1 for one job.")
        if not sliced(entry):
            continue
        if entry.data.get("limit"):
            yield entry.wrong("with a limit some slices have no host, and fail.", "Choose clusters by holmes_hosts.")
        asks = entry.data.get("ask_limit_on_launch") is True
        if asks and entry.data.get("ask_job_slice_count_on_launch") is not True:
            yield entry.wrong(
                "it asks for a limit and not for slices, and a limit leaves slices without a host.",
                "Set ask_job_slice_count_on_launch: true, so that one can launch it with 1.",
            )


def plans(world: World) -> t.Iterator[Finding]:
    """Of slices, AWX hands on the artifacts of the last one only."""
    for entry in world.of("job_templates"):
        planning = (
            entry.data.get("job_type") == "check" and PurePosixPath(str(entry.data.get("playbook"))).name == PLANNING
        )
        if planning and (sliced(entry) or entry.data.get("ask_job_slice_count_on_launch") is True):
            yield entry.wrong(
                "slices would overwrite each other's holmes_plans.",
                "Set job_slice_count: 1 and ask_job_slice_count_on_launch: false.",
            )


def schedules(world: World) -> t.Iterator[Finding]:
    """Written out: the lookup for rules breaks on newer cores."""
    for entry in world.of("schedules"):
        rule = str(entry.data.get("rrule"))
        if "{{" in rule:
            yield entry.wrong(
                "the rule is made by a template.", "Write it out: DTSTART;TZID=UTC:... RRULE:FREQ=DAILY;INTERVAL=1."
            )
            continue
        if not _START.match(rule) or rule.count("DTSTART") != 1:
            yield entry.wrong(
                "the rule has no start with a time zone.", "Begin with DTSTART;TZID=Europe/Berlin:20260101T030000."
            )
        if rule.count("RRULE:") != 1 or "FREQ=" not in rule or "SECONDLY" in rule:
            yield entry.wrong("the rule has no frequency that AWX takes.", "Add RRULE:FREQ=DAILY;INTERVAL=1.")
        if not re.search(r"INTERVAL=\d+(;|\Z)", rule):
            yield entry.wrong("the rule has no INTERVAL.", "Add ;INTERVAL=1.")


RULES = (projects, playbooks, job_types, credentials, slices, plans, schedules)
