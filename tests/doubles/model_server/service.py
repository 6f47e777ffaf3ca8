# SPDX-License-Identifier: GPL-3.0-or-later
"""The double's answers to HTTP requests, without the network part: routes, API key, and the faults around them.

Facts (``vllm/entrypoints/serve/utils/server_utils.py``): the key guards only paths below /v1 (not /health, /version,
/metrics); a wrong one gets 401 and ``{"error": "Unauthorized"}``; unknown paths and methods get FastAPI's status with
the phrase as message and type.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from . import catalogue, errors, streaming
from .chat_request import parse_json
from .completions import Served, complete
from .faults import CHAT, Faults
from .request_log import RequestLog, summary
from .settings import Settings

FOREVER = 10 * 365 * 86400.0


@dataclass(frozen=True)
class Request:
    """What came in. ``port`` is plain or tls; ``gone`` says whether the client has hung up."""

    port: str
    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    gone: Callable[[], bool] = lambda: False


@dataclass
class Reply:
    """What goes out: a body, or ``frames`` to be streamed. ``cut``: reset the connection half way."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    frames: list[bytes] | None = None
    cut: bool = False


class ClientGone(Exception):
    """The client hung up while it was kept waiting; there is nobody to answer."""


def json_reply(status: int, content: Any, headers: dict[str, str] | None = None) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(content, ensure_ascii=False).encode(), headers=headers or {})


class Double:
    """One served model with its faults and its log. Safe to use from many threads."""

    def __init__(self, settings: Settings, certificates: tuple[str, ...] = ()) -> None:
        self.settings = settings
        self.faults = Faults(certificates)
        self.log = RequestLog()
        self._lock = threading.Lock()
        self._tokens = {"prompt": 0, "generation": 0, "requests": 0}
        self._started = int(time.time())

    def answer(self, request: Request) -> Reply:
        """Answer one request and note it in the log. Raises ClientGone."""
        entry = self.log.open(request.port, request.method, request.path, request.headers)
        try:
            entry["body"] = summary(json.loads(request.raw)) if request.raw else {}
        except ValueError:
            entry["body"] = {"unreadable": True}
        try:
            reply = self._answer(request, self._taker(request, entry))
        except errors.Refusal as refusal:
            reply = json_reply(refusal.status, refusal.body(self.settings.vllm_version), refusal.headers)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # A body of a shape that vLLM's validation would have refused in detail.
            unreadable = errors.Refusal(400, f"The double cannot read this request: {type(error).__name__}: {error}")
            reply = json_reply(400, unreadable.body(self.settings.vllm_version))
        entry["status"] = reply.status
        return reply

    def _taker(self, request: Request, entry: dict[str, Any]) -> Callable[[str], dict[str, Any] | None]:
        def take(name: str) -> dict[str, Any] | None:
            options = self.faults.take(name, request.path)
            if options is not None:
                entry["fault"] = f"{entry['fault']},{name}" if entry["fault"] else name
            return options

        return take

    def _answer(self, request: Request, take: Callable[[str], dict[str, Any] | None]) -> Reply:
        self._wait(request, take)
        reply = self._broken(take)
        if reply is None and self.settings.key_needed(request.port) and request.path.startswith("/v1"):
            reply = None if self._knows(request.headers.get("Authorization", "")) else _unauthorized()
        if reply is None:
            reply = self._route(request, take)
        reply.cut = take("reset") is not None
        return reply

    def _wait(self, request: Request, take: Callable[[str], dict[str, Any] | None]) -> None:
        slow = take("slow")
        hang = take("hang")
        seconds = FOREVER if hang is not None else float(slow["seconds"]) if slow else 0.0
        if seconds and not self.faults.wait(seconds, request.gone):
            raise ClientGone

    def _broken(self, take: Callable[[str], dict[str, Any] | None]) -> Reply | None:
        """The answer of a fault that stands in for the whole server."""
        if take("http_401") is not None:
            return _unauthorized()
        if (limited := take("http_429")) is not None:
            headers = {"Retry-After": str(limited["retry_after"])}
            raise errors.Refusal(429, "Rate limit exceeded.", "RateLimitError", headers=headers)
        if take("http_500") is not None:
            raise errors.Refusal(500, errors.ENGINE_DEAD, "InternalServerError")
        if take("http_503") is not None:
            return Reply(503, b"no healthy upstream", "text/plain")
        return None

    def _knows(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        known = [hmac.compare_digest(key.encode(), good.encode()) for good in self.settings.accepted_keys()]
        return scheme.lower() == "bearer" and any(known)

    def _route(self, request: Request, take: Callable[[str], dict[str, Any] | None]) -> Reply:
        gets: dict[str, Callable[[], Reply]] = {
            "/health": lambda: Reply(200),
            "/ping": lambda: Reply(200),
            "/version": lambda: json_reply(200, {"version": errors.VERSIONS[self.settings.vllm_version]}),
            "/metrics": lambda: Reply(200, self._metrics(), "text/plain; version=0.0.4; charset=utf-8"),
            "/v1/models": lambda: json_reply(200, catalogue.models(self._served(take), self._started)),
        }
        if request.path == CHAT and request.method == "POST":
            return self._chat(request, take)
        if request.path in gets and request.method == "GET":
            return gets[request.path]()
        status = HTTPStatus.METHOD_NOT_ALLOWED if request.path == CHAT or request.path in gets else HTTPStatus.NOT_FOUND
        raise errors.Refusal(status, status.phrase, status.phrase)

    def _served(self, take: Callable[[str], dict[str, Any] | None]) -> Served:
        renamed = take("wrong_model")
        resized = take("context_length")
        return Served(
            renamed["name"] if renamed else self.settings.model,
            resized["max_model_len"] if resized else self.settings.max_model_len,
            self.settings.vllm_version,
        )

    def _chat(self, request: Request, take: Callable[[str], dict[str, Any] | None]) -> Reply:
        body = parse_json(request.raw, request.headers.get("Content-Type", ""))
        completion = complete(body, self._served(take), take)
        with self._lock:
            self._tokens["requests"] += 1
            self._tokens["prompt"] += completion.prompt_tokens
            self._tokens["generation"] += completion.completion_tokens
        if not body.get("stream"):
            return json_reply(200, completion.body())
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        frames = streaming.frames(completion, usage)
        return Reply(200, content_type="text/event-stream; charset=utf-8", frames=frames)

    def _metrics(self) -> bytes:
        with self._lock:
            return catalogue.metrics(self.settings.model, **self._tokens).encode()


def _unauthorized() -> Reply:
    return json_reply(401, {"error": "Unauthorized"})
