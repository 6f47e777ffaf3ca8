# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to HolmesGPT over real HTTP on loopback, its recorded answers, and its refusals told apart."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import (
    HolmesApi,
    chat_answer,
    models_of,
    wait_until_up,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_errors import classify, connection_cause
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Direct, Unreachable, explain
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolcheck import (
    blemish,
    failure_of,
    fix_for,
    hidden_error,
    holds,
    table_of,
)

from tests.unit.fixtures.verify_world import FakeTime, HolmesServer, recorded

METACHARACTERS = re.compile(r"[\n\r\"$&'()*;<>?\[\\\]`{|}]")


def answer(body: t.Any, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_no_header_value_would_break_a_tool() -> None:
    with HolmesServer({"POST /api/chat": (200, {})}) as server:
        HolmesApi(Direct(server.url), "key-1").chat("list pods", "gpt-oss-120b", 5)
        (request,) = server.requests
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer key-1"
    assert "X-Api-Key" not in request.headers
    for name, value in request.headers.items():
        assert not METACHARACTERS.search(value), name
    assert request.body["ask"] == "list pods"
    assert request.body["model"] == "gpt-oss-120b"
    assert request.body["stream"] is False


def test_the_key_is_sent_only_where_it_is_wanted() -> None:
    with HolmesServer({}) as server:
        HolmesApi(Direct(server.url), "key-1").get("/readyz", with_key=False)
        HolmesApi(Direct(server.url)).get("/readyz")
        assert all("Authorization" not in request.headers for request in server.requests)


def test_a_path_in_the_url_is_kept() -> None:
    with HolmesServer({"GET /holmes/readyz": (200, {})}) as server:
        assert HolmesApi(Direct(server.url + "/holmes/")).get("/readyz").status == 200


@pytest.mark.parametrize("url", ["", "holmes:80", "ftp://x", "http://", "http://x:port"])
def test_a_bad_url_is_a_sentence(url: str) -> None:
    with pytest.raises(HolmesError, match="is not usable"):
        Direct(url)


def test_a_ca_file_that_is_missing_or_no_certificate_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HolmesError, match="does not exist"):
        Direct("https://x", str(tmp_path / "none.pem"))
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate", encoding="utf-8")
    with pytest.raises(HolmesError, match="no PEM certificate"):
        Direct("https://x", str(wrong))


def test_refused_timeout_and_tls_are_told_apart() -> None:
    with pytest.raises(Unreachable) as refused:
        HolmesApi(Direct(f"http://127.0.0.1:{closed_port()}")).get("/readyz")
    assert refused.value.kind == "refused"
    late_enough = threading.Event()  # the answer comes only after the client gave up
    with HolmesServer({"GET /readyz": lambda request: (late_enough.wait(30), (200, {}))[1]}) as server:
        with pytest.raises(Unreachable) as late:
            HolmesApi(Direct(server.url)).get("/readyz", timeout=0.3)
        assert late.value.kind == "timeout"
        late_enough.set()
        with pytest.raises(Unreachable) as tls:
            HolmesApi(Direct(server.url.replace("http:", "https:"))).get("/readyz", timeout=3)
        assert tls.value.kind == "tls"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(-2, "Name or service not known"), "dns"),
        (ssl.SSLCertVerificationError("self-signed"), "tls"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError(), "reset"),
        (OSError("odd"), "other"),
    ],
)
def test_errors_of_the_library(error: Exception, kind: str) -> None:
    assert explain(error, 5).kind == kind


def test_waiting_until_it_is_up() -> None:
    replies = [(503, {"detail": "Service not ready"}), (503, {}), (200, {"status": "ready"})]
    with HolmesServer({"GET /readyz": lambda request: replies.pop(0)}) as server:
        passing = FakeTime()
        assert wait_until_up(HolmesApi(Direct(server.url)), 60, passing.clock()).status == 200
        assert passing.seconds > 0


def test_waiting_ends_with_the_deadline_and_says_what_was_seen() -> None:
    with HolmesServer({"GET /readyz": (503, {"detail": "Service not ready"})}) as server:
        with pytest.raises(Unreachable, match="still answers 503"):
            wait_until_up(HolmesApi(Direct(server.url)), 10, FakeTime().clock())
        assert len(server.requests) > 3


def test_waiting_ends_when_it_is_hopeless() -> None:
    api = HolmesApi(Direct(f"http://127.0.0.1:{closed_port()}"))
    passing = FakeTime()
    with pytest.raises(Unreachable, match="the pod died"):
        wait_until_up(api, 60, passing.clock(), lambda: "the pod died")
    assert passing.seconds == 0


MODELS = [
    ("0.45.0-fixed-readyz.json", ["gpt-oss-120b"]),
    ("0.45.0-guide-readyz.json", ["gpt-oss-120b", "gpt-5.4"]),
    ("0.45.0-guide-api_model.json", ["gpt-oss-120b", "gpt-5.4"]),
    ("0.16.1-guide-api_model.json", ["gpt-oss-120b", "gpt-4.1"]),
    ("0.45.0-fixed-api_info.json", ["gpt-oss-120b"]),
    ("0.16.1-guide-readyz.json", None),
]


