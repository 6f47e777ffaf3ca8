# SPDX-License-Identifier: GPL-3.0-or-later
"""One command in a pod: the real client of Kubernetes against a websocket on loopback."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_exec import (
    Done,
    Place,
    executor,
    refusal,
    trouble_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import FORBIDDEN, OTHER, TIMEOUT, Unreachable
from kubernetes.client import ApiException, Configuration

from tests.unit.fixtures.egress_world import ApiServer, server

PLACE = Place("obs", "holmes-1", "holmes")
SUCCESS = json.dumps({"metadata": {}, "status": "Success"})
FAILURE = json.dumps({"status": "Failure", "message": 'exec: "python3": executable file not found in $PATH'})


def execute(api: ApiServer, seconds: float = 3.0) -> Done:
    with server(api) as port:
        configuration = Configuration()
        configuration.host = f"http://127.0.0.1:{port}"
        configuration.api_key = {"authorization": "Bearer token"}
        cluster = SimpleNamespace(raw=SimpleNamespace(configuration=configuration))
        return executor(cluster)(PLACE, ["python3", "-c", "print('a b')"], seconds)


def test_the_command_arrives_whole_and_its_output_comes_back() -> None:
    api = ApiServer([(1, "[1,"), (2, "a warning"), (1, "2]\n"), (3, SUCCESS)])
    assert execute(api) == Done("[1,2]\n", "")
    url = urlsplit(api.request.split(" ")[1])
    assert url.path == "/api/v1/namespaces/obs/pods/holmes-1/exec"
    query = parse_qs(url.query)
    assert query["command"] == ["python3", "-c", "print('a b')"]
    assert query["container"] == ["holmes"]
    assert [query[name][0].lower() for name in ("stdin", "tty", "stdout")] == ["false", "false", "true"]


def test_a_program_that_is_not_in_the_image() -> None:
    done = execute(ApiServer([(3, FAILURE)]))
    assert done == Done("", 'exec: "python3": executable file not found in $PATH')


def test_a_command_that_never_ends() -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable, match="did not end within 1 s") as caught:
        execute(ApiServer([(1, "half")], close=False), 1.0)
    assert caught.value.kind == TIMEOUT
    assert time.monotonic() - started < 5.0


def test_the_end_of_the_command_is_enough() -> None:
    started = time.monotonic()
    assert execute(ApiServer([(1, "[]"), (3, SUCCESS)], close=False), 6.0).output == "[]"
    assert time.monotonic() - started < 4.0


def test_endless_output_is_cut() -> None:
    started = time.monotonic()
    done = execute(ApiServer([(1, "x" * 60000)] * 3, close=False), 6.0)
    assert len(done.output) == 65536
    assert time.monotonic() - started < 4.0


def test_a_missing_right_is_named() -> None:
    with pytest.raises(Unreachable, match="get and create pods/exec in namespace obs") as caught:
        execute(ApiServer(refuse="403 Forbidden"))
    assert caught.value.kind == FORBIDDEN


def test_another_refusal() -> None:
    with pytest.raises(Unreachable, match="no command could be started in pod holmes-1") as caught:
        execute(ApiServer(refuse="500 Internal Server Error"))
    assert caught.value.kind == OTHER
    assert refusal(ValueError("x"), PLACE).kind == OTHER


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Handshake status 403 Forbidden", FORBIDDEN),
        ("Handshake status 401 Unauthorized -+-+- {'x': '1'} -+-+- None", FORBIDDEN),
        ("Handshake status 500 Internal Server Error -+-+- {} -+-+- pod holmes-6d403f5b7-x401 is not running", OTHER),
        ("failed CONNECT via proxy status: 403", OTHER),
    ],
)
def test_only_the_status_of_the_answer_tells_of_a_missing_right(reason: str, kind: str) -> None:
    assert refusal(ApiException(status=0, reason=reason), PLACE).kind == kind


@pytest.mark.parametrize(
    ("status", "told"),
    [("", ""), ("no JSON", ""), (SUCCESS, ""), ('{"status": "Failure"}', "no reason given"), (FAILURE, "exec:")],
)
def test_trouble(status: str, told: str) -> None:
    assert trouble_of(status).startswith(told) and bool(trouble_of(status)) is bool(told)
