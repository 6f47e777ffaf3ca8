# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of a model against the model server double: the healthy server, and every fault of it."""

from __future__ import annotations

import time
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Direct
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import BOUND, budget
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import FULL, PROFILES, QUICK, Speaker
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_client import Client, Patience
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_probe import probe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_run import Run
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import BARE, LOOSE, NAMES

from tests.doubles.model_server.faults import KINDS
from tests.doubles.model_server.local import MODEL, Running, running

KEY = "canary-4f1d0c7e-of-the-model-server"
NEW, OLD = (0, 45, 0), (0, 16, 4)
CHAT = "/v1/chat/completions"


@pytest.fixture(name="double", scope="module")
def _double() -> t.Iterator[Running]:
    with running(api_key=KEY) as double:
        yield double


@pytest.fixture(autouse=True)
def _clean(double: Running) -> t.Iterator[None]:
    double.reset()
    yield
    double.reset()


def target(**changes: t.Any) -> Target:
    """A model with HolmesGPT's limits set as they should be."""
    plain = Target(
        windows={"main": 131072},
        served=MODEL,
        base="http://model-server.example/v1",
        key=KEY,
        fields={"temperature": 1, "max_tokens": 8192},
        output=8192,
        limit=8192,
    )
    return replace(plain, **changes)


def probed(
    double: Running,
    profile: str = FULL,
    patience: Patience | None = None,
    server: tuple[int, int, int] = NEW,
    **changes: t.Any,
) -> list[Check]:
    asked = target(**changes)
    transport = Direct(f"http://127.0.0.1:{double.port}")
    headers = {"Authorization": f"Bearer {asked.key}", **asked.headers} if asked.key else asked.headers
    client = Client(transport, "/v1", headers, patience or Patience(5, 5, 20, 5))
    speaker = Speaker(asked.aliases, secrets=(KEY,))
    run = Run(asked, client, speaker, "key 'k' of Secret s" if asked.key else "", "heron-12ab34cd")
    return probe(run, profile, server, "from a test", "This does not prove the pods' own way.")


def statuses(checks: list[Check]) -> dict[str, str]:
    found = {check.id: check.status for check in checks}
    assert len(found) == len(checks), "no check is said twice"
    return found


def bodies(double: Running) -> list[dict[str, t.Any]]:
    return [entry["body"] for entry in double.requests() if entry["path"] == CHAT]


@pytest.mark.parametrize(("profile", "requests"), [(QUICK, 4), (FULL, 7)])
def test_a_healthy_server_passes_all(double: Running, profile: str, requests: int) -> None:
    checks = probed(double, profile)
    assert statuses(checks) == dict.fromkeys((*PROFILES[profile], "llm.answers"), PASS)
    assert len(double.requests()) == requests
    answers = checks[-1]
    assert answers.evidence["requests"] == requests
    assert answers.evidence["where"] in answers.message and answers.evidence["unproven"] in answers.message


def test_requests_have_the_shape_of_holmesgpt(double: Running) -> None:
    probed(double)
    sent = bodies(double)
    for body in sent:
        assert body["model"] == MODEL
        assert body["tool_names"] == list(NAMES) and len(NAMES) == 9
        assert body["strict"] == [True] * 9
        assert body["tool_choice"] == "auto"
    # Only the realistic request asks for as much as HolmesGPT does; one streams, one wants JSON.
    assert [body["max_tokens"] for body in sent] == [8192, *[BOUND] * 5]
    assert [body["stream"] for body in sent] == [False, False, False, False, True, False]
    assert [body["response_format"] for body in sent] == [None] * 5 + ["json_schema"]
    assert sent[1]["roles"] == ["system", "user", "assistant", "tool"]


def test_an_old_holmesgpt_sends_neither_strict_nor_max_tokens(double: Running) -> None:
    checks = probed(double, QUICK, form=LOOSE, output=None, limit=40_000, fields={"temperature": 1e-08})
    first = bodies(double)[0]
    assert first["strict"] == [None] * 9 and first["max_tokens"] is None
    assert statuses(checks)["llm.strict"] == PASS
    assert next(check for check in checks if check.id == "llm.strict").evidence["strict_accepted"] is None


def test_strict_that_litellm_takes_out_is_not_sent(double: Running) -> None:
    double.faults(refuse_strict={})
    checks = probed(double, QUICK, form=BARE)
    assert {check.status for check in checks} == {PASS}
    told = next(check for check in checks if check.id == "llm.strict")
    assert "LiteLLM" in told.message and told.evidence["strict_accepted"] is None
    assert {tuple(body["strict"]) for body in bodies(double)} == {(None,) * 9}


def test_a_small_limit_of_the_answer_is_kept(double: Running) -> None:
    probed(double, QUICK, fields={"max_completion_tokens": 700}, output=700, limit=700)
    sent = bodies(double)
    assert (sent[0]["max_completion_tokens"], sent[0]["max_tokens"]) == (700, None)
    assert {(body["max_completion_tokens"], body["max_tokens"]) for body in sent[1:]} == {(None, 700)}


