# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reply says about tool calling. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_parsers import raw_call
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import Call, Reply, calls_of, quoted
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_schema import misfit
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import schema_of

_AUTO = re.compile(r"enable-auto-tool-choice|tool-call-parser|tool.?choice", re.IGNORECASE)
_NO_TOOLS = re.compile(r"not support (?:tools|function|tool)", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"maximum context length|context[_ ]length|max_model_len|max_(?:completion_)?tokens.{0,40}too large", re.IGNORECASE
)
_STRICT = re.compile(r"\bstrict\b", re.IGNORECASE)
_LONGER = "Start vLLM with a larger --max-model-len, or set holmes_llm_max_output_tokens lower."


class Problem(t.NamedTuple):
    """A message and its fix."""

    message: str
    fix: str


def about_strict(refusal: str) -> bool:
    """Whether a refusal is about ``function.strict``."""
    return bool(_STRICT.search(refusal))


def refused(refusal: str, parser: str) -> Problem:
    """Why the server refused HolmesGPT's kind of request. ``parser``: the flag that fits the model."""
    if _AUTO.search(refusal):
        return Problem(
            "vLLM runs without tool calling, which HolmesGPT cannot work without (400).",
            f"Start vLLM with --enable-auto-tool-choice and {parser}.",
        )
    if _TOO_LONG.search(refusal):
        return Problem(f"HolmesGPT's prompt and answer do not fit the model's context: {quoted(refusal)}.", _LONGER)
    if _NO_TOOLS.search(refusal):
        return Problem(f"The model cannot call tools: {quoted(refusal)}.", "Serve a model that is made for tool calls.")
    return Problem(
        f"The model server refuses HolmesGPT's request: {quoted(refusal)}.",
        "Take the field that it names out of holmes_models, or serve the model by a newer vLLM.",
    )


def call_problem(reply: Reply, form: str, parser: str) -> Problem | None:
    """What is wrong with the tool calls of a reply, or why there is none; None if all of them can be carried out."""
    if not reply.calls:
        return _no_call(reply, parser)
    return next((problem for call in reply.calls if (problem := _wrong(call, reply, form, parser))), None)


def _no_call(reply: Reply, parser: str) -> Problem:
    flags = f"Start vLLM with --enable-auto-tool-choice and {parser}"
    if raw_call(reply.content):
        message = "The model's tool call came as text: the tool parser of vLLM does not read this model's calls."
        return Problem(message, f"{flags}.")
    if reply.finish == "length":
        message = "The answer reached its limit of tokens before a tool was called."
        fix = (
            "Raise holmes_llm_max_output_tokens (and --max-model-len), or set extra_body: {reasoning_effort: low} in "
            "holmes_models."
        )
        return Problem(message, fix)
    if reply.content.strip():
        message = "The model describes in words what could be done instead of calling a tool."
        fix = f"{flags}, and the --chat-template that vLLM has for it; if it runs so already, serve another model."
        return Problem(message, fix)
    message = "The answer is empty: neither a text nor a tool call."
    return Problem(message, f"{flags}, and with the --reasoning-parser of the model, if it reasons.")


def _wrong(call: Call, reply: Reply, form: str, parser: str) -> Problem | None:
    schema = schema_of(call.name, form)
    if schema is None:
        message = f"The model calls '{call.name[:60]}', which is none of the tools that it was offered."
        return Problem(message, f"Start vLLM with {parser}; if it runs so already, serve another model.")
    arguments = arguments_of(call)
    if arguments is None:
        cut = " (the answer reached its limit of tokens)" if reply.finish == "length" else ""
        message = f"The arguments of a tool call are no whole JSON{cut}, so the tool cannot be run."
        fix = f"Start vLLM with {parser}; if the arguments were cut, raise --max-model-len and "
        return Problem(message, fix + "holmes_llm_max_output_tokens.")
    wrong = misfit(schema, arguments)
    if not wrong:
        return None
    message = f"The arguments of a call of {call.name} do not fit its schema: {wrong}."
    return Problem(message, f"Start vLLM with {parser}; if it runs so already, serve another model or a newer vLLM.")


def arguments_of(call: Call) -> dict[str, t.Any] | None:
    """The arguments; an empty text counts as none given."""
    try:
        found = json.loads(call.arguments or "{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def distinct(calls: t.Iterable[Call]) -> int:
    """How many different things were asked for."""
    return len({(call.name, json.dumps(arguments_of(call), sort_keys=True)) for call in calls})


def streamed(answer: Answer) -> Reply | None:
    """The chunks of a stream put together; None if it is no stream that came to its end."""
    lines = [line[5:].strip() for line in answer.text.splitlines() if line.startswith("data:")]
    parts: dict[int, dict[str, str]] = {}
    content, finish = "", ""
    for line in lines:
        choice = _choice(line)
        delta = choice.get("delta") or {}
        content += str(delta.get("content") or "")
        finish = str(choice.get("finish_reason") or finish)
        for piece in delta.get("tool_calls") or []:
            part = parts.setdefault(int(piece.get("index") or 0), {"id": "", "name": "", "arguments": ""})
            function = piece.get("function") or {}
            part["id"] += str(piece.get("id") or "")
            part["name"] += str(function.get("name") or "")
            part["arguments"] += str(function.get("arguments") or "")
    if not lines or not finish:
        return None
    calls = [{"id": part["id"], "function": part} for _index, part in sorted(parts.items())]
    return Reply("", content, calls_of(calls), finish, seconds=answer.seconds)


def _choice(line: str) -> dict[str, t.Any]:
    try:
        choices = json.loads(line)["choices"]
        return dict(choices[0]) if choices else {}
    except (ValueError, KeyError, TypeError, IndexError):
        return {}