@pytest.mark.parametrize(("name", "models"), MODELS)
def test_recorded_model_lists(name: str, models: list[str] | None) -> None:
    assert models_of(answer(recorded(name))) == models


@pytest.mark.parametrize(
    ("body", "status", "models"),
    [
        ({"model_name": ["a", "b"]}, 200, ["a", "b"]),
        ({"model_name": "single"}, 200, ["single"]),
        ({"models": []}, 200, []),
        ({"models": ["a"]}, 401, None),
        ([], 200, None),
        ({"models": {"a": 1}}, 200, None),
    ],
)
def test_other_shapes_of_model_lists(body: t.Any, status: int, models: list[str] | None) -> None:
    assert models_of(answer(body, status)) == models


def test_a_recorded_chat() -> None:
    chat = chat_answer(answer(recorded("chat-0.45.0-key200.json")))
    assert chat is not None
    assert chat.analysis == "Pods in namespace default (1): web-6ccb88c6d-tmfdz"
    assert chat.limits == {"context_window": 131072, "max_output_tokens": 8192}
    (tool,) = chat.tools
    assert (tool.name, tool.toolset, tool.status) == ("kubernetes_tabular_query", "kubernetes/core", "success")
    assert failure_of(tool) == ""


def test_an_old_chat_reports_no_limits() -> None:
    chat = chat_answer(answer(recorded("chat-0.16.1-guide.json")))
    assert chat is not None
    assert chat.limits == {"context_window": None, "max_output_tokens": None}
    assert failure_of(chat.tools[0]) == ""


@pytest.mark.parametrize("body", [[], "text", {"detail": "x"}, None])
def test_what_is_no_chat(body: t.Any) -> None:
    assert chat_answer(answer(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        {"analysis": None, "tool_calls": None, "metadata": None},
        {"analysis": "x", "tool_calls": ["odd", {"result": None}, {"result": "text"}], "metadata": []},
    ],
)
def test_odd_chats_do_not_break_the_parser(body: t.Any) -> None:
    chat = chat_answer(answer(body))
    assert chat is not None
    assert all(failure_of(tool) for tool in chat.tools)


TOOLS = [
    ("chat-0.45.0-guide.json", "metacharacter", "HOLMES_PASSTHROUGH_BLOCKED_HEADERS"),
    ("chat-0.45.0-guide2.json", "suggested_prefixes", "log"),
    ("chat-0.45.0-sa-norbac.json", "is forbidden: User", "holmes_rbac_create"),
    ("chat-0.45.0-sa-view.json", "out of memory", "TOOL_MEMORY_LIMIT_MB"),
    ("chat-0.45.0-ctx32k-fixed.json", "", ""),
    ("chat-0.45.0-fixed-accept.json", "", ""),
]


@pytest.mark.parametrize(("name", "trouble", "fix"), TOOLS)
def test_recorded_tool_calls(name: str, trouble: str, fix: str) -> None:
    chat = chat_answer(answer(recorded(name)))
    assert chat is not None
    found = failure_of(chat.tools[0])
    assert trouble in found
    assert bool(found) is bool(trouble)
    if trouble:
        assert fix in fix_for(found)


HIDDEN = [
    ('Error from server (Forbidden): pods is forbidden: User "x" cannot list resource', True),
    ("runtime: out of memory: cannot allocate 4194304-byte block\nfatal error: out of memory", True),
    ("Unable to connect to the server: dial tcp: lookup x", True),
    ('{"count": 0, "rows": [], "stderr": "boom"}', True),
    ('{"count": 0, "rows": [], "stderr": "Warning: x is deprecated\\nboom"}', True),
    ('{"count": 1, "rows": ["a"], "stderr": "Error from server (InternalError): x"}', True),
    ('{"count": 1, "rows": ["a"], "error": "boom"}', True),
    ('{"count": 1, "rows": ["a"], "stderr": "Warning: v1 Endpoints is deprecated in v1.33+"}', False),
    ('{"count": 0, "rows": [], "stderr": "Warning: v1 Endpoints is deprecated in v1.33+"}', False),
    ('{"count": 1, "rows": ["a"], "stderr": "memcache.go: stale discovery"}', False),
    ('{"stdout": "web-1 Running", "stderr": "memcache.go: stale discovery"}', False),
    ('line\n{"count": 1, "rows": ["a"], "stderr": null}', False),
    ("NAME   READY   STATUS   LABELS\nweb-1   0/1   Error   reason=forbidden,app=web", False),
    ("No resources found in default namespace.", False),
    ("", False),
]


@pytest.mark.parametrize(("data", "bad"), HIDDEN)
def test_errors_hidden_in_output(data: str, bad: bool) -> None:
    assert bool(hidden_error(data)) is bad


