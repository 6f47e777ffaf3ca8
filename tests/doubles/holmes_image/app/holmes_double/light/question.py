# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the body of POST /api/chat; the 422 bodies have the shape that FastAPI gives (DOUBLE)."""

from __future__ import annotations

import json
from typing import Any

Refusal = dict[str, Any]
_TYPES: dict[str, tuple[type | tuple[type, ...], str, str]] = {
    "model": (str, "string_type", "Input should be a valid string"),
    "stream": (bool, "bool_parsing", "Input should be a valid boolean, unable to interpret input"),
    "conversation_history": (list, "list_type", "Input should be a valid list"),
    "additional_system_prompt": (str, "string_type", "Input should be a valid string"),
}
_OPTIONAL = {"model", "conversation_history", "additional_system_prompt"}


def read(data: bytes) -> tuple[dict[str, Any], list[Refusal]]:
    """The question and what is wrong with it. Blank questions are fine, as in the real server."""
    try:
        body = json.loads(data)
    except ValueError as error:
        reason = {"error": str(error).partition(":")[0]}
        return {}, [_refusal("json_invalid", ["body", getattr(error, "pos", 0)], "JSON decode error", {}, ctx=reason)]
    if not isinstance(body, dict):
        text = "Input should be a valid dictionary or object to extract fields from"
        return {}, [_refusal("model_attributes_type", ["body"], text, body)]
    history = body.get("conversation_history")
    if history and isinstance(history, list) and isinstance(history[0], dict) and history[0].get("role") != "system":
        text = "Value error, The first item in conversation_history must contain 'role': 'system'"
        return {}, [_refusal("value_error", ["body"], text, body, ctx={"error": {}})]
    return body, _fields(body)


def _fields(body: dict[str, Any]) -> list[Refusal]:
    found = []
    if "ask" not in body:
        found.append(_refusal("missing", ["body", "ask"], "Field required", body))
    elif not isinstance(body["ask"], str):
        found.append(_refusal("string_type", ["body", "ask"], "Input should be a valid string", body["ask"]))
    for name, (kind, code, text) in _TYPES.items():
        value = body.get(name)
        if name not in body or (value is None and name in _OPTIONAL) or isinstance(value, kind):
            continue
        found.append(_refusal(code, ["body", name], text, value))
    return found


def _refusal(code: str, where: list[str | int], text: str, given: Any, **more: Any) -> Refusal:
    return {"type": code, "loc": where, "msg": text, "input": given, **more}
