# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading through kubernetes.core's client, and its errors as sentences."""

from __future__ import annotations

import json
import threading
import time
import typing as t
from dataclasses import dataclass, field

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _kube
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, connect, items, path_of


class ApiError(Exception):
    """As the client library raises them: status and body."""

    def __init__(self, status: int, body: t.Any) -> None:
        super().__init__(f"{status} Reason")
        self.status, self.body = status, body


class RetriesExceeded(Exception):
    """As urllib3 raises them: the reason inside."""

    def __init__(self, reason: Exception) -> None:
        super().__init__("Max retries exceeded with url: /x")
        self.reason = reason


@dataclass
class Reply:
    data: bytes


@dataclass
class Client:
    """A dynamic client that answers by path."""

    answers: dict[str, t.Any]
    seen: list[tuple[str, dict[str, t.Any]]] = field(default_factory=list)

    def request(self, method: str, path: str, **options: t.Any) -> Reply:
        self.seen.append((f"{method} {path}", options))
        found = self.answers[path]
        if isinstance(found, Exception):
            raise found
        return Reply(found if isinstance(found, bytes) else json.dumps(found).encode())


@dataclass
class Raw:
    client: Client


def test_a_list_with_its_query_and_a_time_limit() -> None:
    client = Client({"/api/v1/pods": {"items": [{"metadata": {"name": "a"}}]}})
    assert [_kube.name_of(one) for one in items(Cluster(Raw(client), 7.0), "/api/v1/pods", labelSelector="app=x")] == [
        "a"
    ]
    ((_call, options),) = client.seen
    assert options["query_params"] == [("labelSelector", "app=x")]
    assert options["_request_timeout"] == 7.0


def test_a_server_that_never_answers_costs_the_time_limit_once() -> None:
    """The library would try again three times."""
    forever = threading.Event()

    class Silent(Client):
        def request(self, method: str, path: str, **options: t.Any) -> Reply:
            forever.wait(20)
            return Reply(b"{}")

    started = time.monotonic()
    with pytest.raises(_kube.KubeError, match="did not answer /version: no answer within 0 s"):
        Cluster(Raw(Silent({})), 0.3).get("/version")
    forever.set()
    assert time.monotonic() - started < 5


def test_text_survives_bytes_that_are_no_text() -> None:
    assert Cluster(Raw(Client({"/log": b"ok \xff"}))).text("/log") == "ok \ufffd"


ERRORS = [
    (
        ApiError(403, b'{"message": "pods is forbidden: User \\"eve\\" cannot list resource"}'),
        403,
        "cannot list resource",
    ),
    (ApiError(404, "no json"), 404, "no json"),
    (ApiError(500, None), 500, "no reason given"),
    (
        RetriesExceeded(OSError("[Errno 111] Connection refused")),
        0,
        "did not answer /x: [Errno 111] Connection refused",
    ),
    (RuntimeError(), 0, "RuntimeError"),
]


@pytest.mark.parametrize(("error", "status", "told"), ERRORS)
def test_errors_are_sentences(error: Exception, status: int, told: str) -> None:
    with pytest.raises(KubeError) as caught:
        Cluster(Raw(Client({"/x": error}))).get("/x")
    assert caught.value.status == status
    assert told in caught.value.msg
    assert caught.value.forbidden is (status == 403)


def test_what_is_not_json_is_a_sentence() -> None:
    with pytest.raises(KubeError, match="not JSON"):
        Cluster(Raw(Client({"/x": b"<html>"}))).get("/x")


CONNECTIONS = [
    ({"/version": {}}, ""),
    ({"/version": ApiError(403, b"{}")}, ""),
    ({"/version": ApiError(401, b'{"message": "Unauthorized"}')}, "Unauthorized"),
    ({"/version": RetriesExceeded(OSError("refused"))}, "refused"),
]


@pytest.mark.parametrize(("answers", "told"), CONNECTIONS)
def test_connecting_asks_the_api_server_once(
    answers: dict[str, t.Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, t.Any]] = []

    def client(**auth: t.Any) -> Raw:
        given.append(auth)
        return Raw(Client(answers))

    monkeypatch.setattr(_kube, "get_api_client", client)
    monkeypatch.setattr(_kube, "AUTH_ARG_SPEC", {"context": {}, "host": {}})
    params = {"context": "site", "host": None, "namespace": "holmes"}
    if not told:
        connect(params)
        assert given == [{"context": "site"}]
        return
    with pytest.raises(KubeError, match=f"No connection to the cluster: .*{told}") as caught:
        connect(params)
    assert "kubectl version" in caught.value.fix


def test_a_client_that_cannot_be_made_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def client(**auth: t.Any) -> Raw:
        raise ValueError("Invalid kube-config file. No configuration found.")

    monkeypatch.setattr(_kube, "get_api_client", client)
    with pytest.raises(
        KubeError, match="No connection to the cluster: Invalid kube-config file. No configuration found."
    ):
        connect({})


def test_paths() -> None:
    assert path_of(_kube.CORE, "pods", "holmes", "a") == "/api/v1/namespaces/holmes/pods/a"
    assert path_of(_kube.RBAC, "clusterroles", "", "system:basic-user").endswith("/clusterroles/system:basic-user")
    assert path_of(_kube.CORE, "pods", "a/b") == "/api/v1/namespaces/a%2Fb/pods"


def test_a_call_with_a_deadline() -> None:
    import threading

    assert within(5, lambda: 7) == 7
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])
    hold = threading.Event()
    with pytest.raises(Overdue):
        within(0.05, lambda: hold.wait(5))
    hold.set()
