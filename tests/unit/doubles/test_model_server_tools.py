# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server double picks HolmesGPT's tools with fitting arguments, and answers from their results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.doubles.model_server import answers, schema
from tests.doubles.model_server.local import Running, running
from tests.doubles.model_server.questions import Need, asked, find_needs

TEXT = {"type": "string"}
MAYBE = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def tool(name: str, properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An offered tool; all parameters are required (a strict schema) unless some are named."""
    parameters = {"type": "object", "properties": properties, "required": required or list(properties)}
    return {"type": "function", "function": {"name": name, "strict": required is None, "parameters": parameters}}


# The tools of HolmesGPT 0.45.0 (strict) and of 0.16 (not strict), as far as names and parameters go.
TABLE = tool("kubernetes_tabular_query", {"kind": TEXT, "columns": TEXT, "namespace": MAYBE, "label_selector": MAYBE})
COUNT = tool("kubernetes_count", {"kind": TEXT, "jq_expr": TEXT, "namespace": MAYBE})
JQ = tool("kubernetes_jq_query", {"kind": TEXT, "jq_expr": TEXT, "namespace": MAYBE})
LOGS = tool("fetch_pod_logs", {"pod_name": TEXT, "namespace": TEXT, "limit": {"type": ["integer", "null"]}})
BASH = tool(
    "bash",
    {
        "command": TEXT,
        "suggested_prefixes": {"type": "array", "items": TEXT},
        "timeout": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
)
TODO = tool("TodoWrite", {"todos": {"type": "array", "items": TEXT}})
NEW = [TODO, JQ, COUNT, BASH, LOGS, TABLE]
OLD_IN = tool("kubectl_get_by_kind_in_namespace", {"kind": TEXT, "namespace": TEXT}, ["kind", "namespace"])
OLD_ALL = tool("kubectl_get_by_kind_in_cluster", {"kind": TEXT}, ["kind"])
OLD_FIND = tool("kubectl_find_resource", {"kind": TEXT, "keyword": TEXT}, ["kind", "keyword"])
OLD_NAME = tool("kubectl_get_by_name", {"kind": TEXT, "name": TEXT, "namespace": TEXT}, ["kind", "name"])
OLD_COUNT = tool("kubernetes_count", {"kind": TEXT, "jq_expr": TEXT}, ["kind", "jq_expr"])
OLD = [OLD_FIND, OLD_NAME, OLD_COUNT, OLD_ALL, OLD_IN]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as double:
        yield double


def calls(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    message = answer.json()["choices"][0]["message"]
    return [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in message["tool_calls"]]


def text(answer: Any) -> str:
    return str(answer.json()["choices"][0]["message"]["content"])


QUESTIONS = [
    ("list pods in namespace default", [Need("list", "pods", "default")]),
    ("List the pods in the inference namespace, please.", [Need("list", "pods", "inference")]),
    ("which pods run in kube-system?", [Need("list", "pods", "kube-system")]),
    ("show pods -n web", [Need("list", "pods", "web")]),
    ('list the pods in namespace "team-a"', [Need("list", "pods", "team-a")]),
    ("name the deployments in monitoring", [Need("list", "deployments", "monitoring")]),
    ("How many nodes are there?", [Need("count", "nodes")]),
    ("how many pods are in all namespaces", [Need("count", "pods")]),
    ("list all namespaces", [Need("list", "namespaces")]),
    ("which namespaces exist?", [Need("list", "namespaces")]),
    ("What is the status of my cluster?", [Need("list", "nodes")]),
    (
        "how many nodes are there and list the pods in namespace kube-system",
        [Need("count", "nodes"), Need("list", "pods", "kube-system")],
    ),
    (
        "list the pods in namespace first and the services in namespace two",
        [Need("list", "pods", "first"), Need("list", "services", "two")],
    ),
    (
        "list the deployments and the services of namespace shop",
        [Need("list", "deployments", "shop"), Need("list", "services", "shop")],
    ),
    ("show the logs of pod web-1 in namespace shop", [Need("logs", "pods", "shop", "web-1")]),
    ("default 네임스페이스의 파드 목록을 보여줘", [Need("list", "pods", "default")]),
    ("노드가 몇 개야?", [Need("list", "nodes")]),
    ("say hello", []),
    ("what is a pod?", []),
    ("At your service! Good job.", []),
]


@pytest.mark.parametrize(("question", "needs"), QUESTIONS)
def test_what_a_question_needs(question: str, needs: list[Need]) -> None:
    assert find_needs(question) == needs


def test_words_that_holmesgpt_appends_are_no_question() -> None:
    reminder = "\n\n<system-reminder>\nuse the tool for pods and nodes in namespace x\n</system-reminder>"
    appended = "\n\nWhen querying tools, always query for the relevant time period. List the services."
    assert asked(f"say hello{reminder}{appended}") == "say hello"


ASK = "list pods in namespace default"
POD_COLUMNS = "NAME:.metadata.name,STATUS:.status.phase"
NODE_COLUMNS = "NAME:.metadata.name,VERSION:.status.nodeInfo.kubeletVersion"
NAMES = ".items[] | .metadata.name"
NAMES_IN_WEB = '.items[] | select(.metadata.namespace == "web") | .metadata.name'
COMMAND = {"command": "kubectl get pods -n default", "suggested_prefixes": ["kubectl get"], "timeout": None}
PICKS: list[tuple[list[dict[str, Any]], str, str, dict[str, Any]]] = [
    (
        NEW,
        ASK,
        "kubernetes_tabular_query",
        {"kind": "pods", "namespace": "default", "label_selector": None, "columns": POD_COLUMNS},
    ),
    (
        NEW,
        "list the nodes",
        "kubernetes_tabular_query",
        {"kind": "nodes", "namespace": None, "label_selector": None, "columns": NODE_COLUMNS},
    ),
    (
        NEW,
        "how many pods are in namespace web",
        "kubernetes_count",
        {"kind": "pods", "namespace": "web", "jq_expr": NAMES},
    ),
    (
        NEW,
        "logs of pod web-1 in namespace web",
        "fetch_pod_logs",
        {"pod_name": "web-1", "namespace": "web", "limit": None},
    ),
    ([BASH], ASK, "bash", COMMAND),
    ([TODO, JQ], ASK, "kubernetes_jq_query", {"kind": "pods", "namespace": "default", "jq_expr": NAMES}),
    (OLD, ASK, "kubectl_get_by_kind_in_namespace", {"kind": "pods", "namespace": "default"}),
    (OLD, "list the nodes", "kubectl_get_by_kind_in_cluster", {"kind": "nodes"}),
    (OLD, "how many pods are in namespace web", "kubernetes_count", {"kind": "pods", "jq_expr": NAMES_IN_WEB}),
]


@pytest.mark.parametrize(("tools", "question", "name", "arguments"), PICKS)
def test_a_sensible_tool_with_fitting_arguments(
    server: Running, tools: list[dict[str, Any]], question: str, name: str, arguments: dict[str, Any]
) -> None:
    answer = server.chat(question, tools)
    choice = answer.json()["choices"][0]
    assert calls(answer) == [(name, arguments)]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert re.fullmatch(r"chatcmpl-tool-[0-9a-f]{32}", choice["message"]["tool_calls"][0]["id"])


def test_two_things_are_two_calls(server: Running) -> None:
    question = "how many nodes are there, and list the pods in namespace web"
    names = [name for name, _ in calls(server.chat(question, NEW))]
    alone = calls(server.chat(question, NEW, parallel_tool_calls=False))
    assert names == ["kubernetes_count", "kubernetes_tabular_query"]
    assert [name for name, _ in alone] == ["kubernetes_count"]


def test_no_needless_call(server: Running) -> None:
    answer = server.chat("say hello", NEW, tool_choice="auto")
    assert calls(answer) == []
    assert "double" in text(answer)


def test_tool_choice_none_required_and_named(server: Running) -> None:
    question = "list pods in namespace web"
    none = server.chat(question, NEW, tool_choice="none")
    required = server.chat("say hello", [TODO, TABLE], tool_choice="required")
    named = server.chat(question, NEW, tool_choice={"type": "function", "function": {"name": "kubernetes_jq_query"}})
    assert calls(none) == []
    assert "kubectl get pods -n web" in text(none)
    assert calls(required) == [("TodoWrite", {"todos": []})]
    assert required.json()["choices"][0]["finish_reason"] == "tool_calls"
    assert calls(named)[0][0] == "kubernetes_jq_query"
    assert calls(named)[0][1]["namespace"] == "web"
    assert named.json()["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("question", ["list pods in namespace web", "list the nodes"])
def test_no_tool_fits(server: Running, question: str) -> None:
    answer = server.chat(question, [TODO, OLD_NAME, OLD_FIND])
    assert calls(answer) == []
    assert text(answer).startswith("None of the tools offered")


def wrapped(data: str) -> str:
    """A tool message as HolmesGPT 0.45.0 writes it."""
    metadata = '{"tool_name": "kubernetes_tabular_query", "tool_call_id": "1"}'
    params = 'Params used for the tool call: {"kind": "pods"}. The tool call output follows on the next line.'
    return f"{params}\ntool_call_metadata={metadata}{data}"


ROWS = json.dumps(
    {"count": 2, "header": "NAME   STATUS", "rows": ["web-1   Running", "web-2   Pending"], "stderr": None}
)
FORBIDDEN = json.dumps(
    {"count": 0, "header": None, "rows": [], "stderr": "Error from server (Forbidden): pods is forbidden"}
)
PREVIEW = json.dumps({"matches_found": 12, "preview": ["a-1", "a-2"], "stderr": None})
RESULTS = json.dumps({"matches_found": 1, "results": [{"metadata": {"name": "web-1"}}], "stderr": None})
TABLE_TEXT = "kubectl get pods -A\nNAMESPACE   NAME    READY\ndefault     web-1   1/1\nshop        db-0    0/1\n"
READ = [
    (ROWS, "Pods in namespace web (2): web-1, web-2"),
    ("/tmp/x.sh: line 21: awk: command not found\n" + ROWS, "Pods in namespace web (2): web-1, web-2"),
    (PREVIEW, "Pods in namespace web (12): a-1, a-2"),
    (RESULTS, "Pods in namespace web (1): web-1"),
    (TABLE_TEXT, "Pods in namespace web (2): web-1, db-0"),
    (TABLE_TEXT + "\nTIP use -o wide\n", "Pods in namespace web (2): web-1, db-0"),
    (FORBIDDEN, "Pods in namespace web (0):\nThe tool reported: Error from server (Forbidden): pods is forbidden"),
    ("request header 'accept' contains '*':\n\n", "Pods in namespace web: request header 'accept' contains '*':"),
    ("", "Pods in namespace web: no output"),
]


@pytest.mark.parametrize("wrap", [wrapped, str])
@pytest.mark.parametrize(("data", "expected"), READ)
def test_answers_repeat_names_and_number(data: str, expected: str, wrap: Any) -> None:
    assert answers.answer([("kubernetes_tabular_query", {"kind": "pods", "namespace": "web"}, wrap(data))]) == expected


def after(first: Any, *results: str) -> list[dict[str, Any]]:
    message = first.json()["choices"][0]["message"]
    said = [{"role": "tool", "tool_call_id": c["id"], "content": r} for c, r in zip(message["tool_calls"], results)]
    return [{"role": "assistant", "content": None, "tool_calls": message["tool_calls"]}, *said]


def test_a_whole_conversation(server: Running) -> None:
    question = {"role": "user", "content": "list the nodes and the pods in namespace web"}
    first = server.chat("", NEW, messages=[{"role": "system", "content": "You have pods."}, question])
    history = [question, *after(first, wrapped('{"count": 1, "header": "NAME", "rows": ["lab"]}'), wrapped(ROWS))]
    second = server.chat("", NEW, messages=history)
    assert calls(second) == []
    assert text(second) == "Nodes (1): lab\nPods in namespace web (2): web-1, web-2"
    assert second.json()["choices"][0]["finish_reason"] == "stop"
    follow_up = {"role": "user", "content": [{"type": "text", "text": "and the services in namespace web?"}]}
    third = server.chat("", NEW, messages=[*history, {"role": "assistant", "content": text(second)}, follow_up])
    assert [(name, a["kind"]) for name, a in calls(third)] == [("kubernetes_tabular_query", "services")]


def test_calls_that_were_forbidden_in_parallel_follow_one_by_one(server: Running) -> None:
    question = {"role": "user", "content": "list the nodes and the pods in namespace web"}
    first = server.chat("", NEW, messages=[question], parallel_tool_calls=False)
    second = server.chat("", NEW, messages=[question, *after(first, ROWS)], parallel_tool_calls=False)
    assert [a["kind"] for _, a in calls(first) + calls(second)] == ["nodes", "pods"]


def test_bash_results_are_titled_by_their_command() -> None:
    said = answers.answer([("bash", {"command": "kubectl get pods -n web"}, TABLE_TEXT)])
    assert said == "Pods in namespace web (2): web-1, db-0"


JSON_SCHEMA = {
    "type": "object",
    "properties": {
        "passed": {"type": "boolean"},
        "rationale": TEXT,
        "level": {"enum": ["low", "high"]},
        "score": {"type": ["integer", "null"]},
        "items": {"type": "array", "items": TEXT, "minItems": 1},
        "nested": {
            "anyOf": [{"type": "null"}, {"type": "object", "properties": {"x": {"type": "number", "minimum": 3}}}]
        },
    },
}


def test_json_answers_fit_their_schema(server: Running) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "check", "schema": JSON_SCHEMA, "strict": True}}
    question = {"role": "user", "content": "list the pods in namespace web"}
    first = server.chat("", NEW, messages=[question], response_format=wanted)
    second = server.chat("", NEW, messages=[question, *after(first, ROWS)], response_format=wanted)
    document = json.loads(text(second))
    assert len(calls(first)) == 1
    assert document == {
        "passed": True,
        "rationale": "Pods in namespace web (2): web-1, web-2",
        "level": "low",
        "score": 0,
        "items": ["Pods in namespace web (2): web-1, web-2"],
        "nested": {"x": 3},
    }
    assert all(schema.accepts(sub, document[name]) for name, sub in JSON_SCHEMA["properties"].items())  # type: ignore[attr-defined]
    assert json.loads(text(server.chat("say hello", response_format={"type": "json_object"})))["answer"]


def test_schema_accepts_tells_types_apart() -> None:
    assert schema.accepts({"type": "integer"}, 1)
    assert not schema.accepts({"type": "integer"}, True)
    assert not schema.accepts({"type": "string"}, None)
    assert schema.accepts(MAYBE, None)
    assert not schema.accepts({"type": "string", "enum": ["a"]}, "b")
