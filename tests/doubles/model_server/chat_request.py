# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a chat request, in vLLM's order and words, and what the double reads out of it.

Facts: ``vllm/entrypoints/openai/chat_completion/protocol.py`` (tool_choice and stream_options validators; an empty
``tools`` list is refused by current versions), ``vllm/sampling_params.py`` ("max_tokens must be at least 1").
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .errors import CURRENT, Refusal, invalid
from .questions import asked
from .tokens import content_text

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
USAGE = 'Correct usage: `{"type": "function", "function": {"name": "my_function"}}`'


@dataclass(frozen=True)
class Conversation:
    """The question, and the tool calls made for it since: (name, arguments, result text or None)."""

    question: str
    calls: list[tuple[str, dict[str, Any], str | None]]


def parse_json(raw: bytes, content_type: str) -> dict[str, Any]:
    """The body of a request. Raises Refusal as FastAPI does for a body that is no JSON object."""
    if content_type.split(";", 1)[0].strip().lower() != "application/json":
        text = "Unsupported Media Type: Only 'application/json' is allowed"
        raise Refusal(400, f"1 validation error:\n  {text}", "Bad Request")
    try:
        body = json.loads(raw or b"")
    except ValueError as error:
        place = getattr(error, "pos", 0)
        raise invalid((place,), "JSON decode error", "json_invalid", {}) from None
    if not isinstance(body, dict):
        raise invalid((), "Input should be a valid dictionary", "dict_type", body)
    return body


def check(body: dict[str, Any], version: str) -> None:
    """Raise Refusal for what vLLM's request validation refuses."""
    messages = body.get("messages")
    if messages is None:
        raise invalid(("messages",), "Field required", "missing", {})
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise invalid(("messages",), "Input should be a valid list", "list_type", messages)
    for index, message in enumerate(messages):
        if message.get("role") not in ROLES:
            expected = "Input should be " + " or ".join(f"'{role}'" for role in ROLES)
            raise invalid(("messages", index, "role"), expected, "literal_error", message.get("role"))
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise invalid((name,), "Input should be a valid integer", "int_type", value)
        if value is not None and value < 1:
            raise Refusal(400, f"{name} must be at least 1, got {value}.", param=name if version == CURRENT else None)
    if body.get("stream_options") and not body.get("stream"):
        raise invalid((), "Stream options can only be defined when `stream=True`.")
    _check_tools(body, version)


def _check_tools(body: dict[str, Any], version: str) -> None:
    tools = body.get("tools")
    if tools == [] and version == CURRENT:
        raise invalid((), "`tools` must not be an empty array. Provide at least one tool or omit the field entirely.")
    if tools is not None:
        if not isinstance(tools, list):
            raise invalid(("tools",), "Input should be a valid list", "list_type", tools)
        for index, tool in enumerate(tools):
            function = tool.get("function") if isinstance(tool, dict) else None
            if not isinstance(function, dict) or not isinstance(function.get("name"), str):
                raise invalid(("tools", index, "function", "name"), "Field required", "missing", {})
    choice = body.get("tool_choice")
    if choice is None or choice == "none":
        return
    if not tools:
        raise invalid((), "When using `tool_choice`, `tools` must be set.")
    if isinstance(choice, dict):
        _check_named(choice, tools)
    elif choice not in ("auto", "required"):
        allowed = 'Only named tools, "none", "auto" or "required" are supported.'
        raise invalid((), f"Invalid value for `tool_choice`: {choice}! {allowed}")


def _check_named(choice: dict[str, Any], tools: list[dict[str, Any]]) -> None:
    function = choice.get("function")
    if not isinstance(function, dict):
        raise invalid((), f"Invalid value for `function`: `{function}` in `tool_choice`! {USAGE}")
    if "name" not in function:
        raise invalid((), f"Expected field `name` in `function` in `tool_choice`! {USAGE}")
    if not any(tool["function"]["name"] == function["name"] for tool in tools):
        raise invalid((), "The tool specified in `tool_choice` does not match any of the specified `tools`")


def converse(messages: list[dict[str, Any]]) -> Conversation:
    """The last thing the user asked, and the calls and results after it."""
    start, question = 0, ""
    for index, message in enumerate(messages):
        text = asked(content_text(message.get("content"))) if message["role"] == "user" else ""
        if text:
            start, question = index, text
    results = {m.get("tool_call_id"): content_text(m.get("content")) for m in messages[start:] if m["role"] == "tool"}
    calls = []
    for message in messages[start:]:
        for call in message.get("tool_calls") or []:
            function = call.get("function") or {}
            calls.append((str(function.get("name")), _arguments(function), results.get(call.get("id"))))
    return Conversation(question, calls)


def _arguments(function: dict[str, Any]) -> dict[str, Any]:
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except (TypeError, ValueError):
        return {}
    return arguments if isinstance(arguments, dict) else {}
