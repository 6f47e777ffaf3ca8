# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a registry answers at all, and what is wrong if not."""

from __future__ import annotations

import socket
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry import Registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_http import certificate_fault, get

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import (
    CONTENT,
    HTML,
    client,
    free_port,
    kind,
)
from tests.unit.fixtures.registry_world import (
    BASIC,
    FakeRegistry,
    Reply,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Path:
    return authority.issue()


PINGS = [
    (HTML, False),
    (Reply(404, b"nothing"), False),
    (Reply(401, b"<html>", {"WWW-Authenticate": "Negotiate"}), False),
    (Reply(401, b"<html>", {"WWW-Authenticate": 'Basic realm="proxy"'}), True),
    (Reply(200, b"{}"), True),
    (Reply(200, b""), True),
]


@pytest.mark.parametrize(("reply", "good"), PINGS)
def test_whether_it_is_a_registry(reply: Reply, good: bool, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, instead={"/v2/": reply}, headers={}) as server:
        one = client(server, authority)
        if good:
            one.ping()
        else:
            assert kind(one.ping)[0] == registry.NOT_REGISTRY
    with FakeRegistry(tls, instead={"/v2/": reply}) as server:
        client(server, authority).ping()  # the header of the API says enough


CERTIFICATES: list[tuple[dict[str, t.Any], bool, str]] = [
    ({"days": -1.0}, True, "expired"),
    ({"starts": 1.0}, True, "early"),
    ({"address": "127.0.0.2"}, True, "name"),
    ({}, False, "untrusted"),
]


@pytest.mark.parametrize(("issued", "trusted", "fault"), CERTIFICATES)
def test_certificates(
    monkeypatch: pytest.MonkeyPatch,
    issued: dict[str, t.Any],
    trusted: bool,
    fault: str,
    authority: Authority,
    tmp_path: Path,
) -> None:
    with FakeRegistry(authority.issue(**issued), BASIC, CONTENT) as server:
        asked: list[str] = []
        monkeypatch.setattr(_registry, "get", lambda url, *rest: asked.append(url) or get(url, *rest))
        one = client(server, authority if trusted else Authority(tmp_path))
        with pytest.raises(Unreachable) as caught:
            one.ping()
    assert (caught.value.kind, certificate_fault(caught.value)) == ("tls", fault)
    assert asked == [f"https://{server.host}/v2/"]  # not in clear instead


def test_a_name_in_the_subject_does_not_count(authority: Authority) -> None:
    with FakeRegistry(authority.issue(address=""), BASIC, CONTENT) as server, pytest.raises(Unreachable) as caught:
        Registry(server.host.replace("127.0.0.1", "localhost"), str(authority.file), 3).ping()
    assert certificate_fault(caught.value) == "name"


def test_nothing_listens() -> None:
    assert kind(Registry(f"127.0.0.1:{free_port()}", "", 3).ping) == ("refused", "connection refused")


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: t.Any, **_kwargs: t.Any) -> t.Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert kind(Registry("registry.site:5000", "", 3).ping)[0] == "dns"


def test_silence_ends_at_the_timeout(authority: Authority, tls: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, FakeRegistry(tls, silent="/v2/") as server:
        mute = Registry(f"127.0.0.1:{listener.getsockname()[1]}", "", 0.3)
        for one in (mute, client(server, authority, 0.3)):
            started = time.monotonic()
            assert kind(one.ping)[0] == "timeout"
            assert time.monotonic() - started < 2
