# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry of the model probe: keys, ways, several servers at once, and what is learned."""

from __future__ import annotations

import json
import re
import threading
import typing as t
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_model as entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    FAIL,
    NOT_CHECKED,
    PASS,
    Check,
    HolmesError,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Direct, Transport
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_client import Patience
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context

from tests.doubles.model_server.local import MODEL, running
from tests.unit.fixtures.values_world import env

DOCS = Path(__file__).resolve().parents[4] / "docs" / "checks" / "llm.md"
KEY = "canary-77ab-key-of-the-model"
URL = "http://model.example:8000/v1"
LIMITS = {"OVERRIDE_MAX_CONTENT_SIZE": "131072", "OVERRIDE_MAX_OUTPUT_TOKEN": "8192"}
FAST = Patience(listing=2, chat=2, total=10, slow=5)


@dataclass(frozen=True)
class FoundWay:
    transport: Transport
    where: str = "from a test"
    unproven: str = "This does not prove the pods' own way."
    endpoint: str = ""

    @property
    def same(self) -> list[t.Any]:
        return [self.endpoint, self.where, self.unproven]


def straight(_context: Context, url: str) -> FoundWay:
    """To the URL's host itself, without a judgement whether pods could go there."""
    return FoundWay(Direct("/".join(url.split("/")[:3])))


class Forbidden:
    def get(self, path: str, **_query: str) -> Object:
        raise KubeError(f"The API server refused {path} (403): no.", 403)


def context(listing: dict[str, t.Any], variables: t.Sequence[t.Any] = (), **more: t.Any) -> Context:
    values = {"modelList": listing, "additionalEnvVars": [*env(**LIMITS), *variables]}
    fields = {"server": (0, 45, 0), "timeout": 2.0, **more}
    return Context(t.cast("t.Any", Forbidden), t.cast("t.Any", None), values=values, **fields)


def model(base: str = URL, **fields: t.Any) -> dict[str, t.Any]:
    return {"model": f"openai/{MODEL}", "api_base": base, **fields}


FROM_SECRET = [{"name": "K", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "k"}}}]


def run(given: Context, profile: str = "quick", find: t.Any = straight) -> list[Check]:
    return run_all(entry.tasks(given, profile, FAST, find))


def test_a_healthy_server_from_the_values_on() -> None:
    with running(api_key=KEY) as double:
        given = context({"main": model(double.url, api_key="{{ env.K }}")}, FROM_SECRET, secrets={"llm": {"k": KEY}})
        checks = run(given, "full")
        assert len(double.requests()) == 7
    assert {check.status for check in checks} == {PASS}, [check for check in checks if check.status != PASS]
    assert {check.id for check in checks} == set(entry.IDS)
    assert {check.id: check.title for check in checks} == entry.IDS, "one model needs no name in titles"
    assert KEY not in repr(checks)
    assert entry.learned(checks) == {"main": {"max_model_len": 131072, "strict": True}}


def test_what_is_learned_of_a_server_that_refuses_strict() -> None:
    with running(max_model_len=65536) as double:
        double.faults(refuse_strict={})
        checks = run(context({"a": model(double.url), "b": model(double.url)}))
    assert entry.learned(checks) == dict.fromkeys("ab", {"max_model_len": 65536, "strict": False})
    assert entry.learned([]) == {}


def test_nothing_is_learned_where_nothing_answered() -> None:
    with running() as double:
        double.faults(http_503={})
        checks = run(context({"a": model(double.url)}))
    assert entry.learned(checks) == {"a": {"max_model_len": None, "strict": None}}


def test_off_asks_nobody() -> None:
    assert entry.tasks(context({"main": model()}), "none", FAST, straight) == []


def test_models_are_listed_without_asking_anybody() -> None:
    given = context({"main": model(), "odd": {"model": "bedrock/x"}})
    assert [target.aliases for target in entry.models(given)] == [("main",)]
    assert entry.budget(entry.models(given), "quick").requests == 6


