# SPDX-License-Identifier: GPL-3.0-or-later
"""The way through the API server's proxy, with the real Python client against a double of the API server."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import HolmesApi
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    FORBIDDEN,
    OTHER,
    REFUSED,
    RESET,
    TIMEOUT,
    Answer,
    NoWay,
    Unreachable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service_proxy import Fallback, ServiceProxy
from kubernetes.client import ApiClient, Configuration
from kubernetes.dynamic import DynamicClient

from tests.unit.fixtures.verify_world import HolmesServer, service

PROXY = "/api/v1/namespaces/holmes/services/holmes-holmes:80/proxy"
STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}


def proxy(url: str) -> ServiceProxy:
    configuration = Configuration(host=url)
    configuration.retries = False
    client = DynamicClient(ApiClient(configuration), discoverer=lambda *_arguments: None)
    cluster: t.Any = SimpleNamespace(raw=SimpleNamespace(client=client))
    return ServiceProxy(cluster, service(), "holmes")


def test_answers_and_errors_of_holmesgpt_come_through() -> None:
    replies = {
        f"GET {PROXY}/readyz": (200, {"status": "ready"}),
        f"POST {PROXY}/api/chat": (500, {"detail": "litellm.Timeout"}, {"X-From": "holmes"}),
    }
    with HolmesServer(replies) as server:
        api = HolmesApi(proxy(server.url), "key_1-a")
        assert api.get("/readyz").json() == {"status": "ready"}
        answer = api.chat("What runs?", "gpt-oss-120b", 5)
    assert (answer.status, answer.json()) == (500, {"detail": "litellm.Timeout"})
    assert answer.headers["x-from"] == "holmes"
    _ready, chat = server.requests
    assert chat.body["ask"] == "What runs?"
    assert chat.headers["X-API-Key"] == "key_1-a"
    assert "Authorization" not in chat.headers
    assert chat.headers["Accept"] == "application/json"
    assert chat.headers["Content-Type"] == "application/json"


REFUSALS = [
    (403, "services is forbidden", FORBIDDEN, "get services/proxy in namespace holmes"),
    (503, 'no endpoints available for service "holmes-holmes"', REFUSED, "no endpoints"),
    (503, "error trying to reach service: dial tcp: connect: connection refused", REFUSED, "connection refused"),
    (404, 'services "holmes-holmes" not found', OTHER, "not found"),
]


@pytest.mark.parametrize(("status", "message", "kind", "told"), REFUSALS)
def test_an_error_of_the_api_server_itself_is_no_answer(status: int, message: str, kind: str, told: str) -> None:
    replies = {f"GET {PROXY}/readyz": (status, {**STATUS, "message": message})}
    with HolmesServer(replies) as server, pytest.raises(Unreachable) as caught:
        proxy(server.url).request("GET", "/readyz", {}, None, 5)
    assert caught.value.kind == kind
    assert told in str(caught.value)


def test_an_api_server_that_is_gone() -> None:
    with HolmesServer({}) as server:
        way = proxy(server.url)
    with pytest.raises(Unreachable) as caught:
        way.request("GET", "/readyz", {}, None, 5)
    assert caught.value.kind == RESET


def test_a_key_that_would_break_tools_is_not_sent() -> None:
    with HolmesServer({}) as server, pytest.raises(Unreachable) as caught:
        HolmesApi(proxy(server.url), "canary&$(id)").get("/api/model")
    assert caught.value.kind == FORBIDDEN
    assert "canary" not in str(caught.value)
    assert not server.requests


class Way:
    """A transport that gives one answer or error, and counts."""

    def __init__(self, where: str, reply: t.Any, bearer: bool = True) -> None:
        self.where, self.reply, self.bearer, self.asked = where, reply, bearer, 0

    def request(self, *_request: t.Any) -> Answer:
        self.asked += 1
        if isinstance(self.reply, Exception):
            raise self.reply
        answer: Answer = self.reply
        return answer


def test_the_second_way_is_taken_once_the_first_cannot_be_opened_and_kept() -> None:
    first, second = Way("a pod", NoWay(TIMEOUT, "no port-forward")), Way("a proxy", Answer(200, {}, b""), False)
    way = Fallback(first, lambda: second)
    assert (way.where, way.bearer) == ("a pod", True)
    for _time in range(2):
        assert way.request("GET", "/", {}, None, 1).status == 200
    assert (first.asked, second.asked) == (1, 2)
    assert (way.where, way.bearer) == ("a proxy", False)


def test_a_server_that_is_down_is_no_reason_for_another_way() -> None:
    second = Way("a proxy", Answer(200, {}, b""))
    with pytest.raises(Unreachable) as caught:
        Fallback(Way("a pod", Unreachable(REFUSED, "refused")), lambda: second).request("GET", "/", {}, None, 1)
    assert caught.value.kind == REFUSED
    assert not second.asked


def test_if_neither_can_be_opened_both_are_told() -> None:
    ways = [Way("a pod", NoWay(OTHER, "no forward")), Way("a proxy", NoWay(FORBIDDEN, "no proxy"))]
    with pytest.raises(Unreachable, match="no forward, and instead of it no proxy") as caught:
        Fallback(ways[0], lambda: ways[1]).request("GET", "/", {}, None, 1)
    assert caught.value.kind == FORBIDDEN
