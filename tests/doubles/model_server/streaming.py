# SPDX-License-Identifier: GPL-3.0-or-later
"""A completion as server-sent events, in the shape of vLLM's stream.

Facts (``vllm/entrypoints/openai/chat_completion/serving.py``): a first chunk with role and empty content, then deltas,
a last chunk with finish_reason and stop_reason, with ``stream_options.include_usage`` one more chunk without choices
that carries the usage, then ``data: [DONE]``. A tool call begins with id, type and name and goes on with arguments.
"""

from __future__ import annotations

import json
from typing import Any

from .message import Completion

PIECE = 24


def frames(completion: Completion, include_usage: bool) -> list[bytes]:
    """All events, ready to be sent."""
    message = completion.message
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in _pieces(message.content or "")]
    for index, call in enumerate(message.tool_calls):
        function = call["function"]
        head = {"name": function["name"], "arguments": ""}
        deltas.append({"tool_calls": [{"id": call["id"], "type": "function", "index": index, "function": head}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in _pieces(function["arguments"])
        ]
    chunks = [_chunk(completion, [{"index": 0, "delta": d, "logprobs": None, "finish_reason": None}]) for d in deltas]
    last = {"index": 0, "delta": {"content": ""}, "logprobs": None, "stop_reason": None}
    chunks.append(_chunk(completion, [{**last, "finish_reason": message.finish_reason}]))
    if include_usage:
        chunks.append({**_chunk(completion, []), "usage": completion.usage()})
    return [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def _chunk(completion: Completion, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": completion.identity,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model,
        "choices": choices,
    }


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
