# SPDX-License-Identifier: GPL-3.0-or-later
"""Token counts of the double (a double of vLLM, not vLLM).

There is no tokenizer. A token is taken to be four bytes of UTF-8, rounded up: close to what English text and JSON give
with the usual vocabularies. Each message costs four more for the chat template. The figures are estimates; what matters
to a test is that they grow with the text and that limits are compared with them.
"""

from __future__ import annotations

import json
from typing import Any

BYTES_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4


def estimate(text: str) -> int:
    """Tokens of a text; 0 for an empty one."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def truncate(text: str, tokens: int) -> str:
    """The beginning of ``text`` that fits into so many tokens."""
    raw = text.encode("utf-8", "replace")[: tokens * BYTES_PER_TOKEN]
    return raw.decode("utf-8", "ignore")


def content_text(content: Any) -> str:
    """The text of a message's ``content``: a string, or a list of parts of which only the text parts count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def of_prompt(body: dict[str, Any]) -> int:
    """Tokens of a chat request: messages, tool calls in them, and the tools offered."""
    total = 0
    for message in body.get("messages", []):
        total += TOKENS_PER_MESSAGE + estimate(content_text(message.get("content")))
        if message.get("tool_calls"):
            total += estimate(json.dumps(message["tool_calls"]))
    if body.get("tools"):
        total += estimate(json.dumps(body["tools"]))
    return total
