# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault of the model server double, and the admin port that switches them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.doubles.model_server.faults import KINDS, FaultError, parse
from tests.doubles.model_server.local import Answer, Running, running

CHAT = "/v1/chat/completions"
KEY = "s3cret-canary-key"
QUESTION = "list pods in namespace default"
STRING = {"type": "string"}
FUNCTION = {
    "name": "kubernetes_tabular_query",
    "strict": True,
    "parameters": {"type": "object", "properties": {"kind": STRING, "namespace": STRING}, "required": ["kind"]},
}
TOOLS = [{"type": "function", "function": FUNCTION}]
JSON_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "x", "schema": {"type": "object", "properties": {"a": STRING}}},
}


@pytest.fixture(scope="module")
def started() -> Iterator[Running]:
    with running() as double:
        yield double


@pytest.fixture
def server(started: Running) -> Running:
    started.reset()
    return started


def until(condition: Callable[[], object]) -> None:
    """Wait for what comes within a blink, with patience for a busy machine."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "It did not come."
        time.sleep(0.01)


def message(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()["choices"][0]["message"]
    return found


def error(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def after_a_call(server: Running) -> Answer:
    """The answer that follows a tool's result with one pod in it."""
    call = message(server.chat(QUESTION, TOOLS))["tool_calls"][0]
    history = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": '{"count": 1, "header": "NAME", "rows": ["web-1"]}'},
    ]
    return server.chat("", TOOLS, messages=history)


def check_prose(server: Running) -> None:
    said = message(server.chat(QUESTION, TOOLS))
    assert said["tool_calls"] == []
    assert "kubectl get pods -n default" in said["content"]


def check_no_auto_tools(server: Running) -> None:
    answer = server.chat(QUESTION, TOOLS, tool_choice="auto")
    needed = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    assert (answer.status, error(answer)["message"], error(answer)["type"]) == (400, needed, "BadRequestError")
    required = error(server.chat(QUESTION, TOOLS, tool_choice="required"))["message"]
    assert required == 'tool_choice="required" requires --tool-call-parser to be set'
    assert server.chat("say hello").status == 200


def check_refuse_strict(server: Running) -> None:
    answer = server.chat(QUESTION, TOOLS)
    assert answer.status == 400
    assert "'loc': ('body', 'tools', 0, 'function', 'strict')" in error(answer)["message"]
    assert "Extra inputs are not permitted" in error(answer)["message"]
    plain = [{"type": "function", "function": {k: v for k, v in FUNCTION.items() if k != "strict"}}]
    assert len(message(server.chat(QUESTION, plain))["tool_calls"]) == 1


def check_json_no_tools(server: Running) -> None:
    said = message(server.chat(QUESTION, TOOLS, response_format=JSON_FORMAT))
    assert said["tool_calls"] == []
    assert json.loads(said["content"]).keys() == {"a"}
    assert len(message(server.chat(QUESTION, TOOLS))["tool_calls"]) == 1