def test_calls_one_after_the_other_count_as_two(double: Running) -> None:
    checks = probed(double, QUICK, fields={"max_tokens": 8192, "parallel_tool_calls": False})
    found = next(check for check in checks if check.id == "llm.two_tools")
    assert (found.status, found.evidence["how"]) == (PASS, "one after the other")
    assert len(double.requests()) == 5


# fault: (options, the check that tells it, its status, words of the message, words of the fix, requests sent)
FAULTS: dict[str, tuple[dict[str, t.Any], str, str, str, str, int]] = {
    "prose": ({}, "llm.tool_call", FAIL, "describes in words", "--tool-call-parser openai", 2),
    "no_auto_tools": ({}, "llm.tool_call", FAIL, "without tool calling", "--enable-auto-tool-choice and --tool-c", 2),
    "refuse_strict": ({}, "llm.strict", FAIL, "'strict'", "HOLMES_DISABLE_STRICT_TOOL_CALLS", 8),
    "json_no_tools": ({}, "llm.json_with_tools", WARN, "HealthChecks", "operator.enabled", 7),
    "broken_arguments": ({}, "llm.tool_call", FAIL, "no whole JSON", "--max-model-len", 2),
    "ignore_tool_result": ({}, "llm.tool_result", FAIL, "answered without it", "--chat-template", 7),
    "http_401": ({}, "llm.answers", FAIL, "refuses the key (401): key 'k' of Secret s", "--api-key", 1),
    "http_429": ({"retry_after": 7}, "llm.answers", FAIL, "429; Retry-After: 7 s", "raise the limit", 1),
    "http_500": ({}, "llm.answers", FAIL, "engine failed (500)", "vLLM's log", 1),
    "http_503": ({}, "llm.answers", FAIL, "proxy in front of the model server answers 503", "ready", 1),
    "slow": ({"seconds": 0.6, "match": CHAT, "times": 1}, "llm.latency", WARN, "more than 0.5 s", "queue", 7),
    "hang": ({}, "llm.answers", FAIL, "asked GET /v1/models and gave no answer within 1 s", "num_requests_waiting", 1),
    "reset": ({}, "llm.answers", FAIL, "broke off in the middle", "out of memory", 1),
    "wrong_model": ({}, "llm.models", FAIL, "'another-model'", f"--served-model-name {MODEL}", 1),
    "context_length": (
        {"max_model_len": 65536},
        "llm.context",
        FAIL,
        "131072 tokens, but the server has 65536",
        "to 65536, or start vLLM with --max-model-len 131072",
        7,
    ),
}
# What cannot be found out any more is not checked; only one check fails or warns.
IMPATIENT = Patience(listing=1, chat=1.5, total=20, slow=0.5)


def test_every_fault_of_the_double_is_in_the_table() -> None:
    """Certificates are the matter of llm.endpoint."""
    assert set(FAULTS) == set(KINDS) - {"certificate"}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_check_its_sentence_and_its_fix(double: Running, fault: str) -> None:
    options, check, status, message, fix, requests = FAULTS[fault]
    double.faults(**{fault: options})
    started = time.monotonic()
    checks = probed(double, patience=IMPATIENT)
    assert time.monotonic() - started < 6
    found = statuses(checks)
    assert set(found) == {*PROFILES[FULL], "llm.answers"}
    told = next(one for one in checks if one.id == check)
    assert (told.status, message in told.message, fix in told.fix) == (status, True, True), told
    assert [one for one in found if found[one] in (FAIL, WARN)] == [check]
    assert len(double.requests()) == requests
    for one in checks:
        assert (one.fix == "") == (one.status == PASS), one
        if one.status == NOT_CHECKED:
            assert check in one.message and check in one.fix


def test_a_chat_that_hangs_costs_one_timeout(double: Running) -> None:
    double.faults(hang={"match": CHAT})
    started = time.monotonic()
    found = statuses(probed(double, patience=Patience(listing=2, chat=0.7, total=20, slow=5)))
    assert 0.6 < time.monotonic() - started < 2.5
    assert [check for check, status in found.items() if status == FAIL] == ["llm.answers"]
    assert (found["llm.models"], found["llm.context"]) == (PASS, PASS)


def test_the_time_for_all_requests_is_bounded(double: Running) -> None:
    double.faults(slow={"seconds": 0.4})
    started = time.monotonic()
    checks = probed(double, patience=Patience(listing=2, chat=2, total=1, slow=5))
    assert time.monotonic() - started < 2
    assert statuses(checks)["llm.answers"] in (FAIL, NOT_CHECKED)
    assert statuses(checks)["llm.json_with_tools"] == NOT_CHECKED


def test_the_last_request_gets_only_the_time_that_is_left(double: Running) -> None:
    double.faults(hang={"match": CHAT})
    started = time.monotonic()
    checks = probed(double, patience=Patience(listing=2, chat=6, total=1, slow=5))
    assert time.monotonic() - started < 3
    assert statuses(checks)["llm.answers"] == FAIL


