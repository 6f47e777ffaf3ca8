# SPDX-License-Identifier: GPL-3.0-or-later
"""One chat of the light double: model, tool calls, limits, and the answer in the real shape (DOUBLE)."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..contract import follow_ups
from . import tools
from .client import Client
from .errors import ChatError
from .models import Model, Registry, number
from .prompt import compact, first_messages, tokens
from .usage import Usage

log = logging.getLogger()
Event = tuple[str, dict[str, Any]]
MAX_STEPS = 100
NOT_TEXT = (
    "1 validation error for ChatResponse\nanalysis\n"
    "  Input should be a valid string [type=string_type, input_value=None, input_type=NoneType]"
)


@dataclass
class Chat:
    """Answers one question. `headers` are the request headers that the tools see; `tools_on` offers the tool."""

    registry: Registry
    client: Client
    question: Mapping[str, Any]
    headers: Mapping[str, str]
    tools_on: bool = True
    done: list[dict[str, Any]] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """The body of a 200. Raises ChatError."""
        body: dict[str, Any] = {}
        for name, data in self.events():
            if name == "ai_answer_end":
                body = data
        if not isinstance(body["analysis"], str):
            raise ChatError(NOT_TEXT)
        return body

    def events(self) -> Iterator[Event]:
        """The events of the stream; the last one carries what `answer` gives. Raises ChatError."""
        profile, env = self.registry.profile, self.registry.env
        model = self.registry.pick(self.question.get("model"))
        self._say_model(model)
        messages = first_messages(self.question)
        usage = Usage(model.context(env), model.output(env))
        for _ in range(number(env, "MAX_STEPS") or MAX_STEPS):
            if profile.modern:
                compact(messages, usage, lambda: self._ask(model, messages, offer=False))
            reply = self._ask(model, messages, offer=self.tools_on)
            usage.add(reply)
            said = reply["choices"][0]["message"]
            calls = said.get("tool_calls") or []
            if not calls:
                messages.append({"role": "assistant", "content": said.get("content")})
                yield "ai_answer_end", self._body(said.get("content"), messages, usage)
                return
            messages.append({"role": "assistant", "tool_calls": calls})
            for call in calls:
                yield "start_tool_calling", {"tool_name": call["function"]["name"], "id": call["id"]}
                entry = tools.run(profile, call, self.headers)
                self.done.append(entry)
                messages.append(tools.message(profile, entry))
                named = {"name": entry["tool_name"], "role": "tool"}
                yield "tool_calling_result", {key: value for key, value in entry.items() if key != "size"} | named
            if profile.modern:
                yield "token_count", {"metadata": usage.metadata(messages)}
        raise ChatError("Too many LLM calls - exceeded max_steps")

    def _say_model(self, model: Model) -> None:
        env = self.registry.env
        context, output = model.context(env), model.output(env)
        if not self.registry.profile.modern:
            log.info("Using model: %s (%s total tokens, %s output tokens)", model.alias, f"{context:,}", f"{output:,}")
            return
        source = "configured via $MODEL" if self.registry.from_env else "default, change with --model"
        asked = self.question.get("model")
        name = asked if asked in self.registry.entries else model.model
        log.info("Model: %s, %sK context, %sK max response (%s)", name, context // 1000, output // 1000, source)

    def _ask(self, model: Model, messages: list[dict[str, Any]], offer: bool) -> dict[str, Any]:
        body, headers = self.request(model, messages, offer)
        log.info("\nLiteLLM completion() model= %s; provider = %s", model.served, model.provider)
        return self.client.complete(model, body, headers)

    def request(
        self, model: Model, messages: list[dict[str, Any]], offer: bool
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Body and extra headers of one request: entry fields as they are, max_tokens always in newer versions."""
        profile, env = self.registry.profile, self.registry.env
        extra = {key: value for key, value in model.extra.items() if value is not None}
        headers = extra.pop("extra_headers", None) or json.loads(env.get("EXTRA_HEADERS") or "{}")
        extra.pop("allowed_openai_params", None)
        if env.get("TEMPERATURE", "").lower() != "none":
            extra.setdefault("temperature", float(env.get("TEMPERATURE") or 1e-8))
        if profile.modern and "max_completion_tokens" not in extra:
            extra.setdefault("max_tokens", model.output(env))
        sent = messages if profile.modern else _with_cache_control(messages)
        body: dict[str, Any] = {"model": model.served, "messages": sent, **extra}
        if offer:
            strict = env.get("HOLMES_DISABLE_STRICT_TOOL_CALLS", "").lower() != "true"
            if not profile.modern:
                strict = model.provider == "openai"
            body |= {"tools": [tools.schema(profile, strict)], "tool_choice": "auto"}
        return body, {str(key): str(value) for key, value in headers.items()}

    def _body(self, analysis: str | None, messages: list[dict[str, Any]], usage: Usage) -> dict[str, Any]:
        metadata: dict[str, Any] = {"truncations": []}
        history = messages
        if self.registry.profile.modern:
            metadata = usage.metadata(messages) | {"finish_reason": usage.finish, "request_id": str(uuid.uuid4())}
            history = [message | {"token_count": tokens(message)} for message in messages]
        return {
            "analysis": analysis,
            "conversation_history": history,
            "tool_calls": self.done,
            "follow_up_actions": follow_ups(self.question.get("conversation_history")),
            "pending_approvals": None,
            "metadata": metadata,
        }


def _with_cache_control(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """0.16 sends the last message that is not the user's as a list of content blocks."""
    sent = [dict(message) for message in messages]
    for message in reversed(sent):
        if message["role"] == "user":
            continue
        if isinstance(message.get("content"), str) and message["content"]:
            block = {"type": "text", "text": message["content"], "cache_control": {"type": "ephemeral"}}
            message["content"] = [block]
        break
    return sent