def test_a_failure_behind_many_rows_is_told_in_its_own_words() -> None:
    data = json.dumps({"rows": ["web"] * 200, "stderr": "x\nError from server (Timeout): late"})
    assert hidden_error(data) == "Error from server (Timeout): late"


def test_a_missing_program_is_a_blemish() -> None:
    assert blemish("/tmp/x.sh: line 21: awk: command not found\n{}") == "/tmp/x.sh: line 21: awk: command not found"
    assert blemish("{}") == ""


def test_stderr_beside_an_answer_is_a_blemish_but_not_a_deprecation() -> None:
    assert blemish('{"rows": ["a"], "stderr": "Warning: v1 is deprecated\\nstale discovery"}') == "stale discovery"
    assert blemish('{"rows": ["a"], "stderr": "Warning: v1 Endpoints is deprecated"}') == ""


def test_the_json_behind_lines_of_text() -> None:
    assert table_of('a {b\n{"count": 1}') == {"count": 1}
    assert table_of("none") == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pods: web-1, web-12", ["web-1"]),
        ("web-12", []),
        ("`web-1`.", ["web-1"]),
        ("my-web-1", []),
        ("web-1-abc", []),
    ],
)
def test_names_are_whole_words(text: str, found: list[str]) -> None:
    assert holds(text, ["web-1"]) == found


REFUSALS = [
    ("chat-0.45.0-key401.json", 401, "holmes_key", "holmes_server_api_key"),
    ("chat-0.45.0-llm401.json", 401, "llm_key", "holmes_llm_api_key"),
    ("chat-0.45.0-nomodel.json", 500, "llm_model", "holmes_default_model"),
    ("chat-0.45.0-notools.json", 500, "llm_tool_choice", "--enable-auto-tool-choice"),
    ("chat-0.45.0-notools.json", 500, "llm_tool_choice", "--tool-call-parser"),
    ("chat-0.45.0-ctx32k.json", 500, "llm_context", "holmes_llm_context_window"),
    ("chat-0.45.0-ctx32k.json", 500, "llm_context", "holmes_llm_max_output_tokens"),
    ("chat-0.45.0-down.json", 500, "llm_connection", "holmes_llm_api_base"),
    ("chat-0.16.1-MODEL.json", 500, "llm_provider", "openai/NAME"),
]


@pytest.mark.parametrize(("name", "status", "kind", "fix"), REFUSALS)
def test_recorded_refusals(name: str, status: int, kind: str, fix: str) -> None:
    problem = classify(answer(recorded(name), status))
    assert problem.kind == kind
    assert fix in problem.fix


DETAILS = [
    (500, "Conversation history compaction failed to reduce tokens", "llm_context"),
    (500, "max_tokens=8192 cannot be greater than max_model_len=max_total_tokens=4096. Please request", "llm_context"),
    (429, "slow down", "llm_rate_limit"),
    (500, "litellm.RateLimitError: x", "llm_rate_limit"),
    (500, "model x requires the following environment variables: ['OPENAI_API_KEY']", "llm_key_missing"),
    (500, "You're trying to use ROBUSTA_AI, but it's not available", "no_models"),
    (500, "No LLM models were loaded. Configure a model", "no_models"),
    (500, "litellm.BadRequestError: OpenAIException - [{'type': 'extra_forbidden', 'loc': ('x',)}]", "llm_strict"),
    (500, "litellm.Timeout: APITimeoutError - Request timed out.", "llm_timeout"),
    (500, "litellm.APIError: APIError: OpenAIException - oops", "llm_other"),
    (500, "boom", "other"),
    (404, "Not Found", "not_holmes"),
    (502, "<html>Bad Gateway</html>", "not_ready"),
    (422, [{"loc": ["body", "ask"], "msg": "field required"}], "other"),
]


@pytest.mark.parametrize(("status", "detail", "kind"), DETAILS)
def test_other_refusals(status: int, detail: t.Any, kind: str) -> None:
    problem = classify(answer({"detail": detail}, status))
    assert problem.kind == kind
    assert problem.message
    assert problem.fix


def test_a_refusal_without_json() -> None:
    assert classify(Answer(502, {}, b"<html>")).kind == "not_ready"


CAUSES = [
    ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "CERTIFICATE_VERIFY"),
    ("httpx.ConnectError: [Errno -2] Name or service not known", "does not resolve"),
    ("httpx.ConnectError: [Errno -3] Temporary failure in name resolution", "does not resolve"),
    ("httpx.ConnectError: [Errno 111] Connection refused", "refuses the connection"),
    ("httpx.ConnectError: [Errno 101] Network is unreachable", "network"),
]


@pytest.mark.parametrize(("line", "told"), CAUSES)
def test_the_log_names_what_connection_error_hides(line: str, told: str) -> None:
    cause = connection_cause(f"[Errno 113] No route to host (earlier)\n{line}\nINFO later")
    assert cause is not None
    assert told in cause[0]
    assert cause[1]


def test_a_log_that_says_nothing() -> None:
    assert connection_cause("INFO fine") is None
