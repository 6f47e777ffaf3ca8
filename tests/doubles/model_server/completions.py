# SPDX-License-Identifier: GPL-3.0-or-later
"""What the double answers to a chat request: a tool call, text, or a refusal (a double of vLLM; there is no model)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import answers, chat_request, errors, schema, tokens, toolpick
from .message import Completion, Message
from .questions import Need, find_needs

BROKEN_AT = 0.6
# Takes the options of a fault if it is on for this request, counting it; see Faults.take.
Take = Callable[[str], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Served:
    """What is served to this request, after the faults: model name, context length, vLLM version."""

    model: str
    max_model_len: int
    version: str


def complete(body: dict[str, Any], served: Served, take: Take) -> Completion:
    """Answer a chat request. Raises Refusal. The order of the checks is vLLM's."""
    chat_request.check(body, served.version)
    strict = [i for i, tool in enumerate(body.get("tools") or []) if "strict" in tool["function"]]
    if strict and take("refuse_strict") is not None:
        raise errors.strict_refused(strict)
    name = body.get("model")
    if name and name != served.model:
        raise errors.unknown_model(str(name), served.version)
    choice = _choice(body)
    if choice != "none" and take("no_auto_tools") is not None:
        raise errors.Refusal(400, _no_parser(choice))
    prompt, limit, wanted = tokens.of_prompt(body), served.max_model_len, _output_tokens(body)
    refusal = errors.context_refusal(served.version, limit, prompt, *wanted)
    if refusal:
        raise refusal
    message = _cut(_message(body, choice, take), min(wanted[0] or limit, limit - prompt))
    generated = max(1, tokens.estimate(message.raw()))
    return Completion(message, served.model, prompt, generated, int(time.time()), f"chatcmpl-{uuid.uuid4().hex}")


def _choice(body: dict[str, Any]) -> Any:
    """tool_choice as it counts: absent means auto with tools and none without."""
    return body.get("tool_choice") or ("auto" if body.get("tools") else "none")


def _no_parser(choice: Any) -> str:
    if choice == "auto":
        return errors.AUTO_TOOLS
    what = f'"{choice}"' if isinstance(choice, str) else f'function "{choice["function"]["name"]}"'
    return f"tool_choice={what} requires --tool-call-parser to be set"


def _output_tokens(body: dict[str, Any]) -> tuple[int | None, str]:
    """The output tokens asked for, and the name of the parameter that asked."""
    if body.get("max_completion_tokens") is not None:
        return body["max_completion_tokens"], "max_completion_tokens"
    return body.get("max_tokens"), "max_tokens"


def _message(body: dict[str, Any], choice: Any, take: Take) -> Message:
    talk = chat_request.converse(body["messages"])
    needs = find_needs(talk.question)
    tools: list[dict[str, Any]] = body.get("tools") or []
    json_schema = _json_schema(body)
    if isinstance(choice, dict):
        tool = next(t for t in tools if t["function"]["name"] == choice["function"]["name"])
        call = (str(tool["function"]["name"]), toolpick.fill(tool, needs[0] if needs else None, force=True) or {})
        return Message("", _calls([call], take), "stop")
    if choice == "required":
        return Message("", _calls([_any_call(needs, tools)], take), "tool_calls")
    open_needs = needs[len(talk.calls) :] if choice == "auto" else []
    calls = [picked for need in open_needs if (picked := toolpick.pick(need, tools))]
    if body.get("parallel_tool_calls") is False:
        calls = calls[:1]
    if calls and json_schema is not None and take("json_no_tools") is not None:
        calls = []
    if calls and take("prose") is not None:
        return Message(_suggest(open_needs))
    if calls:
        return Message(None, _calls(calls, take), "tool_calls")
    text = _text(talk, needs, take)
    return Message(text if json_schema is None else json.dumps(schema.sample(json_schema, text), ensure_ascii=False))


def _any_call(needs: list[Need], tools: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    picked = next((call for need in needs if (call := toolpick.pick(need, tools))), None)
    return picked or (str(tools[0]["function"]["name"]), toolpick.fill(tools[0], None, force=True) or {})


def _calls(calls: list[tuple[str, dict[str, Any]]], take: Take) -> list[dict[str, Any]]:
    broken = take("broken_arguments") is not None
    shaped = []
    for name, arguments in calls:
        text = json.dumps(arguments, ensure_ascii=False)
        if broken:
            text = text[: max(1, int(len(text) * BROKEN_AT))]
        function = {"name": name, "arguments": text}
        shaped.append({"id": f"chatcmpl-tool-{uuid.uuid4().hex}", "type": "function", "function": function})
    return shaped


def _suggest(needs: list[Need]) -> str:
    lines = "\n".join(toolpick.kubectl(need) for need in needs)
    return f"You can find that out with these commands:\n\n```bash\n{lines}\n```\n"


def _text(talk: chat_request.Conversation, needs: list[Need], take: Take) -> str:
    results = [(name, arguments, text) for name, arguments, text in talk.calls if text is not None]
    if results:
        return answers.answer(results, invent=take("ignore_tool_result") is not None)
    if needs:
        return "None of the tools offered can look that up. " + _suggest(needs)
    return "Hello. This is the double of a model server: it can only answer questions about objects in a cluster."


def _json_schema(body: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of a JSON answer that was asked for; None for free text."""
    wanted = body.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind == "json_object":
        return {"type": "object", "properties": {"answer": {"type": "string"}}}
    if kind != "json_schema":
        return None
    given = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if not isinstance(given, dict):
        text = "When response_format type is 'json_schema', the 'json_schema' field must be provided."
        raise errors.invalid((), text)
    return given.get("schema") if isinstance(given.get("schema"), dict) else {}


def _cut(message: Message, room: int) -> Message:
    """Stop after so many tokens. A tool call that was cut is no call any more: its beginning becomes text."""
    raw = message.raw()
    if tokens.estimate(raw) <= room:
        return message
    return Message(tokens.truncate(raw, room), finish_reason="length")
