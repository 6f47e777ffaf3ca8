# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of a tool call fit the tool's JSON schema, as far as the probe's own tools need it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def misfit(schema: t.Mapping[str, t.Any], value: t.Any, name: str = "arguments") -> str:
    """What of the value does not fit, as the end of a sentence; an empty text if all fits."""
    branches = schema.get("anyOf")
    if branches:
        problems = [misfit(branch, value, name) for branch in branches]
        return "" if "" in problems else problems[0]
    kind: str = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return f"{name} must be of type {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{name} must be one of {', '.join(map(str, schema['enum']))}"
    if kind == "object":
        return _members(schema, value, name)
    if kind == "array":
        problems = [misfit(schema["items"], item, f"{name}[]") for item in t.cast("list[t.Any]", value)]
        return next(filter(None, problems), "")
    return ""


def _members(schema: t.Mapping[str, t.Any], value: t.Any, name: str) -> str:
    properties = schema["properties"]
    # What may be null may be left out as well: HolmesGPT checks nothing and takes it for null (0.45.0).
    required = schema.get("required", [])
    missing = [key for key in required if key not in value and not _nullable(properties.get(key, {}))]
    if missing:
        return f"{name} lacks {', '.join(missing)}"
    unknown = [str(key)[:40] for key in value if key not in properties]
    if unknown:
        return f"{name} has {', '.join(unknown)}, which the tool does not take"
    given = {key: item for key, item in value.items() if item is not None or key in required}
    return next((found for key, item in given.items() if (found := misfit(properties[key], item, key))), "")


def _nullable(schema: t.Mapping[str, t.Any]) -> bool:
    return any(branch.get("type") == "null" for branch in schema.get("anyOf", ()))
