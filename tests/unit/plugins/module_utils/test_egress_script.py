# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that tries connections inside the pod, run by this Python against loopback."""

from __future__ import annotations

import ast
import base64
import json
import time
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_script import SCRIPT

from tests.unit.fixtures.egress_world import LOCAL, Proxy, ask, closed, hangs_up, says_nothing, server, speaks

PASSWORD = "canary-5e11"
# TEST-NET-1: no route leads there, or packets are dropped.
NOWHERE = ("192.0.2.1", 443)


def test_it_fits_into_the_python_of_old_images_and_into_a_url() -> None:
    ast.parse(SCRIPT, feature_version=(3, 6))
    assert len(SCRIPT) < 5000
    assert "open(" not in SCRIPT and "subprocess" not in SCRIPT


@pytest.mark.parametrize(("talk", "answered"), [(speaks, True), (hangs_up, False), (says_nothing, False)])
def test_connected_is_not_yet_answered(talk: t.Any, answered: bool) -> None:
    with server(talk) as port:
        (row,) = ask([(LOCAL, port)], seconds=2.0)
    assert (row["kind"], row["ok"], row["answered"], row["peer"]) == ("outside", True, answered, LOCAL)


def test_what_is_closed_says_why() -> None:
    (row,) = ask([(LOCAL, closed())])
    assert (row["ok"], row["error"]) == (False, "ConnectionRefusedError: Connection refused")


def test_a_name_that_nobody_knows() -> None:
    (row,) = ask([("name.invalid", 443)])
    assert row["ok"] is False
    assert row["error"].startswith("gaierror") or row["error"] == "no answer"


def test_it_ends_in_time_whatever_happens() -> None:
    started = time.monotonic()
    with server(says_nothing) as port:
        rows = ask([NOWHERE, (LOCAL, port)], [("local", *NOWHERE)], seconds=2.0)
    assert time.monotonic() - started < 4.0
    assert [row["ok"] for row in rows] == [False, True, False]


# A firewall that drops packets, in front of a name with this many addresses.
DROPS = """
import socket, time
resolved = socket.getaddrinfo
class Dropping(socket.socket):
    def connect(self, address):
        time.sleep(self.gettimeout())
        raise TimeoutError
socket.getaddrinfo = lambda *given: resolved(*given)[:1] * ADDRESSES
socket.socket = Dropping
"""


@pytest.mark.parametrize("addresses", [1, 8])
def test_packets_that_are_dropped_are_waited_for_two_seconds_whatever_the_name_has(addresses: int) -> None:
    started = time.monotonic()
    (row,) = ask([(LOCAL, 443)], seconds=6.0, before=DROPS.replace("ADDRESSES", str(addresses)))
    assert 2.0 < time.monotonic() - started < 4.5
    assert (row["ok"], row["error"]) == (False, "TimeoutError: ")


def test_a_model_server_gets_longer() -> None:
    started = time.monotonic()
    (row,) = ask(models=[("far", LOCAL, 443)], seconds=6.0, before=DROPS.replace("ADDRESSES", "1"))
    assert 3.0 < time.monotonic() - started < 5.5
    assert (row["ok"], row["error"]) == (False, "TimeoutError: ")


BOTH = """
import socket
resolved = socket.getaddrinfo
socket.getaddrinfo = lambda host, port, *rest: [
    found for one in (FIRST, SECOND) for found in resolved("127.0.0.1", one, *rest)
]
"""


@pytest.mark.parametrize("kind", ["outside", "model"])
def test_the_second_address_of_a_name_is_tried_as_well(kind: str) -> None:
    with server(says_nothing) as port:
        two = BOTH.replace("FIRST", str(closed())).replace("SECOND", str(port))
        place = ("name.invalid", port)
        rows = ask([place], seconds=2.0, before=two) if kind == "outside" else ask(models=[("a", *place)], before=two)
    assert [(row["ok"], row["peer"]) for row in rows] == [(True, LOCAL)]


