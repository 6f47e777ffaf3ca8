# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources: the documentation of the modules and the list of the role's variables."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
VARIABLES = Path(__file__).with_name("variables.yml")
EMPTY = {"list": [], "dict": {}}

Option = dict[str, t.Any]


@cache
def options(module: str) -> dict[str, Option]:
    """The options of a module as its DOCUMENTATION has them."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return t.cast("dict[str, Option]", yaml.safe_load(ast.literal_eval(node.value))["options"])
    raise LookupError(f"{module} has no DOCUMENTATION")


@dataclass(frozen=True)
class Variable:
    """One variable of the role. ``of`` is ``module.option[.suboption]``, or empty if only the role knows it."""

    name: str
    of: str
    option: Option
    example: t.Any = None

    @property
    def default(self) -> t.Any:
        return self.option.get("default", EMPTY.get(self.option["type"], ""))


@dataclass(frozen=True)
class Section:
    title: str
    variables: list[Variable]


@cache
def sections() -> list[Section]:
    read = yaml.safe_load(VARIABLES.read_text(encoding="utf-8"))
    return [
        Section(part["section"], [_variable(name, given) for name, given in part["variables"].items()]) for part in read
    ]


def names() -> dict[str, str]:
    """Module option (``holmes_values.llm.api_base``) to the role's variable."""
    return {variable.of: variable.name for section in sections() for variable in section.variables if variable.of}


def _variable(name: str, given: Option) -> Variable:
    given = dict(given)
    of, example = given.pop("of", ""), given.pop("example", None)
    documented = _documented(of) if of else {}
    merged = {key: value for key, value in {**documented, **given}.items() if key not in ("suboptions", "required")}
    return Variable(name, of, merged, example)


def _documented(of: str) -> Option:
    module, *path = of.split(".")
    found = options(module)[path[0]]
    for step in path[1:]:
        found = found["suboptions"][step]
    return found