@pytest.mark.parametrize(
    ("key", "secrets", "status", "message", "fix"),
    [
        ("{{ env.K }}", {}, NOT_CHECKED, "may not be read", "get secrets"),
        ("{{ env.K }}", {"llm": {"other": KEY}}, NOT_CHECKED, "has no key 'k'", "holmes_llm_api_key"),
        ("{{ env.GONE }}", {}, NOT_CHECKED, "GONE", "holmes_env"),
        ("{{ env.K }}", {"llm": {"k": KEY + "\n"}}, FAIL, "line break", "printf"),
        ("{{ env.K }}", {"llm": {"k": KEY + "\\x"}}, FAIL, "holds a backslash", "twice"),
        ("{{ env.K }}", {"llm": {"k": KEY + "\u00e9"}}, FAIL, "no HTTP header may hold", "printf"),
    ],
)
def test_without_a_key_nothing_is_asked(
    key: str, secrets: dict[str, dict[str, str]], status: str, message: str, fix: str
) -> None:
    def never(_context: Context, _url: str) -> FoundWay:
        raise AssertionError("no request without the key")

    (check,) = run(context({"main": model(api_key=key)}, FROM_SECRET, secrets=secrets), find=never)
    assert (check.id, check.status) == ("llm.key", status)
    assert message in check.message and fix in check.fix
    assert KEY not in repr(check)


@pytest.mark.parametrize("key", ["none", ""])
def test_a_server_may_need_no_key(key: str) -> None:
    with running() as double:
        checks = run(context({"main": model(double.url, api_key=key)}))
        schemes = {entry["headers"].get("Authorization", "").split(" ")[0] for entry in double.requests()}
    assert {check.status for check in checks} == {PASS}
    assert schemes == ({"Bearer"} if key else {""})


def test_extra_headers_are_sent_and_kept_secret() -> None:
    variables = [*FROM_SECRET, *env(TEAM="sre")]
    headers = {"X-Gateway": "Token {{ env.K }}", "X-Team": "{{ env.TEAM }}"}
    with running() as double:
        given = context({"main": model(double.url, extra_headers=headers)}, variables, secrets={"llm": {"k": KEY}})
        checks = run(given)
        sent = [{name.lower(): value for name, value in entry["headers"].items()} for entry in double.requests()]
    assert {(names["x-gateway"], names["x-team"]) for names in sent} == {(f"Token {KEY}", "sre")}
    assert KEY not in repr(checks)


class Echo:
    """A server that repeats what it was sent, as some gateways do."""

    where = "an echo"

    def __init__(self, status: int, before: int) -> None:
        self.status, self.before = status, "x" * before

    def request(
        self, method: str, path: str, headers: t.Mapping[str, str], body: bytes | None, timeout: float
    ) -> Answer:
        if method == "GET":
            return Answer(200, {}, b'{"data": [{"id": "%s"}]}' % MODEL.encode())
        return Answer(
            self.status,
            {"retry-after": headers["Authorization"]},
            (self.before + headers["Authorization"][7:]).encode(),
        )


# Also where the quotation ends in the middle of the key.
@pytest.mark.parametrize("before", [0, 220, 225, 230, 1985])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500])
def test_an_echoed_key_does_not_get_into_a_check(status: int, before: int) -> None:
    given = context({"main": model(api_key=KEY)})
    checks = run(given, find=lambda _context, _url: FoundWay(Echo(status, before)))
    assert FAIL in {check.status for check in checks}
    assert KEY not in repr(checks) and KEY[:9] not in repr(checks)


@pytest.mark.parametrize("error", [HolmesError("no Service", "make one"), KubeError("no right", 403)])
def test_without_a_way_another_check_tells(error: HolmesError) -> None:
    def none(_context: Context, _url: str) -> FoundWay:
        raise error

    key, answers = run(context({"main": model()}), find=none)
    assert (key.id, answers.id, answers.status) == ("llm.key", "llm.answers", NOT_CHECKED)
    assert "llm.endpoint" in answers.fix


def test_a_server_that_does_not_listen() -> None:
    with running() as double:
        port = double.port
    checks = run(context({"main": model(f"http://127.0.0.1:{port}/v1")}))
    answers = next(check for check in checks if check.id == "llm.answers")
    assert (answers.status, "refused" in answers.message, answers.fix) == (NOT_CHECKED, True, "See llm.endpoint.")


def test_a_path_that_is_no_api() -> None:
    with running() as double:
        checks = run(context({"main": model(double.url.removesuffix("/v1"))}))
    found = {check.id: check for check in checks}
    assert (found["llm.models"].status, found["llm.answers"].status) == (NOT_CHECKED, FAIL)
    assert "/v1" in found["llm.answers"].fix


