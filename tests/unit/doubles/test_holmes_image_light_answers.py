# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the light HolmesGPT double against those recorded from the real 0.45.0 and 0.16.1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.holmes_image import stub
from tests.doubles.holmes_image.testing import ASK, PLAIN, Site, call, open_site, recorded, shape, without

LIMITS = {"OVERRIDE_MAX_CONTENT_SIZE": "32768", "OVERRIDE_MAX_OUTPUT_TOKEN": "4096"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


def test_good_chat_is_the_recorded_one(site: Site) -> None:
    known = recorded("chat-0.45.0-ctx32k-fixed")
    status, body = call(site.serve(site.env(MODEL="gpt-oss-120b", **LIMITS)) + "/api/chat", ASK)
    assert status == 200
    assert shape(without(known, body)) == shape(known)
    (entry,), (expected,) = body["tool_calls"], known["tool_calls"]
    for key in ("tool_name", "description", "toolset_name", "size"):
        assert entry[key] == expected[key]
    for key in ("schema_version", "status", "error", "return_code", "params", "icon_url", "images", "url"):
        assert entry["result"][key] == expected["result"][key]
    data, expected_data = json.loads(entry["result"]["data"]), json.loads(expected["result"]["data"])
    assert data["rows"][0] == expected_data["rows"][0] and data["count"] == 2
    assert list(data) == list(expected_data) and data["scope"] == expected_data["scope"]
    assert (body["metadata"]["max_tokens"], body["metadata"]["max_output_tokens"]) == (32768, 4096)
    assert body["metadata"]["costs"]["prompt_tokens"] == 200
    assert "web-6ccb88c6d-tmfdz" in body["analysis"]


def test_old_chat_is_the_recorded_one(site: Site) -> None:
    known = recorded("chat-0.16.1-guide")
    site.model.tool, site.model.arguments = "kubectl_get_by_kind_in_namespace", {"kind": "pod", "namespace": "default"}
    url = site.serve(version="0.16.1", OPENAI_API_KEY="none")
    # the header check does not exist yet
    status, body = call(f"{url}/api/chat", ASK, {"Accept": "*/*", "Content-Type": "application/json"})
    assert status == 200 and shape(without(known, body)) == shape(known)
    (entry,), (expected,) = body["tool_calls"], known["tool_calls"]
    assert (entry["tool_name"], entry["description"]) == (expected["tool_name"], expected["description"])
    assert entry["result"]["params"] == expected["result"]["params"] and entry["result"]["status"] == "success"
    assert "web-6ccb88c6d-tmfdz" in entry["result"]["data"] and body["metadata"] == known["metadata"]


def test_header_with_shell_characters_breaks_the_tool_call_as_recorded(site: Site) -> None:
    known = recorded("chat-0.45.0-guide")
    status, body = call(site.serve() + "/api/chat", ASK, PLAIN | {"Accept": "*/*"})
    assert status == 200
    result, expected = body["tool_calls"][0]["result"], known["tool_calls"][0]["result"]
    assert {key: result[key] for key in ("status", "error", "data", "return_code")} == {
        key: expected[key] for key in ("status", "error", "data", "return_code")
    }
    assert shape(without(known, body)) == shape(known)


@pytest.mark.parametrize(
    ("headers", "blocked", "refused"),
    [
        ({"X-Api-Key": "a&b"}, None, "x-api-key"),
        ({"Authorization": "Bearer a&b$"}, None, None),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux)"}, None, "user-agent"),
        ({"Content-Type": "application/json; charset=utf-8"}, None, "content-type"),
        ({"Accept": "*/*"}, "accept", None),
        ({"Accept": "*/*"}, " Authorization , ACCEPT ", None),
        ({"Accept": "*/*"}, "authorization,cookie", "accept"),
        ({"Authorization": "a$"}, "accept", "authorization"),
        ({"Accept": "*/*"}, "", "accept"),
    ],
)
def test_which_headers_are_refused(
    site: Site, headers: dict[str, str], blocked: str | None, refused: str | None
) -> None:
    more = {} if blocked is None else {"HOLMES_PASSTHROUGH_BLOCKED_HEADERS": blocked}
    _, body = call(site.serve(site.env(**more)) + "/api/chat", ASK, PLAIN | headers)
    result = body["tool_calls"][0]["result"]
    assert result["status"] == ("error" if refused else "success")
    if refused:
        assert result["error"].startswith(f"request header '{refused}' contains disallowed shell metacharacter(s)")


def test_account_without_rights_looks_like_success(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    known = json.loads(recorded("chat-0.45.0-sa-norbac")["tool_calls"][0]["result"]["data"])
    url = site.serve()
    monkeypatch.setenv("FORBIDDEN", "1")
    _, body = call(f"{url}/api/chat", ASK)
    result = body["tool_calls"][0]["result"]
    data = json.loads(result["data"])
    assert (result["status"], result["return_code"]) == ("success", 0)
    assert (data["count"], data["header"], data["rows"]) == (known["count"], known["header"], known["rows"])
    assert "Forbidden" in known["stderr"] and "Forbidden" in data["stderr"]


def test_old_account_without_rights_is_an_error(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.model.tool, site.model.arguments = "kubectl_get_by_kind_in_namespace", {"kind": "pod", "namespace": "x"}
    url = site.serve(version="0.16.1")
    monkeypatch.setenv("FORBIDDEN", "1")
    result = call(f"{url}/api/chat", ASK)[1]["tool_calls"][0]["result"]
    assert result["status"] == "error" and result["return_code"] == 1
    assert result["error"] == "Command `kubectl get --show-labels -o wide pod -n x` failed with return code 1"


@pytest.mark.parametrize(
    ("arguments", "pattern", "rows"),
    [({}, None, 2), ({}, "Succeeded$", 1), ({}, "[", 0), ("{broken", None, 2)],
)
def test_rows_of_the_table(site: Site, arguments: Any, pattern: str | None, rows: int) -> None:
    broken = isinstance(arguments, str)
    site.model.arguments = arguments if broken else stub.POD_QUERY | {"filter_pattern": pattern}
    _, body = call(site.serve() + "/api/chat", ASK)
    result = body["tool_calls"][0]["result"]
    # arguments that are not JSON count as none, and the tool runs all the same: measured on 0.45.0
    assert json.loads(result["data"])["count"] == rows and result["params"] == ({} if broken else site.model.arguments)


def test_unknown_tool_is_a_failed_call(site: Site) -> None:
    site.model.tool = "rm_rf"
    status, body = call(site.serve() + "/api/chat", ASK)
    entry = body["tool_calls"][0]
    assert status == 200 and entry["result"]["error"] == "Failed to find tool rm_rf"
    assert (entry["toolset_name"], entry["description"], entry["result"]["icon_url"]) == (None, "", None)
