# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules look at: the objects as they are written, with the site's settings filled in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One mistake: where, what is wrong, how to mend it."""

    file: str
    name: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}: {self.name}: {self.problem} {self.fix}"


class Unsafe(str):
    """Text marked ``!unsafe``: Ansible hands it on as it is."""


class Template(str):
    """Text that Ansible fills in and that the validator does not know: a lookup."""


@dataclass(frozen=True)
class Entry:
    """One object of a file."""

    kind: str
    file: str
    data: dict[str, t.Any]

    @property
    def name(self) -> str:
        own = self.data.get("name")
        if self.kind == "workflow_nodes":
            own = f"{self.data.get('workflow')} / {self.data.get('identifier')}"
        return str(own or "an object without a name")

    def wrong(self, problem: str, fix: str) -> Finding:
        return Finding(self.file, self.name, problem, fix)


@dataclass(frozen=True)
class Variable:
    """A variable that a play reads, with the type that it is meant to have."""

    name: str
    type: str = "str"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """All objects, and what the collection offers."""

    entries: tuple[Entry, ...]
    variables: t.Mapping[str, Variable]
    root: Path

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def names(self, kind: str) -> set[str]:
        return {entry.name for entry in self.of(kind)}

    def one(self, kind: str, name: t.Any) -> Entry | None:
        return next((entry for entry in self.of(kind) if entry.name == name), None)


Rule = t.Callable[[World], t.Iterator[Finding]]