def check_broken_arguments(server: Running) -> None:
    arguments = message(server.chat(QUESTION, TOOLS))["tool_calls"][0]["function"]["arguments"]
    assert arguments.startswith('{"kind"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(arguments)


def check_ignore_tool_result(server: Running) -> None:
    content = message(after_a_call(server))["content"]
    assert "web-1" not in content
    assert "database-0" in content


def check_http_401(server: Running) -> None:
    answer = server.chat("hello")
    assert (answer.status, answer.json()) == (401, {"error": "Unauthorized"})


def check_http_429(server: Running) -> None:
    answer = server.chat("hello")
    assert (answer.status, answer.headers["retry-after"], error(answer)["code"]) == (429, "1", 429)
    assert server.faults(http_429={"retry_after": 7}).status == 200
    assert server.chat("hello").headers["retry-after"] == "7"


def check_http_500(server: Running) -> None:
    answer = server.chat("hello")
    assert (answer.status, error(answer)["type"]) == (500, "InternalServerError")
    assert "EngineCore" in error(answer)["message"]


def check_http_503(server: Running) -> None:
    answer = server.chat("hello")
    assert (answer.status, answer.body) == (503, b"no healthy upstream")
    assert server.request("GET", "/health").status == 200


def check_slow(server: Running) -> None:
    begin = time.monotonic()
    assert server.chat("hello").status == 200
    assert time.monotonic() - begin >= 0.3  # that it ends is the client's own timeout


def check_hang(server: Running) -> None:
    with pytest.raises(TimeoutError):
        server.request("GET", "/v1/models", timeout=0.4)
    until(lambda: server.requests() and server.requests()[-1]["fault"])
    assert server.requests()[-1]["status"] is None
    assert server.requests()[-1]["fault"] == "hang"


def check_reset(server: Running) -> None:
    for stream in (False, True):
        with pytest.raises(ConnectionResetError):
            server.chat("say hello", stream=stream)


def check_wrong_model(server: Running) -> None:
    assert server.request("GET", "/v1/models").json()["data"][0]["id"] == "gpt-oss-20b"
    assert server.chat("hello").status == 404
    assert server.chat("hello", model="gpt-oss-20b").status == 200


def check_context_length(server: Running) -> None:
    assert server.request("GET", "/v1/models").json()["data"][0]["max_model_len"] == 64
    answer = server.chat("hello", max_tokens=64)
    assert answer.status == 400
    assert "maximum context length is 64 tokens" in error(answer)["message"]


CHECKS: dict[str, tuple[dict[str, Any], Any]] = {
    "prose": ({}, check_prose),
    "no_auto_tools": ({}, check_no_auto_tools),
    "refuse_strict": ({}, check_refuse_strict),
    "json_no_tools": ({}, check_json_no_tools),
    "broken_arguments": ({}, check_broken_arguments),
    "ignore_tool_result": ({}, check_ignore_tool_result),
    "http_401": ({}, check_http_401),
    "http_429": ({}, check_http_429),
    "http_500": ({}, check_http_500),
    "http_503": ({}, check_http_503),
    "slow": ({"seconds": 0.3}, check_slow),
    "hang": ({}, check_hang),
    "reset": ({}, check_reset),
    "wrong_model": ({"name": "gpt-oss-20b"}, check_wrong_model),
    "context_length": ({"max_model_len": 64}, check_context_length),
}


def test_every_fault_is_tested() -> None:
    assert KINDS.keys() == CHECKS.keys() | {"certificate"}  # certificates: test_model_server_tls.py


@pytest.mark.parametrize("name", list(CHECKS))
def test_fault(server: Running, name: str) -> None:
    options, check = CHECKS[name]
    assert server.faults(**{name: options}).status == 200
    check(server)
    assert any(name in (entry["fault"] or "") for entry in server.requests())


@pytest.mark.parametrize("name", list(CHECKS))
def test_without_faults_all_is_well(server: Running, name: str) -> None:
    options, _ = CHECKS[name]
    server.faults(**{name: options})
    server.faults()
    assert "web-1" in message(after_a_call(server))["content"]
    assert server.chat("hello", max_tokens=64).status == 200


def test_a_fault_heals_after_its_times(server: Running) -> None:
    server.faults(http_500={"times": 2})
    assert [server.chat("hello").status for _ in range(4)] == [500, 500, 200, 200]
    state = server.request("GET", "/double/faults", port=server.admin_port).json()["faults"]["http_500"]
    assert (state["times"], state["left"], state["used"]) == (2, 0, 2)


def test_times_count_effects_not_requests(server: Running) -> None:
    server.faults(prose={"times": 1})
    assert message(server.chat("say hello", TOOLS))["tool_calls"] == []  # there was no call to suppress
    assert message(server.chat(QUESTION, TOOLS))["tool_calls"] == []
    assert len(message(server.chat(QUESTION, TOOLS))["tool_calls"]) == 1


def test_match_limits_a_fault_to_paths(server: Running) -> None:
    server.faults(http_503={"match": "/v1/models"})
    assert server.request("GET", "/v1/models").status == 503
    assert server.chat("hello").status == 200
    server.faults(http_503={"match": "/health"})
    assert server.request("GET", "/health").status == 503


def test_several_faults_at_once(server: Running) -> None:
    server.faults(slow={"seconds": 0.2}, http_401=True)
    begin = time.monotonic()
    assert server.chat("hello").status == 401
    assert time.monotonic() - begin >= 0.2
    assert server.requests()[-1]["fault"] == "slow,http_401"


@pytest.mark.parametrize("fault", [{"hang": {}}, {"slow": {"seconds": 3000}}])
def test_taking_a_fault_away_lets_waiting_answers_go(server: Running, fault: dict[str, Any]) -> None:
    server.faults(**fault)
    answers: list[Answer] = []
    waiting = threading.Thread(target=lambda: answers.append(server.chat("hello")))
    waiting.start()
    until(lambda: server.requests() and server.requests()[-1]["fault"])
    time.sleep(0.3)  # an answer would come in this time
    assert answers == []
    server.request("DELETE", "/double/faults", port=server.admin_port)
    waiting.join(30)
    assert [answer.status for answer in answers] == [200]


def test_a_client_that_hangs_up_is_noticed(server: Running) -> None:
    server.faults(hang={})
    before = set(threading.enumerate())
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        until(lambda: set(threading.enumerate()) - before)
        waiting = set(threading.enumerate()) - before
        until(lambda: server.requests() and server.requests()[-1]["fault"] == "hang")
        assert all(thread.is_alive() for thread in waiting)
    for thread in waiting:
        thread.join(30)
        assert not thread.is_alive()


WRONG = [
    ([], "The body must be a JSON object of fault names"),
    ({"slowly": {}}, 'Unknown fault "slowly"; known faults: broken_arguments, certificate'),
    ({"slow": 3}, 'Fault "slow": its options must be a JSON object'),
    ({"slow": {}}, 'Fault "slow" needs "seconds": a number from 0 to 3600.'),
    ({"slow": {"seconds": "2"}}, """Fault "slow": "seconds" must be a number from 0 to 3600, not '2'."""),
    ({"slow": {"seconds": True}}, '"seconds" must be a number'),
    ({"slow": {"seconds": 1, "sec": 1}}, 'Fault "slow" has no option "sec"; it takes: match, seconds, times.'),
    ({"prose": {"times": 0}}, '"times" must be a whole number of at least 1, not 0.'),
    ({"prose": {"match": "v1"}}, '"match" must be a path that begins with "/"'),
    ({"wrong_model": {"name": ""}}, '"name" must be a text that is not empty'),
    ({"context_length": {}}, 'Fault "context_length" needs "max_model_len"'),
    ({"certificate": {"name": "expired"}}, 'There is no certificate "expired"; known certificates: none'),
    ({"certificate": {"name": "expired", "match": "/"}}, 'has no option "match"'),
]


@pytest.mark.parametrize(("wanted", "sentence"), WRONG)
def test_wrong_faults_are_one_sentence_and_change_nothing(server: Running, wanted: Any, sentence: str) -> None:
    server.faults(http_503={})
    answer = server.request("PUT", "/double/faults", wanted, port=server.admin_port)
    assert answer.status == 400
    assert sentence in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert server.chat("hello").status == 503
    with pytest.raises(FaultError):
        parse(wanted)


def test_the_admin_port_refuses_what_it_does_not_know(server: Running) -> None:
    bad = server.request("PUT", "/double/faults", b"{", port=server.admin_port)
    other = server.request("GET", "/v1/models", port=server.admin_port)
    assert (bad.status, other.status) == (400, 404)
    assert bad.json()["error"].startswith("The body is not JSON")
    assert "/double/requests" in other.json()["error"]
    assert server.request("GET", "/double/faults").status == 404  # not at the model server's own port


def test_the_log_tells_what_was_asked_but_no_secret(server: Running) -> None:
    server.reset()
    headers = {"X-API-Key": KEY, "User-Agent": "test"}
    given = {"model": "gpt-oss-120b", "tool_choice": "auto", "max_tokens": 9}
    body = {**given, "messages": [{"role": "user", "content": "hi"}], "tools": TOOLS}
    server.request("POST", CHAT, body, key=KEY, headers=headers)
    server.request("GET", "/health")
    (entry,) = server.requests()
    assert (entry["method"], entry["path"], entry["port"], entry["status"]) == ("POST", CHAT, "plain", 200)
    assert entry["headers"]["User-Agent"] == "test"
    assert entry["headers"]["Authorization"].startswith("Bearer sha256:")
    assert len(entry["headers"]["Authorization"]) == len("Bearer sha256:") + 8
    expected = {**given, "tools": 1, "strict": [True], "stream": False, "messages": 1}
    assert {name: entry["body"][name] for name in expected} == expected
    assert abs(entry["time"] - time.time()) < 60
    assert KEY not in json.dumps(entry)
    server.request("DELETE", "/double/requests", port=server.admin_port)
    assert server.requests() == []
