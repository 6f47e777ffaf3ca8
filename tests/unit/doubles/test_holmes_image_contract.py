# SPDX-License-Identifier: GPL-3.0-or-later
"""The same assertions against both servers. The full one runs on stand-ins for the library, which is not installed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.abc
import importlib.machinery
import json
import ssl
import types
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.doubles.holmes_image.app.holmes_double import contract
from tests.doubles.holmes_image.app.holmes_double.light import errors
from tests.doubles.holmes_image.app.holmes_double.light.client import Client
from tests.doubles.holmes_image.app.holmes_double.light.http import App
from tests.doubles.holmes_image.app.holmes_double.light.models import Registry
from tests.doubles.holmes_image.app.holmes_double.light.profiles import profile
from tests.doubles.holmes_image.app.holmes_double.light.toolsets import Toolsets
from tests.doubles.holmes_image.standins import MODELS, Headers, HttpError, LibraryConfig, full_modules


class Both(Protocol):
    """What the assertions need of a server."""

    def get(self, path: str, detail: str | None = None) -> dict[str, Any]: ...

    def seen(self, headers: dict[str, str]) -> dict[str, str]: ...

    def allowed(self, path: str, headers: dict[str, str]) -> bool: ...


# --- the light server ----------------------------------------------------------------------------------------------


class Light:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = folder / "models.yaml"
        path.write_text("gpt-oss-120b: {model: openai/gpt-oss-120b}")
        env = {"MODEL_LIST_FILE_LOCATION": str(path), "OPENAI_API_KEY": "k", "CUSTOM_TOOLSET_LOCATION": "/none"}
        monkeypatch.setenv("PATH", "/none")
        client = Client(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self.app = App(Registry(profile("0.45.0"), env), client, Toolsets(env), key="key")

    def get(self, path: str, detail: str | None = None) -> dict[str, Any]:
        return self.app.get(path, detail)[1]

    def seen(self, headers: dict[str, str]) -> dict[str, str]:
        return dict(self.app.chat({"ask": "x"}, headers.items()).headers)

    def allowed(self, path: str, headers: dict[str, str]) -> bool:
        sent = Message()
        for name, value in headers.items():
            sent[name] = value
        return self.app.allowed(path, sent)


# --- the full server on stand-ins ----------------------------------------------------------------------------------


class Full:
    def __init__(self, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOLMES_API_KEY", " key ")
        self.api = api
        self.app = api.build_app(LibraryConfig())

    def get(self, path: str, detail: str | None = None) -> dict[str, Any]:
        route = self.app.routes[path]
        return dict(route(detail) if path == "/api/info" else route())

    def seen(self, headers: dict[str, str]) -> dict[str, str]:
        self.api.chat = lambda config, question, passed: passed
        return dict(self.app.routes["/api/chat"](None, types.SimpleNamespace(headers=headers)))

    def allowed(self, path: str, headers: dict[str, str]) -> bool:
        request = types.SimpleNamespace(scope={"path": path}, headers=Headers(headers), method="GET")

        async def go_on(_: Any) -> tuple[int, Any]:
            return 200, {}

        status, body = asyncio.run(self.app.guard(request, go_on))
        assert status == 200 or body == {"detail": "Invalid or missing API key"}
        return bool(status == 200)


@pytest.fixture(params=["light", "full"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    if request.param == "light":
        yield Light(tmp_path, monkeypatch)
        return
    with full_modules() as (api, _):
        yield Full(api, monkeypatch)


# --- assertions ----------------------------------------------------------------------------------------------------


def test_models(server: Both) -> None:
    assert json.loads(server.get("/api/model")["model_name"]) == MODELS
    assert server.get("/readyz") == {"status": "ready", "models": MODELS}
    assert server.get("/healthz") == {"status": "healthy"}


def test_info(server: Both) -> None:
    short, full = server.get("/api/info"), server.get("/api/info", "full")
    assert list(short) == ["version", "uptime_seconds", "auth_enabled", "models", "toolsets_summary", "runbooks_count"]
    assert (short["version"], short["auth_enabled"], short["models"]) == ("0.45.0", True, MODELS)
    assert list(full)[6:] == ["model_list_path", "toolsets", "runbooks", "mcp_servers"]
    counts = full["toolsets_summary"]
    assert counts["total"] == len(full["toolsets"]) == counts["enabled"] + counts["failed"] + counts["disabled"]
    robusta = next(entry for entry in full["toolsets"] if entry["name"] == "robusta")
    assert (robusta["status"], robusta["type"]) == ("failed", "built-in") and robusta["error"]


@pytest.mark.parametrize(
    ("blocked", "seen"),
    [
        (None, {"accept", "x-api-key"}),
        ("accept, X-API-Key", {"authorization", "cookie"}),
        ("", {"accept", "authorization", "cookie", "x-api-key"}),
    ],
)
def test_headers_that_tools_see(
    server: Both, monkeypatch: pytest.MonkeyPatch, blocked: str | None, seen: set[str]
) -> None:
    if blocked is not None:
        monkeypatch.setenv("HOLMES_PASSTHROUGH_BLOCKED_HEADERS", blocked)
        if isinstance(server, Light):
            server.app.registry.env = dict(server.app.registry.env) | {"HOLMES_PASSTHROUGH_BLOCKED_HEADERS": blocked}
    sent = {"Accept": "*/*", "Authorization": "Bearer k", "Cookie": "a=b", "X-API-Key": "k"}
    assert set(server.seen(sent)) == seen


@pytest.mark.parametrize(
    ("path", "headers", "allowed"),
    [
        ("/healthz", {}, True),
        ("/readyz", {}, True),
        ("/api/model", {}, False),
        ("/api/model", {"x-api-key": "key"}, True),
        ("/api/model", {"authorization": "BEARER key"}, True),
        ("/api/model", {"x-api-key": "no", "authorization": "Bearer key"}, False),
        ("/healthz/../api/model", {}, False),
    ],
)
def test_api_key(server: Both, path: str, headers: dict[str, str], allowed: bool) -> None:
    assert server.allowed(path, headers) is allowed


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.Unauthorized("no"), (401, "no")),
        (errors.RateLimited("slow"), (429, "slow")),
        (errors.BadModel("what"), (500, "what")),
        (ValueError("else"), (500, "else")),
    ],
)
def test_status_of_failures(error: Exception, expected: tuple[int, str]) -> None:
    assert contract.failure(error, errors.Unauthorized, errors.RateLimited) == expected


@pytest.mark.parametrize(("kind", "status"), [("AuthenticationError", 401), ("RateLimitError", 429), ("Timeout", 500)])
def test_full_server_maps_the_library_errors(monkeypatch: pytest.MonkeyPatch, kind: str, status: int) -> None:
    with full_modules() as (api, _):
        app = Full(api, monkeypatch).app
        known: Any = importlib.import_module("litellm.exceptions")
        api.litellm.exceptions = known
        raised = getattr(known, kind)("x") if kind != "Timeout" else RuntimeError("x")

        def fails(*_: Any) -> None:
            raise raised

        api.chat = fails
        with pytest.raises(HttpError) as caught:
            app.routes["/api/chat"](None, types.SimpleNamespace(headers={}))
        assert caught.value.status_code == status


def test_full_server_hands_the_headers_to_the_library(tmp_path: Path) -> None:
    with full_modules() as (_, chat):
        config = LibraryConfig()
        chat.tool_result_storage = lambda: contextmanager(lambda: iter([tmp_path]))()
        chat.build_chat_messages = lambda *a, **k: ["messages"]
        chat.build_chat_recorder_state = lambda *a, **k: types.SimpleNamespace(request_id="id")
        chat.ChatResponse = dict
        chat.FollowUpAction = dict
        fields = ("model", "images", "response_format", "conversation_history", "tool_decisions", "behavior_controls")
        rest = ("additional_system_prompt", "user_id", "conversation_id")
        question = types.SimpleNamespace(ask="x", stream=False, **dict.fromkeys(fields + rest))
        answer = chat.chat(config, question, {"accept": "*/*"})
    assert config.asked["call"]["request_context"] == {"headers": {"accept": "*/*"}}
    assert config.asked["options"]["toolset_tag_filter"] == ["core", "cluster"]
    assert answer["metadata"] == {"max_tokens": 1, "request_id": "id"}
    assert [action["id"] for action in answer["follow_up_actions"]] == ["logs", "graphs", "articles"]


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"HOLMES_SSL_CERTFILE": "/none"}, "HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE must both be set."),
        ({"HOLMES_SSL_CA_CERTS": "/none"}, "HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE must both be set."),
        ({"HOLMES_SSL_CERTFILE": "/none", "HOLMES_SSL_KEYFILE": "/dev/null"}, "HOLMES_SSL_CERTFILE='/none' not found"),
    ],
)
def test_incomplete_tls(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(SystemExit, match=f"^TLS misconfigured: {sentence}"):
        contract.tls_options(env)


def test_complete_tls() -> None:
    env = {"HOLMES_SSL_CERTFILE": "/dev/null", "HOLMES_SSL_KEYFILE": "/dev/null", "HOLMES_SSL_KEYFILE_PASSWORD": "p"}
    assert contract.tls_options(env) == {"certfile": "/dev/null", "keyfile": "/dev/null", "password": "p"}
    assert contract.tls_options({"HOLMES_SSL_CERTFILE": ""}) == {}
