# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Secret should hold, and that its values never show."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _secret
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

CANARY = "canary-7f3a"


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def made(data: dict[str, str], ours: bool) -> dict[str, object]:
    labels = {_secret.OWNER_LABEL: _secret.OWNER} if ours else {}
    return {"metadata": {"uid": "u1", "labels": labels}, "data": {key: b64(text) for key, text in data.items()}}


def test_text_becomes_base64() -> None:
    assert _secret.opaque_data({"openai-api-key": "키 none"}) == {"openai-api-key": b64("키 none")}


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (CANARY, "mapping"),
        ([{"key": CANARY}], "mapping"),
        ({"key": [CANARY]}, "'key'"),
        ({"key": {"nested": CANARY}}, "'key'"),
        ({"key": 12345}, "'key'"),
        ({"key": None}, "'key'"),
        ({"key": " "}, "'key'"),
        ({"key": CANARY + "\n"}, "line break"),
        ({"no spaces": CANARY}, "legal"),
        ({"big": CANARY + "x" * 1024 * 1024}, "1 MiB"),
    ],
)
def test_anything_else_is_refused_by_name_and_without_the_value(data: object, named: str) -> None:
    with pytest.raises(HolmesError) as refused:
        _secret.opaque_data(data)
    assert named in refused.value.msg
    assert refused.value.fix
    assert CANARY not in refused.value.msg + refused.value.fix


def test_registry_login_is_what_the_kubelet_reads() -> None:
    data = _secret.registry_data({"host": "registry.example:5000", "username": "u", "password": "p"})
    config = json.loads(base64.b64decode(data[".dockerconfigjson"]))
    assert config == {"auths": {"registry.example:5000": {"username": "u", "password": "p", "auth": b64("u:p")}}}


@pytest.mark.parametrize(
    "registry",
    [
        CANARY,
        {"host": "registry.example", "username": "u"},
        {"host": "registry.example", "username": "u", "password": 5},
        {"host": "https://registry.example", "username": "u", "password": CANARY},
        {"host": "registry.example/path", "username": "u", "password": CANARY},
    ],
)
def test_bad_registry_login_is_refused(registry: object) -> None:
    with pytest.raises(HolmesError) as refused:
        _secret.registry_data(registry)
    assert CANARY not in refused.value.msg


@pytest.mark.parametrize(
    ("existing", "wanted", "changes"),
    [
        (None, {"a": "1"}, {"a": b64("1")}),
        (made({"a": "1"}, True), {"a": "1"}, {}),
        (made({"a": "1"}, True), {"a": "2"}, {"a": b64("2")}),
        (made({"a": "1", "old": "x"}, True), {"a": "1"}, {"old": None}),
        (made({"a": "1", "theirs": "x"}, False), {"a": "1"}, {}),
        (made({"theirs": "x"}, False), {"a": "1"}, {"a": b64("1")}),
    ],
)
def test_only_differences_are_written_and_foreign_keys_stay(
    existing: dict[str, object] | None, wanted: dict[str, str], changes: dict[str, str | None]
) -> None:
    assert _secret.patch_for(existing, {key: b64(text) for key, text in wanted.items()}) == changes


def test_token_follows_content_and_object() -> None:
    data = {"a": b64("1")}
    token = _secret.rollout_token("u1", data)
    assert token == _secret.rollout_token("u1", dict(data))
    assert token != _secret.rollout_token("u1", {"a": b64("2")})
    assert token != _secret.rollout_token("u2", data), "without the uid a short password could be tried out"


def test_diff_shows_keys_only() -> None:
    existing = made({"a": "1", "gone": "x"}, True)
    before, after = _secret.masked(existing, _secret.patch_for(existing, {"a": b64(CANARY), "new": b64(CANARY)}))
    assert set(before) == {"a", "gone"}
    assert set(after) == {"a", "new"}
    assert after["a"] != before["a"]
    assert CANARY not in str((before, after)) and b64(CANARY) not in str((before, after))
