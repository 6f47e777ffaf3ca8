# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategies for what people and programs put into values: anything at all, and good values with something wrong."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from hypothesis import strategies as st

from tests.property.samples import KEYS, NUMBERS, RICH, TRICKY, Values
from tests.unit.fixtures.values_world import GUIDE, GUIDE_SECRETS, NEW, OLD, chart

Path = tuple[t.Any, ...]

texts = st.one_of(st.sampled_from(TRICKY), st.sampled_from(KEYS), st.text(max_size=12))
numbers = st.one_of(st.sampled_from(NUMBERS), st.integers(), st.floats())
scalars: st.SearchStrategy[t.Any] = st.one_of(st.none(), st.booleans(), numbers, texts)
keys = st.one_of(st.sampled_from(KEYS), texts)
# What JSON can carry, as Ansible hands it to a module.
anything: st.SearchStrategy[t.Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
mapping = st.dictionaries(keys, anything, max_size=3)


def _guide() -> Values:
    first, second = (_yaml_text.load_mapping(text, "guide")[0] for text in (GUIDE, GUIDE_SECRETS))
    return {**first, "toolsets": {}, "initContainers": [], "podAnnotations": {}, "more": second}


BASES: tuple[Values, ...] = (_guide(), RICH, chart(NEW).values, chart(OLD).values)


def places(data: t.Any, path: Path = ()) -> list[Path]:
    """Every place of a structure except its top."""
    found: list[Path] = [path] if path else []
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        found += places(value, (*path, key))
    return found


def parent(data: t.Any, path: Path) -> t.Any:
    for key in path[:-1]:
        data = data[key]
    return data


@st.composite
def mutated(draw: st.DrawFn, most: int = 4) -> Values:
    """Values in which up to ``most`` things were dropped, renamed, replaced, wrapped, doubled or added."""
    return spoiled(draw, draw(st.sampled_from(BASES)), most)


def spoiled(draw: st.DrawFn, good: Values, most: int = 4) -> Values:
    data = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, most))):
        found = places(data)
        if found:
            path = draw(st.sampled_from(found))
            _break(draw, parent(data, path), path[-1])
    return data


def _break(draw: st.DrawFn, where: t.Any, key: t.Any) -> None:
    how = draw(st.sampled_from(("replace", "replace", "add", "add", "drop", "rename", "wrap", "double")))
    if how == "drop":
        del where[key]
    elif how == "replace":
        where[key] = draw(anything)
    elif how == "wrap":
        where[key] = draw(st.sampled_from(([where[key]], {"name": where[key]}, {"value": where[key]}, str(where[key]))))
    elif isinstance(where, list):
        where.append(copy.deepcopy(where[key]) if how == "double" else draw(anything))
    elif how == "rename":
        where[draw(keys)] = where.pop(key)
    else:
        where[draw(keys)] = copy.deepcopy(where[key]) if how == "double" else draw(anything)


@st.composite
def broken_text(draw: st.DrawFn) -> str:
    """A values file in which lines or characters are gone, doubled or wrong: often no YAML any more."""
    lines = draw(st.sampled_from((GUIDE, GUIDE_SECRETS, f"{GUIDE}\n{GUIDE_SECRETS}"))).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1)) if lines else 0
        how = draw(st.sampled_from(("drop", "double", "indent", "insert", "cut", "append", "value")))
        line = lines[at] if lines else ""
        new = {
            "drop": [],
            "double": [line, line],
            "indent": [draw(st.sampled_from((" ", "  ", "\t", "- "))) + line],
            "insert": [line, draw(texts)],
            "cut": [line[: draw(st.integers(0, len(line)))]],
            "append": [line + draw(texts)],
            "value": [f"{line.partition(':')[0]}: {draw(texts)}"],
        }[how]
        lines[at : at + 1] = new
    return "\n".join(lines)
