# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to one model server: counted, each with its timeout, all together within a time.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _http
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_CHECKED
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Transport, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._mask import mask
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import ANSWERS, Trouble

Json = dict[str, t.Any]


@dataclass(frozen=True)
class Patience:
    """Seconds: for the list of models, for one chat request, for all of one model; and from when on it is slow."""

    listing: float = 10.0
    chat: float = 60.0
    total: float = 240.0
    slow: float = 30.0


@dataclass
class Client:
    """``path`` is the base URL's path, such as /v1. ``requests`` counts what was sent.

    Some gateways repeat what they were sent: ``secrets`` are taken out of every refusal, before any of it is quoted.
    """

    transport: Transport
    path: str
    headers: t.Mapping[str, str]
    patience: Patience = Patience()
    clock: Clock = field(default_factory=Clock)
    requests: int = 0
    secrets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._end = self.clock.now() + self.patience.total

    def listing(self) -> Answer:
        """GET /models; raises :class:`Trouble`."""
        return self._send("GET", "/models", None, self.patience.listing)

    def chat(self, body: Json) -> Answer:
        """POST /chat/completions; raises :class:`Trouble`."""
        return self._send("POST", "/chat/completions", json.dumps(body).encode(), self.patience.chat)

    def _send(self, method: str, path: str, body: bytes | None, timeout: float) -> Answer:
        left = self._end - self.clock.now()
        if left <= 0:
            message = f"The {self.patience.total:.0f} s for one model were used up after {self.requests} requests."
            raise Trouble(ANSWERS, message, "Look at the load of the model server; see llm.latency.", NOT_CHECKED)
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        self.requests += 1
        try:
            answer = self.transport.request(method, self.path + path, headers, body, min(timeout, left))
        except Unreachable as error:
            raise _unreachable(error, f"{method} {self.path}{path}") from error
        return answer if answer.status == 200 else self._masked(answer)

    def _masked(self, answer: Answer) -> Answer:
        headers = {name: mask(value, self.secrets) for name, value in answer.headers.items()}
        return replace(answer, headers=headers, body=mask(answer.text, self.secrets).encode())


def _unreachable(error: Unreachable, request: str) -> Trouble:
    if error.kind == _http.TIMEOUT:
        message = f"The model server was asked {request} and gave {error}."
        fix = (
            "Look whether it is busy or stuck: vllm:num_requests_waiting at its /metrics, its log, its GPU. HolmesGPT "
            "itself waits for LLM_REQUEST_TIMEOUT, 600 s unless holmes_env sets it."
        )
        return Trouble(ANSWERS, message, fix)
    if error.kind == _http.RESET:
        message = f"The model server broke off in the middle of its answer to {request}: {error}."
        fix = "Look for a crash in its log (out of memory), and for an idle timeout of the proxy in front of it."
        return Trouble(ANSWERS, message, fix)
    # One cause, one failure: llm.endpoint is the place of this one.
    return Trouble(ANSWERS, f"The model server cannot be reached: {error}.", "See llm.endpoint.", NOT_CHECKED)
