# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HolmesGPT's HTTP API: the calls that verification makes, and the shapes of the answers.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Behaviour: HolmesGPT 0.16.1 (no health endpoints, no key) and 0.45.0 (facts: HTTP API, and the recorded answers).
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    FORBIDDEN,
    REFUSED,
    RESET,
    TIMEOUT,
    Answer,
    NoWay,
    Transport,
    Unreachable,
)

# A start takes 12 s without probes (0.16.1); each try is short, the waiting is done between them.
TRY_TIMEOUT = 10.0
PAUSE = 1.5
# From 0.43 on a header with shell characters is refused by every Kubernetes tool (facts: real-run point 3).
HARMLESS_KEY = re.compile(r"[A-Za-z0-9_-]+")
NOT_UP_YET = (REFUSED, RESET, TIMEOUT)


@dataclass(frozen=True)
class ToolCall:
    """One tool call of an answer. ``data`` is the tool's output as text."""

    name: str
    toolset: str
    description: str
    status: str
    error: str
    data: str

    @property
    def succeeded(self) -> bool:
        """What HolmesGPT says. It proves nothing: a refused kubectl is a success, too (facts: real-run point 8)."""
        return self.status == "success"


@dataclass(frozen=True)
class ChatAnswer:
    """A 200 of ``/api/chat``. ``limits`` are context and output size in force, None where not reported (0.16)."""

    analysis: str
    tools: list[ToolCall] = field(default_factory=list)
    limits: dict[str, int | None] = field(default_factory=dict)


class HolmesApi:
    """Requests to one HolmesGPT. ``key`` is its own API key (HOLMES_API_KEY), sent as a bearer token."""

    def __init__(self, transport: Transport, key: str | None = None) -> None:
        self._transport = transport
        self._key = key

    @property
    def where(self) -> str:
        """The way that is taken, for a message."""
        return self._transport.where

    def get(self, path: str, *, with_key: bool = True, timeout: float = TRY_TIMEOUT) -> Answer:
        """GET; raises Unreachable."""
        return self._transport.request("GET", path, self._authorization(with_key), None, timeout)

    def chat(self, ask: str, model: str | None, timeout: float) -> Answer:
        """POST /api/chat, not streamed; raises Unreachable. 'Fast mode' spares tokens; old versions ignore it."""
        question: dict[str, t.Any] = {
            "ask": ask,
            "stream": False,
            "behavior_controls": {"todowrite_instructions": False, "todowrite_reminder": False},
        }
        if model:
            question["model"] = model
        headers = {"Content-Type": "application/json", **self._authorization(True)}
        return self._transport.request("POST", "/api/chat", headers, json.dumps(question).encode("utf-8"), timeout)

    def _authorization(self, wanted: bool) -> dict[str, str]:
        if not wanted or not self._key:
            return {}
        # A bearer token is never passed on to tools; X-API-Key is, and its value may break them.
        if self._transport.bearer:
            return {"Authorization": f"Bearer {self._key}"}
        if not HARMLESS_KEY.fullmatch(self._key):
            raise NoWay(
                FORBIDDEN,
                "the API server's proxy keeps Authorization for itself, and as X-API-Key this key would break "
                "HolmesGPT's tools, because it holds other characters than letters, digits, _ and -",
            )
        return {"X-API-Key": self._key}


def wait_until_up(api: HolmesApi, timeout: float, clock: Clock, give_up: t.Callable[[], str] = lambda: "") -> Answer:
    """The first answer of ``/readyz`` that is not 502, 503 or 504; tried until ``timeout`` seconds have passed.

    ``give_up`` is asked between tries: text means that waiting is useless (the pod crashed). Raises Unreachable.
    """
    deadline = clock.now() + timeout
    while True:
        trouble: Unreachable
        try:
            answer = api.get("/readyz", with_key=False)
            if answer.status not in (502, 503, 504):
                return answer
            trouble = Unreachable(TIMEOUT, f"it still answers {answer.status} ({answer.text.strip()[:120]})")
        except Unreachable as error:
            if isinstance(error, NoWay) or error.kind not in NOT_UP_YET:
                raise
            trouble = error
        hopeless = give_up()
        if hopeless:
            raise Unreachable(RESET, hopeless)
        if clock.now() >= deadline:
            raise trouble
        clock.sleep(PAUSE)


def models_of(answer: Answer) -> list[str] | None:
    """The model list in an answer of ``/readyz``, ``/api/info`` or ``/api/model``; None if it has none.

    ``/api/model`` holds a list as JSON text inside JSON; a real list (as its documentation says) is taken as well.
    """
    body = answer.json()
    if answer.status != 200 or not isinstance(body, dict):
        return None
    found = body.get("models", body.get("model_name"))
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = [found]
    if not isinstance(found, list):
        return None
    return [str(entry.get("name", entry)) if isinstance(entry, dict) else str(entry) for entry in found]


def chat_answer(answer: Answer) -> ChatAnswer | None:
    """The parts of a chat answer that are judged; None if the body is not one."""
    body = answer.json()
    if not isinstance(body, dict) or "analysis" not in body:
        return None
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return ChatAnswer(
        analysis=str(body.get("analysis") or ""),
        tools=[_tool(entry) for entry in body.get("tool_calls") or [] if isinstance(entry, dict)],
        limits={
            "context_window": _number(metadata.get("max_tokens")),
            "max_output_tokens": _number(metadata.get("max_output_tokens")),
        },
    )


def _tool(entry: dict[str, t.Any]) -> ToolCall:
    result = entry.get("result")
    result = result if isinstance(result, dict) else {"data": result}
    data = result.get("data")
    return ToolCall(
        name=str(entry.get("tool_name") or entry.get("name") or ""),
        toolset=str(entry.get("toolset_name") or ""),
        description=str(entry.get("description") or ""),
        status=str(result.get("status") or ""),
        error=str(result.get("error") or ""),
        data=data if isinstance(data, str) else json.dumps(data) if data is not None else "",
    )


def _number(value: t.Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
