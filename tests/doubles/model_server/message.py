# SPDX-License-Identifier: GPL-3.0-or-later
"""The assistant's message and the completion around it, in the shape of vLLM's ChatCompletionResponse."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """The assistant's message: text, tool calls (OpenAI shape), and why it ended."""

    content: str | None
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str = "stop"

    def raw(self) -> str:
        """Everything generated, as one text: what is counted, and what is cut at ``max_tokens``."""
        return (self.content or "") + "".join(json.dumps(call["function"]) for call in self.tool_calls)


@dataclass(frozen=True)
class Completion:
    """A finished answer with its figures."""

    message: Message
    model: str
    prompt_tokens: int
    completion_tokens: int
    created: int
    identity: str

    def usage(self) -> dict[str, Any]:
        """The usage block."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "completion_tokens": self.completion_tokens,
            "prompt_tokens_details": None,
        }

    def body(self) -> dict[str, Any]:
        """The JSON body of an answer that is not streamed (keys as in vLLM's ChatCompletionResponse)."""
        message = {
            "role": "assistant",
            "content": self.message.content,
            "refusal": None,
            "annotations": None,
            "audio": None,
            "function_call": None,
            "tool_calls": self.message.tool_calls,
            "reasoning": None,
        }
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": self.message.finish_reason,
            "stop_reason": None,
        }
        return {
            "id": self.identity,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "service_tier": None,
            "system_fingerprint": None,
            "usage": self.usage(),
            "prompt_logprobs": None,
            "kv_transfer_params": None,
        }
