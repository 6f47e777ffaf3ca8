# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields, names and references, the same for every kind."""

from __future__ import annotations

import typing as t
from collections import Counter

from ._kinds import BOOL, INT, KINDS, LAUNCHED, LIST, MAPPING, TEXT
from ._world import Entry, Finding, World

_PYTHON: t.Mapping[str, type] = {BOOL: bool, INT: int, TEXT: str, LIST: list, MAPPING: dict}


def fields(world: World) -> t.Iterator[Finding]:
    """Every field is known and of its type, and none that is needed misses."""
    for entry in world.entries:
        kind = KINDS[entry.kind]
        for name, value in entry.data.items():
            wanted = kind.fields.get(name)
            if wanted is None:
                known = ", ".join(sorted(kind.fields))
                yield entry.wrong(f"'{name}' is no field that the playbook hands on.", f"Choose from {known}.")
            elif not _is(value, wanted):
                yield entry.wrong(f"'{name}' is not {wanted}.", f"Write {wanted}.")
        for name in kind.required:
            if entry.data.get(name) in (None, "", {}):
                yield entry.wrong(f"'{name}' is missing or empty.", "Give it a value.")


def _is(value: t.Any, wanted: str) -> bool:
    if wanted == LIST:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, _PYTHON[wanted]) and not (wanted == INT and isinstance(value, bool))


def unique_names(world: World) -> t.Iterator[Finding]:
    """AWX finds objects by name; what can be launched shares one list of names."""
    for group in ([kind] for kind in KINDS if kind not in LAUNCHED):
        yield from _twice([entry for kind in group for entry in world.of(kind)])
    yield from _twice([entry for kind in LAUNCHED for entry in world.of(kind)])


def _twice(entries: list[Entry]) -> t.Iterator[Finding]:
    counted = Counter(entry.name for entry in entries)
    for entry in entries:
        if counted[entry.name] > 1:
            counted[entry.name] = 0
            yield entry.wrong("this name stands twice, and AWX finds objects by name.", "Rename one of them.")


def numeric_names(world: World) -> t.Iterator[Finding]:
    """``awx.awx`` takes a name of digits for an id as well."""
    for entry in world.entries:
        name = entry.data.get("name")
        if isinstance(name, str) and (name.isdigit() or "++" in name):
            yield entry.wrong(
                "awx.awx takes such a name for an id or a path.", "Use a name with letters and without '++'."
            )


def references(world: World) -> t.Iterator[Finding]:
    """What is named exists in these files."""
    for entry in world.entries:
        for name, kind in KINDS[entry.kind].references.items():
            value = entry.data.get(name)
            for wanted in value if isinstance(value, list) else [value]:
                if isinstance(wanted, str) and wanted and wanted not in world.names(kind):
                    known = ", ".join(sorted(world.names(kind))) or "none"
                    yield entry.wrong(f"{name} names '{wanted}', which is not in objects/.", f"There is: {known}.")
    for entry in world.of("schedules"):
        wanted = entry.data.get("template")
        if wanted and wanted not in world.names("job_templates") | world.names("workflows"):
            yield entry.wrong(
                f"template names '{wanted}', which is not in objects/.", "Name a job template or a workflow."
            )


RULES = (fields, unique_names, numeric_names, references)
