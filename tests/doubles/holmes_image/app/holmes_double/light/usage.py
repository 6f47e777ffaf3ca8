# SPDX-License-Identifier: GPL-3.0-or-later
"""The `metadata` of an answer: limits in force, token counts, costs.

DOUBLE: counts of single messages are estimates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

SYSTEM_TOKENS = 4296  # measured on 0.45.0 with the toolsets core, logs, bash, skills
TOOLS_TOKENS = 1888


class Usage:
    """Adds up what the model server reports; `context` and `output` are the limits in tokens."""

    def __init__(self, context: int, output: int) -> None:
        self.context = context
        self.output = output
        self.calls: list[dict[str, int]] = []
        self.finish: str | None = None

    def add(self, reply: Mapping[str, Any]) -> None:
        usage = reply.get("usage") or {}
        names = ("prompt_tokens", "completion_tokens", "total_tokens")
        self.calls.append({name: int(usage.get(name) or 0) for name in names})
        self.finish = reply["choices"][0].get("finish_reason")

    def metadata(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The keys of 0.45.0."""
        return {
            "usage": self.calls[-1],
            "tokens": _by_role(messages),
            "max_tokens": self.context,
            "max_output_tokens": self.output,
            "costs": self._costs(),
        }

    def _costs(self) -> dict[str, Any]:
        total = {name: sum(call[name] for call in self.calls) for name in self.calls[-1]}
        return {
            "total_cost": 0.0,
            **total,
            "cached_tokens": None,
            "cache_creation_tokens": None,
            "reasoning_tokens": 0,
            "max_completion_tokens_per_call": max(call["completion_tokens"] for call in self.calls),
            "max_prompt_tokens_per_call": max(call["prompt_tokens"] for call in self.calls),
            "num_compactions": 0,
        }


def _by_role(messages: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = {"tools_tokens": 0, "user_tokens": 0, "assistant_tokens": 0, "other_tokens": 0}
    names = {"tool": "tools_tokens", "user": "user_tokens", "assistant": "assistant_tokens"}
    for message in messages:
        if message["role"] != "system":
            counts[names.get(message["role"], "other_tokens")] += 4 + len(json.dumps(message)) // 4
    counts |= {"system_tokens": SYSTEM_TOKENS, "tools_to_call_tokens": TOOLS_TOKENS}
    return {"total_tokens": sum(counts.values())} | counts
