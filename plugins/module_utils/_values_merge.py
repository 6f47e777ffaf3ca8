# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Merging of values: maps merge, lists of named entries merge by name, everything else is replaced.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Helm replaces lists. For the environment that loses entries: the guide's Secret section as a second file drops
OPENAI_API_BASE and the server dies at start (facts: real run, 9). So those lists merge by name here.
"""

from __future__ import annotations

import copy
import typing as t

Values = dict[str, t.Any]
Path = tuple[str, ...]

ENV_LISTS: tuple[Path, ...] = (("additionalEnvVars",), ("additional_env_vars",))
NAMED_LISTS: tuple[Path, ...] = (*ENV_LISTS, ("imagePullSecrets",), ("serviceAccount", "imagePullSecrets"))


def merge(base: Values, over: Values, path: Path = ()) -> Values:
    """``over`` on top of ``base``; neither is changed. None stays: it makes Helm drop the chart's default."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        here, current = (*path, key), result.get(key)
        if isinstance(value, dict) and isinstance(current, dict):
            result[key] = merge(current, value, here)
        elif here in NAMED_LISTS and isinstance(value, list) and isinstance(current, list):
            result[key] = merge_named(current, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def merge_named(base: list[t.Any], over: list[t.Any]) -> list[t.Any]:
    """Entries of ``over`` take the place of those with the same ``name``; new ones follow."""
    result = copy.deepcopy(base)
    place = {item["name"]: index for index, item in enumerate(result) if _named(item)}
    for item in copy.deepcopy(over):
        if _named(item) and item["name"] in place:
            result[place[item["name"]]] = item
        else:
            result.append(item)
    return result


def _named(item: t.Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def get(values: t.Any, path: t.Sequence[str], default: t.Any = None) -> t.Any:
    """The value at a path of keys, or ``default`` if any part of it is missing."""
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return default
        values = values[key]
    return values


def has(values: t.Any, path: t.Sequence[str]) -> bool:
    missing = object()
    return get(values, path, missing) is not missing


def put(values: Values, path: t.Sequence[str], value: t.Any) -> None:
    """Set the value at a path, in place; what is in the way and is no map is replaced."""
    for key in path[:-1]:
        if not isinstance(values.get(key), dict):
            values[key] = {}
        values = values[key]
    values[path[-1]] = value


def items(value: t.Any) -> list[t.Any]:
    """The value if it is a list; of anything else, such as a text where a list belongs, nothing."""
    return value if isinstance(value, list) else []


def env_entries(values: Values) -> list[dict[str, t.Any]]:
    """The well-formed entries of both environment lists, in the order in which the chart renders them."""
    return [item for path in ENV_LISTS for item in items(get(values, path)) if _named(item)]


def env_entry(values: Values, name: str) -> dict[str, t.Any] | None:
    """The entry that wins for a name: Kubernetes takes the last."""
    found = [item for item in env_entries(values) if item["name"] == name]
    return found[-1] if found else None


def env_literal(values: Values, name: str) -> str | None:
    """The text of a variable, or None if it is absent or comes from elsewhere."""
    value = (env_entry(values, name) or {}).get("value")
    return value if isinstance(value, str) else None


def strings(data: t.Any, path: Path = ()) -> t.Iterator[tuple[Path, str]]:
    """Every text in a structure with its path; indexes of lists are written as text."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from strings(value, (*path, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from strings(value, (*path, str(index)))


def normalised(data: t.Any) -> t.Any:
    """Data as it comes back from Helm: keys are text, 1.0 is 1, tuples are lists."""
    if isinstance(data, dict):
        return {str(key): normalised(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [normalised(value) for value in data]
    if isinstance(data, float):
        return plain(data)
    return str(data) if isinstance(data, str) else data


def plain(number: float) -> int | float:
    """A number as it comes back from Helm: 1.0 is 1."""
    return int(number) if abs(number) < 2**53 and int(number) == number else number