def test_a_refusal_that_speaks_of_strict_is_not_tried_again_without_it(double: Running) -> None:
    """The server refuses something else: nothing strict was sent."""

    class Strict(Direct):
        def request(self, method: str, path: str, *rest: t.Any, **named: t.Any) -> Answer:
            answer = super().request(method, path, *rest, **named)
            return answer if method == "GET" else Answer(400, {}, b'{"error": {"message": "strict JSON only"}}')

    client = Client(Strict(f"http://127.0.0.1:{double.port}"), "/v1", {"Authorization": f"Bearer {KEY}"})
    checks = probe(Run(target(form=LOOSE), client, Speaker(("main",)), "x"), QUICK, NEW)
    assert statuses(checks)["llm.tool_call"] == FAIL
    assert (statuses(checks)["llm.strict"], client.requests) == (NOT_CHECKED, 2)


@pytest.mark.parametrize(
    ("server", "fix"),
    [(NEW, "HOLMES_DISABLE_STRICT_TOOL_CALLS to 'true'"), (OLD, "LLMS_WITH_STRICT_TOOL_CALLS to 'none'")],
)
def test_refused_strict_leaves_the_other_checks_a_voice(
    double: Running, server: tuple[int, int, int], fix: str
) -> None:
    double.faults(refuse_strict={})
    checks = probed(double, QUICK, server=server)
    strict = next(check for check in checks if check.id == "llm.strict")
    assert (strict.status, strict.evidence["strict_accepted"], fix in strict.fix) == (FAIL, False, True)
    assert [body["strict"][0] for body in bodies(double)] == [True, None, None, None]
    assert {check.status for check in checks if check is not strict} == {PASS}


@pytest.mark.parametrize("profile", [QUICK, FULL])
def test_no_run_costs_more_than_the_budget(double: Running, profile: str) -> None:
    double.faults(refuse_strict={})
    probed(double, profile, fields={"max_tokens": 8192, "parallel_tool_calls": False})
    most = budget([target()], profile)
    # Both of the two occasions for one request more were taken.
    assert len(double.requests()) == most.requests == {QUICK: 6, FULL: 9}[profile]
    metrics = double.request("GET", "/metrics").body.decode()
    assert "vllm:prompt_tokens_total" in metrics


def test_tokens_stay_within_the_budget() -> None:
    with running() as fresh:
        probed(fresh, FULL, key="", fields={"max_tokens": 8192, "parallel_tool_calls": False})
        metrics = fresh.request("GET", "/metrics").body.decode()
    spent = {line.split("{")[0]: float(line.split()[-1]) for line in metrics.splitlines()}
    most = budget([target()], FULL)
    # The second long request is spent only where strict is refused.
    assert 0.6 * most.prompt_tokens < spent["vllm:prompt_tokens_total"] <= most.prompt_tokens
    assert spent["vllm:generation_tokens_total"] <= most.completion_tokens


@pytest.mark.parametrize("version", ["0.9", "0.10", "0.27"])
def test_the_context_of_each_vllm_is_recognised(version: str) -> None:
    """The prompt fits, the answer that HolmesGPT asks for does not."""
    with running(vllm_version=version, max_model_len=9000) as small:
        checks = probed(small, QUICK, key="", windows={"main": 9000})
    found = statuses(checks)
    assert (found["llm.context"], found["llm.tool_call"]) == (FAIL, FAIL)
    told = next(check for check in checks if check.id == "llm.tool_call")
    assert "do not fit the model's context" in told.message
    assert "--max-model-len" in told.fix and "holmes_llm_max_output_tokens" in told.fix


def test_a_key_that_is_missing_is_told_from_one_that_is_wrong(double: Running) -> None:
    missing = probed(double, QUICK, key="")[0]
    wrong = probed(double, QUICK, key="not-the-key")[0]
    assert (missing.id, wrong.id) == ("llm.answers", "llm.answers")
    assert "wants a key (401), and none is given" in missing.message and "holmes_llm_api_key" in missing.fix
    assert "refuses the key (401)" in wrong.message


def test_the_key_is_nowhere(double: Running) -> None:
    faults: list[dict[str, t.Any]] = [{}, {"http_401": {}}, {"http_500": {}}, {"refuse_strict": {}}, {"prose": {}}]
    for fault in faults:
        double.faults(**fault)
        assert KEY not in repr(probed(double))
    assert KEY not in repr([entry["headers"] for entry in double.requests()])


def test_several_models_are_named(double: Running) -> None:
    speaker = Speaker(("main", "fast"), several=True)
    client = Client(Direct(f"http://127.0.0.1:{double.port}"), "/v1", {"Authorization": f"Bearer {KEY}"})
    asked = target(windows={"main": 131072, "fast": 32768})
    checks = probe(Run(asked, client, speaker, "x"), QUICK, NEW)
    contexts = [check for check in checks if check.id == "llm.context"]
    assert [(check.status, check.evidence["alias"]) for check in contexts] == [(PASS, "main"), (WARN, "fast")]
    assert [check.title.split("(")[1] for check in contexts] == ["main)", "fast)"]
    others = [check for check in checks if check.id != "llm.context"]
    assert all(check.title.endswith("(main, fast)") and check.message.startswith("main, fast: ") for check in others)