def test_models_of_one_server_come_one_after_the_other_and_servers_at_once() -> None:
    lock, busy, most = threading.Lock(), dict[str, int](), dict[str, int]()
    together = threading.Barrier(2, timeout=5)

    class Counting(Direct):
        def request(self, *arguments: t.Any, **named: t.Any) -> Answer:
            with lock:
                busy[self.where] = busy.get(self.where, 0) + 1
                most[self.where] = max(most.get(self.where, 0), busy[self.where])
            if arguments[0] == "GET" and first.pop(self.where, None):
                together.wait()  # breaks unless the other server is asked at the same time
            try:
                return super().request(*arguments, **named)
            finally:
                with lock:
                    busy[self.where] -= 1

    with running() as one, running() as two:
        listing = {"a": model(one.url), "b": model(one.url, temperature=1), "c": model(two.url)}
        first = {f"http://127.0.0.1:{double.port}": True for double in (one, two)}

        def find(_context: Context, url: str) -> FoundWay:
            return FoundWay(Counting("/".join(url.split("/")[:3])))

        checks = run(context(listing), find=find)
        asked = [len(double.requests()) for double in (one, two)]
    assert set(most.values()) == {1} and asked == [8, 4]
    assert {check.status for check in checks} == {PASS}
    assert sorted({check.title for check in checks if check.id == "llm.tool_call"}) == [
        f"Model calls a tool ({alias})" for alias in "abc"
    ]


def test_one_model_that_hangs_does_not_stop_the_other_server() -> None:
    with running() as good, running() as bad:
        bad.faults(hang={})
        checks = run(context({"a": model(bad.url), "b": model(good.url)}))
    failed = [check for check in checks if check.status == FAIL]
    assert [(check.id, check.evidence["alias"]) for check in failed] == [("llm.answers", "a")]
    assert {check.status for check in checks if check.evidence["alias"] == "b"} == {PASS}


def test_a_model_that_is_not_probed_is_named() -> None:
    with running() as double:
        checks = run(context({"main": model(double.url), "cloud": {"model": "anthropic/x"}}))
    (check,) = [check for check in checks if check.status != PASS]
    assert (check.id, check.status, check.evidence["alias"]) == ("llm.models", NOT_CHECKED, "cloud")
    assert check.message.startswith("cloud: ")


def test_every_check_has_its_section() -> None:
    sections = re.split(r"^## ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    named = {section.split("\n", 1)[0]: section for section in sections}
    assert list(named) == list(entry.IDS)
    for section in named.values():
        assert re.findall(r"^\*\*(\w+):\*\*", section, re.MULTILINE) == ["Judged", "Why", "Fix"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_gateway_that_lets_only_chats_through(status: int) -> None:
    """The list is not known; everything else is found out by asking."""

    class Gate(Direct):
        def request(self, method: str, path: str, *rest: t.Any) -> Answer:
            if path.endswith("/models"):
                return Answer(status, {}, b"no")
            return super().request(method, path, *rest)

    with running() as double:
        checks = run(
            context({"main": model(double.url)}),
            find=lambda _context, url: FoundWay(Gate("/".join(url.split("/")[:3]))),
        )
    found = {check.id: check.status for check in checks}
    assert (found["llm.models"], found["llm.tool_call"], found["llm.tool_result"]) == (NOT_CHECKED, PASS, PASS)


def test_a_model_that_calls_on_is_no_model_that_makes_things_up() -> None:
    class Busy(Direct):
        """After the tool's answer the model wants another tool."""

        def request(self, method: str, path: str, headers: t.Any, body: bytes | None, timeout: float) -> Answer:
            answer = super().request(method, path, headers, body, timeout)
            if body and json.loads(body)["messages"][-1]["role"] == "tool":
                call = {"id": "c2", "type": "function", "function": {"name": "note_plan", "arguments": '{"steps": []}'}}
                message = {"role": "assistant", "content": None, "tool_calls": [call]}
                choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
                return replace(answer, body=json.dumps({"choices": [choice]}).encode())
            return answer

    with running() as double:
        checks = run(
            context({"main": model(double.url)}),
            find=lambda _context, url: FoundWay(Busy("/".join(url.split("/")[:3]))),
        )
    found = next(check for check in checks if check.id == "llm.tool_result")
    assert (found.status, "called another tool" in found.message) == ("warn", True)