def test_a_dns_that_hangs_does_not_hold_it_up() -> None:
    started = time.monotonic()
    rows = ask(
        [("name.invalid", 443)],
        seconds=1.5,
        before="import socket, time\nsocket.getaddrinfo = lambda *_a: time.sleep(60)\n",
    )
    assert time.monotonic() - started < 3.5
    assert (rows[0]["ok"], rows[0]["error"]) == (False, "no answer")


def test_all_is_tried_at_the_same_time() -> None:
    with server(says_nothing) as port:
        started = time.monotonic()
        assert len(ask([(LOCAL, port)] * 8, seconds=4.0)) == 8
    assert time.monotonic() - started < 4.5


def test_models_by_address_and_by_the_pods_own_variable() -> None:
    with server(speaks) as port:
        url = f"http://user:{PASSWORD}@{LOCAL}:{port}/v1"
        rows = ask(
            models=[("a", LOCAL, port), ("b", "", "BASE"), ("c", "", "ABSENT"), ("d", LOCAL, closed())], BASE=url
        )
    told = [(row["label"], row["host"], row["ok"]) for row in rows]
    assert told == [("a", LOCAL, True), ("b", LOCAL, True), ("c", "", False), ("d", LOCAL, False)]
    assert rows[2]["error"] == "no URL in ABSENT"
    assert PASSWORD not in json.dumps(rows)


@pytest.mark.parametrize(
    ("status", "ok", "error"),
    [
        ("200 Connection established", True, ""),
        ("403 Forbidden", False, "HTTP 403"),
        ("407 Proxy Authentication Required", False, "HTTP 407"),
    ],
)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy"])
def test_a_proxy_is_asked_for_a_name_outside(status: str, ok: bool, error: str, name: str) -> None:
    proxy = Proxy(status)
    with server(proxy) as port:
        environment = {name: f"http://user:{PASSWORD}@{LOCAL}:{port}"}
        rows = ask([("192.0.2.1", 443), ("name.invalid", 443)], seconds=2.0, **environment)
    row = rows[-1]
    assert (row["kind"], row["label"], row["host"], row["port"]) == ("proxy", "name.invalid", LOCAL, port)
    assert (row["ok"], row["error"]) == (ok, error)
    (asked,) = proxy.asked
    assert asked.startswith("CONNECT name.invalid:443 HTTP/1.1\r\nHost: name.invalid:443\r\n")
    # The password goes to the proxy, and nowhere else.
    assert base64.b64encode(f"user:{PASSWORD}".encode()).decode() in asked
    assert PASSWORD not in json.dumps(rows)


def test_a_proxy_without_a_scheme_and_one_that_is_gone() -> None:
    row = ask([("name.invalid", 443)], HTTPS_PROXY=f"{LOCAL}:{closed()}")[-1]
    assert (row["kind"], row["ok"], row["error"]) == ("proxy", False, "ConnectionRefusedError: Connection refused")


def test_without_a_proxy_or_with_one_of_another_kind_none_is_asked() -> None:
    assert [row["kind"] for row in ask([(LOCAL, closed())], ALL_PROXY="socks5://127.0.0.1:1")] == ["outside"]


def test_a_model_that_is_only_reached_through_the_proxy_is_reached() -> None:
    with server(Proxy("200 OK")) as port:
        rows = ask(models=[("far", LOCAL, closed())], HTTP_PROXY=f"http://{LOCAL}:{port}")
    assert (rows[0]["ok"], rows[0]["peer"], rows[0]["error"]) == (True, "proxy", "")
    with server(Proxy("403 Forbidden")) as port:
        rows = ask(models=[("far", LOCAL, closed())], HTTP_PROXY=f"http://{LOCAL}:{port}")
    assert (rows[0]["ok"], rows[0]["error"]) == (False, "ConnectionRefusedError: Connection refused")
