# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt, token estimate and the context limit (DOUBLE: the prompt is short, its size is reported as measured)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .errors import ChatError
from .usage import SYSTEM_TOKENS, TOOLS_TOKENS, Usage

log = logging.getLogger()

SYSTEM = (
    "You are a tool-calling assistant that looks into a Kubernetes cluster and never changes it. Use the tools to "
    "look things up and answer from what they return."
)
THRESHOLD = 0.95  # of the context window


def first_messages(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages of a new or continued conversation."""
    history = [dict(message) for message in question.get("conversation_history") or ()]
    for message in history:
        message.pop("token_count", None)
    extra = question.get("additional_system_prompt")
    system = {"role": "system", "content": f"{SYSTEM}\n{extra}" if extra else SYSTEM}
    return [*(history or [system]), {"role": "user", "content": question["ask"]}]


def tokens(message: Mapping[str, Any]) -> int:
    """Estimated tokens of a message: four characters each; the system prompt counts as the real one does."""
    if message["role"] == "system":
        return SYSTEM_TOKENS
    return 4 + len(json.dumps(message)) // 4


def compact(messages: list[dict[str, Any]], usage: Usage, summarize: Callable[[], object]) -> None:
    """What happens near the limit: one wasted call of the model, then a refusal when it is still too much.

    The double never shortens anything. Raises ChatError with the real text.
    """
    total = sum(tokens(message) for message in messages) + TOOLS_TOKENS
    if total + usage.output <= usage.context * THRESHOLD:
        return
    with suppress(ChatError):
        summarize()
    if total + usage.output <= usage.context:
        return
    text = (
        f"Conversation history compaction failed to reduce tokens sufficiently. Current: {total} tokens + "
        f"{usage.output} max output = {total + usage.output}, but context window is {usage.context}. "
        "Please start a new conversation."
    )
    log.error(text)
    raise ChatError(text)
