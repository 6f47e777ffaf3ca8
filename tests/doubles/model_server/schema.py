# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that fit a JSON schema, for tool arguments and for ``response_format`` (the double has no model)."""

from __future__ import annotations

from typing import Any

DEEPEST = 8


def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema: those of anyOf/oneOf, those of a list of types, or itself."""
    for word in ("anyOf", "oneOf"):
        if isinstance(schema.get(word), list) and schema[word]:
            return [branch for branch in schema[word] if isinstance(branch, dict)]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**schema, "type": kind} for kind in kinds]
    return [schema]


def allows_null(schema: dict[str, Any]) -> bool:
    """Whether null fits; HolmesGPT's strict schemas say so for every optional parameter (0.45.0, openai_formatting)."""
    return any(branch.get("type") == "null" for branch in branches(schema))


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits type and enum (no deeper check)."""
    if "enum" in schema and value not in schema["enum"]:
        return False
    return any(_fits(branch, value) for branch in branches(schema))


def _fits(branch: dict[str, Any], value: Any) -> bool:
    if "enum" in branch and value not in branch["enum"]:
        return False
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "array": (list,),
        "object": (dict,),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
        "null": (type(None),),
    }
    kind = branch.get("type")
    if kind is None:
        return True
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, kinds.get(kind, (object,)))


def sample(schema: dict[str, Any], text: str, depth: int = 0) -> Any:
    """A value that fits; ``text`` is used wherever a free text is wanted."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    branch: dict[str, Any] = next((b for b in branches(schema) if b.get("type") != "null"), {"type": "null"})
    if branch is not schema and (branch.get("enum") or "const" in branch or len(branches(branch)) > 1):
        return sample(branch, text, depth + 1)
    kind = branch.get("type") or ("object" if "properties" in branch else "string")
    if kind == "object":
        if depth > DEEPEST:
            return {}
        properties: dict[str, Any] = branch.get("properties") or {}
        return {name: sample(sub, text, depth + 1) for name, sub in properties.items()}
    if kind == "array":
        items = branch.get("items")
        wanted = int(branch.get("minItems", 0))
        return [sample(items, text, depth + 1) for _ in range(wanted)] if isinstance(items, dict) else []
    if kind in ("integer", "number"):
        return branch.get("minimum", 0)
    return True if kind == "boolean" else None if kind == "null" else text
