# SPDX-License-Identifier: GPL-3.0-or-later
"""Log-ins at a registry: none, Basic, tokens; and where a log-in never goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Credential
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_auth import challenge, token_url

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import (
    BLOBS,
    CONTENT,
    GOOD,
    INDEX,
    WRONG,
    client,
    free_port,
    kind,
    reference,
)
from tests.unit.fixtures.registry_world import (
    BASIC,
    BEARER,
    NONE,
    TOKEN,
    USER,
    FakeRegistry,
    Reply,
    basic,
    digest,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Path:
    return authority.issue()


LOGINS: list[tuple[str, Credential | None, str]] = [
    (NONE, None, ""),
    (NONE, GOOD, ""),
    (BASIC, GOOD, ""),
    (BASIC, WRONG, registry.WRONG_LOGIN),
    (BASIC, None, registry.LOGIN_NEEDED),
    (BEARER, GOOD, ""),
    (BEARER, WRONG, registry.WRONG_LOGIN),
    (BEARER, None, registry.LOGIN_NEEDED),
]


@pytest.mark.parametrize(("auth", "credential", "error"), LOGINS)
def test_log_in(auth: str, credential: Credential | None, error: str, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, auth, CONTENT, BLOBS) as server:
        one = client(server, authority)
        one.ping()
        if error:
            assert kind(lambda: one.image(reference(server), credential))[0] == error
        else:
            found = one.image(reference(server), credential)
            assert (found.digest, found.platforms) == (digest(INDEX), ("linux/amd64", "linux/arm64/v8"))
        assert one.challenged is (auth != NONE)
    if auth == NONE:
        assert server.sent == []  # nobody asked for it


@pytest.mark.parametrize("auth", [BASIC, BEARER])
def test_a_wrong_log_in_is_tried_once(auth: str, authority: Authority, tls: Path) -> None:
    """Accounts get locked after a few."""
    with FakeRegistry(tls, auth, CONTENT, BLOBS) as server:
        one = client(server, authority)
        for image in ("holmes/holmes:1.0", "holmes/holmes:1.1", "other/one:1"):
            assert kind(lambda image=image: one.image(reference(server, image), WRONG))[0] == registry.WRONG_LOGIN
    assert server.sent == [basic(USER, WRONG.password)]


def test_an_account_without_the_right_for_this_repository(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, BEARER, CONTENT, BLOBS, pulls=["other/one"]) as server:
        told = kind(lambda: client(server, authority).image(reference(server), GOOD))
    assert told == (registry.DENIED, "it accepts the log-in, but not for this repository (401)")


@pytest.mark.parametrize(("credential", "error"), [(GOOD, registry.DENIED), (None, registry.LOGIN_NEEDED)])
def test_403(credential: Credential | None, error: str, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, instead={"/v2/holmes/": Reply(403, b"{}")}) as server:
        assert kind(lambda: client(server, authority).image(reference(server), credential))[0] == error


def test_a_token_server_on_another_host(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls) as tokens, FakeRegistry(tls, BEARER, CONTENT, BLOBS, realm=f"{tokens.url}/token") as server:
        assert client(server, authority).image(reference(server), GOOD).digest == digest(INDEX)
    assert tokens.sent == [basic()]
    assert set(server.sent) == {f"Bearer {TOKEN}"}
    assert tokens.asked[0][0] == "/token?service=site&scope=repository%3Aholmes%2Fholmes%3Apull"


TOKEN_SERVERS = [
    (Reply(200, b"<html>"), registry.TOKEN_SERVER, "gives no token"),
    (Reply(200, json.dumps({"token": "a\r\nb"}).encode()), registry.TOKEN_SERVER, "gives no token"),
    (Reply(500), registry.SERVER, "500"),
    (Reply(429), registry.BUSY, "429"),
    (Reply(404), registry.ODD, "404"),
]


@pytest.mark.parametrize(("reply", "error", "told"), TOKEN_SERVERS)
def test_a_broken_token_server(reply: Reply, error: str, told: str, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, BEARER, CONTENT, instead={"/token": reply}) as server:
        found = kind(lambda: client(server, authority).image(reference(server), GOOD))
    assert found[0] == error
    assert told in found[1]


def test_a_token_server_that_is_down(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, BEARER, CONTENT, realm=f"https://127.0.0.1:{free_port()}/token") as server:
        found = kind(lambda: client(server, authority).image(reference(server), GOOD))
    assert found[0] == registry.TOKEN_SERVER
    assert found[1].endswith("/token cannot be asked: connection refused")


def test_no_log_in_over_plain_http(authority: Authority, tls: Path) -> None:
    """Neither to a token server without TLS nor to such a registry."""
    with FakeRegistry() as tokens, FakeRegistry(tls, BEARER, CONTENT, realm=f"{tokens.url}/token") as server:
        assert kind(lambda: client(server, authority).image(reference(server), GOOD))[0] == registry.PLAIN_HTTP
    assert tokens.asked == []
    with FakeRegistry(None, BASIC, CONTENT) as server:
        one = client(server)
        one.ping()
        assert one.plain
        assert kind(lambda: one.image(reference(server), GOOD))[0] == registry.PLAIN_HTTP
    assert server.sent == []


def test_a_plain_registry_without_a_log_in() -> None:
    with FakeRegistry(None, NONE, CONTENT) as server:
        one = client(server)
        one.ping()
        assert (one.plain, one.image(reference(server), GOOD).digest) == (True, digest(INDEX))
    assert server.sent == []


HEADERS = [
    (
        'Bearer realm="https://a/t",service="s p",scope="repository:x:pull"',
        "https://a/t?service=s+p&scope=repository%3Ax%3Apull",
    ),
    ("bearer realm=https://a/t?x=1", "https://a/t?x=1&scope=mine"),
    ('Bearer service="s", realm="https://a/t#f"', "https://a/t?service=s&scope=mine"),
]


@pytest.mark.parametrize(("header", "url"), HEADERS)
def test_where_the_token_is(header: str, url: str) -> None:
    given = challenge(header)
    assert given
    assert token_url(given, "mine") == url


@pytest.mark.parametrize("header", ["", "Negotiate", "Basics x"])
def test_no_challenge(header: str) -> None:
    assert challenge(header) is None


@pytest.mark.parametrize(
    "realm", ["https://[::1", "https://a b/t", "https://127.0.0.1:x/t", "https://127.0.0.1:1/\u00e4"]
)
def test_an_unusable_realm(realm: str, authority: Authority, tls: Path) -> None:
    header = {"WWW-Authenticate": f'Bearer realm="{realm}"'}
    with FakeRegistry(tls, instead={"/v2/": Reply(401, b"{}", header)}) as server:
        assert kind(lambda: client(server, authority).image(reference(server), GOOD))[0] == registry.TOKEN_SERVER
