# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP of the light HolmesGPT double: endpoints, API key, bad questions, streaming."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.holmes_image import stub
from tests.doubles.holmes_image.testing import ASK, Site, call, open_site, recorded, shape


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("version", "path", "status", "body"),
    [
        ("0.45.0", "/healthz", 200, {"status": "healthy"}),
        ("0.45.0", "/readyz", 200, recorded("0.45.0-fixed-readyz")),
        ("0.45.0", "/nothing", 404, {"detail": "Not Found"}),
        ("0.45.0", "/api/chat", 405, {"detail": "Method Not Allowed"}),
        ("0.16.1", "/healthz", 404, {"detail": "Not Found"}),
        ("0.16.1", "/readyz", 404, recorded("0.16.1-guide-readyz")),
        ("0.16.1", "/api/info", 404, {"detail": "Not Found"}),
    ],
)
def test_get(site: Site, version: str, path: str, status: int, body: Any) -> None:
    assert call(site.serve(version=version) + path) == (status, body)


def test_info(site: Site) -> None:
    (site.folder / "custom_toolset.yaml").write_text(
        "toolsets: {robusta: {enabled: true}, internet: {enabled: false}, own: {enabled: true}}"
    )
    url = site.serve(MODEL="gpt-oss-120b")
    short, full = call(f"{url}/api/info")[1], call(f"{url}/api/info?detail=full")[1]
    assert shape(short) == shape(recorded("0.45.0-fixed-api_info"))
    known = recorded("0.45.0-fixed-api_info_detail_full")
    assert list(full) == list(known)
    assert {frozenset(entry) for entry in full["toolsets"]} == {frozenset(entry) for entry in known["toolsets"]}
    states = {entry["name"]: entry["status"] for entry in full["toolsets"]}
    assert (states["robusta"], states["internet"], states["kubernetes/core"]) == ("failed", "disabled", "enabled")
    assert states["own"] == "enabled" and short["toolsets_summary"]["total"] == len(states)
    assert (short["version"], short["auth_enabled"]) == ("0.45.0", False)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/model", {}, 401),
        ("/nothing", {}, 401),
        ("/healthz", {}, 200),
        ("/readyz", {}, 200),
        ("/api/model", {"X-API-Key": "key"}, 200),
        ("/api/model", {"Authorization": "bearer  key "}, 200),
        ("/api/model", {"Authorization": "Basic key"}, 401),
        ("/api/model", {"X-API-Key": "wrong", "Authorization": "Bearer key"}, 401),
        ("/api/info", {"Authorization": "Bearer key"}, 200),
    ],
)
def test_api_key(site: Site, path: str, headers: dict[str, str], status: int) -> None:
    got, body = call(site.serve(HOLMES_API_KEY=" key ") + path, headers=headers)
    assert got == status
    if status == 401:
        assert body == recorded("chat-0.45.0-key401")
    if path == "/api/info":
        assert body["auth_enabled"] is True


def test_old_version_knows_no_key(site: Site) -> None:
    assert call(site.serve(version="0.16.1", HOLMES_API_KEY="key") + "/api/model")[0] == 200


@pytest.mark.parametrize(
    ("body", "kind", "where"),
    [
        ({}, "missing", ["body", "ask"]),
        ({"ask": None}, "string_type", ["body", "ask"]),
        ({"ask": "x", "stream": "maybe"}, "bool_parsing", ["body", "stream"]),
        ({"ask": "x", "model": 5}, "string_type", ["body", "model"]),
        ({"ask": "x", "conversation_history": [{"role": "user", "content": "a"}]}, "value_error", ["body"]),
        ([1], "model_attributes_type", ["body"]),
        (b"{bad", "json_invalid", ["body", 1]),
    ],
)
def test_bad_questions(site: Site, body: Any, kind: str, where: list[Any]) -> None:
    status, said = call(site.serve() + "/api/chat", body)
    assert status == 422 and (said["detail"][0]["type"], said["detail"][0]["loc"]) == (kind, where)
    assert not site.model.requests


def test_blank_question_is_answered(site: Site) -> None:
    assert call(site.serve() + "/api/chat", {"ask": " "})[0] == 200


def _events(text: str) -> list[tuple[str, Any]]:
    parts = [part.split("\n", 1) for part in text.strip().split("\n\n")]
    return [(head.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for head, data in parts]


def test_stream(site: Site) -> None:
    status, text = call(site.serve() + "/api/chat", ASK | {"stream": True})
    events = _events(text)
    assert status == 200
    names = ["start_tool_calling", "tool_calling_result", "token_count", "ai_answer_end"]
    assert [name for name, _ in events] == names
    assert events[0][1] == {"tool_name": "kubernetes_tabular_query", "id": "call-1"}
    assert events[1][1]["name"] == "kubernetes_tabular_query" and events[1][1]["result"]["status"] == "success"
    assert events[3][1]["metadata"]["max_tokens"] == 200000


@pytest.mark.parametrize(("status", "code"), [(429, 5204), (404, 1)])
def test_failed_stream_has_status_200(site: Site, status: int, code: int) -> None:
    site.model.replies = [(status, stub.error("no", status))] * 3
    got, text = call(site.serve() + "/api/chat", ASK | {"stream": True})
    ((name, data),) = _events(text)
    assert (got, name, data["error_code"], data["success"]) == (200, "error", code, False)


def test_start_asks_no_name_server(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("the name of the machine was looked up")

    monkeypatch.setattr(socket, "getfqdn", refuse)
    assert call(site.serve() + "/healthz")[0] == 200
