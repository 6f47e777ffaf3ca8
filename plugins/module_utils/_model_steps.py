# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of every probe. Each sends one or two requests and yields the checks that they decide.

Private to this collection: it may change in any release. Imports nothing of Ansible.
A :class:`Trouble` ends the probe: what comes after it could only fail in the same way.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_prompt as prompt
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_tools as tools
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import (
    LATENCY,
    STRICT,
    TOOL_CALL,
    TOOL_RESULT,
    TWO_TOOLS,
    Trouble,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_judge import (
    about_strict,
    distinct,
    refused,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_listing import (
    judge_context,
    judge_models,
    length_of,
    models_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import (
    Reply,
    quoted,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_run import Run, conversation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import STRICT_SWITCH, Version

OTHER_MODEL = "serve a model that is made for agents and tool calls."


def listing(run: Run) -> t.Iterator[Check]:
    """GET /models: the name and the context length."""
    models = models_of(run.client.listing(), run.key)
    served = run.target.served
    run.recognise(str((models or {}).get(served, {}).get("root") or ""))
    # The limits do not depend on the name, but on the entry that it finds.
    yield judge_models(run.speaker, models, served)
    yield from judge_context(run.speaker, run.target, length_of(models, served))


def tool_call(run: Run, server: Version | None, slow: float) -> t.Iterator[Check]:
    """The one request with everything as HolmesGPT sends it."""
    messages = conversation(prompt.SYSTEM, prompt.QUESTION)
    reply = run.ask(messages, bound=False)
    if run.form == tools.STRICT and about_strict(reply.refusal):
        yield _strict_refused(run, server, reply.refusal)
        run.form = tools.LOOSE
        reply = run.ask(messages, bound=False)
        _accept(run, reply)
    else:
        _accept(run, reply)
        yield _strict_accepted(run)
    yield _latency(run, reply, slow)
    problem = run.problem(reply)
    if problem:
        raise Trouble(TOOL_CALL, *problem)
    names = [call.name for call in reply.calls]
    yield run.speaker.passed(TOOL_CALL, f"The model called {', '.join(names)}.", tools=names)
    run.talk, run.first = messages, reply


def _accept(run: Run, reply: Reply) -> None:
    if reply.refusal:
        raise Trouble(TOOL_CALL, *refused(reply.refusal, run.parser))


def _strict_refused(run: Run, server: Version | None, refusal: str) -> Check:
    message = f"The model server refuses tools with 'strict', which HolmesGPT sends: {quoted(refusal)}."
    if STRICT_SWITCH.holds(server):
        switch = "HOLMES_DISABLE_STRICT_TOOL_CALLS to 'true'"
    else:
        switch = "LLMS_WITH_STRICT_TOOL_CALLS to 'none'"
    fix = f"Set {switch} in holmes_env, or write hosted_vllm/ before the model's name."
    return run.speaker.failed(STRICT, message, fix, strict_accepted=False)


def _strict_accepted(run: Run) -> Check:
    if run.form == tools.STRICT:
        return run.speaker.passed(STRICT, "Tools with 'strict' are accepted.", strict_accepted=True)
    why = (
        "HolmesGPT sends none with these values"
        if run.form == tools.LOOSE
        else "LiteLLM takes it out for this provider"
    )
    return run.speaker.passed(STRICT, f"No 'strict' reaches the server: {why}.", strict_accepted=None)


def _latency(run: Run, reply: Reply, slow: float) -> Check:
    written, read = reply.usage.get("completion_tokens"), reply.usage.get("prompt_tokens")
    speed = round(written / reply.seconds, 1) if isinstance(written, int) and reply.seconds > 0 else None
    evidence = {
        "answer_seconds": round(reply.seconds, 3),
        "prompt_tokens": read,
        "completion_tokens": written,
        "tokens_per_second": speed,
    }
    told = f" ({read} tokens read, {written} written: {speed} tokens/s)" if speed is not None else ""
    message = f"The first request of an investigation took {reply.seconds:.1f} s{told}"
    if reply.seconds <= slow:
        return run.speaker.passed(LATENCY, f"{message}.", **evidence)
    return run.speaker.warned(
        LATENCY,
        f"{message}, more than {slow:g} s; an investigation is ten of them or more.",
        "Look at the server's queue (vllm:num_requests_waiting) and GPU, use --enable-prefix-caching of vLLM, or set "
        "extra_body: {reasoning_effort: low} in holmes_models.",
        **evidence,
    )


def tool_result(run: Run) -> t.Iterator[Check]:
    """The tool's answer holds a made-up name, which has to come back."""
    reply = run.ask(run.answered(run.talk, run.first))
    if reply.refusal:
        message = f"The model server refuses a conversation with a tool's answer: {quoted(reply.refusal)}."
        yield run.speaker.failed(TOOL_RESULT, message, "Start vLLM with the --chat-template that fits the model.")
    # A further call about the very object is use of the answer, too.
    elif run.name in reply.content or any(run.name in call.arguments for call in reply.calls):
        yield run.speaker.passed(TOOL_RESULT, "The answer holds what the tool said.")
    elif reply.calls:
        message = "After the tool's answer the model called another tool, so that its use of the answer was not seen."
        yield run.speaker.warned(TOOL_RESULT, message, "Run again; see whether llm.two_tools passes.")
    elif reply.finish == "length":
        yield _cut(run, TOOL_RESULT)
    else:
        message = "The model was told the name of a pod by a tool, and answered without it: answers would be made up."
        fix = f"Start vLLM with the --chat-template that fits the model. If it runs so already: {OTHER_MODEL}"
        yield run.speaker.failed(TOOL_RESULT, message, fix)


def two_tools(run: Run) -> t.Iterator[Check]:
    """A question that needs two calls, at once or one after the other."""
    messages = conversation(prompt.SHORT, prompt.TWO_QUESTIONS)
    reply = run.ask(messages)
    calls = reply.calls
    if len(calls) and run.problem(reply) is None and distinct(calls) < 2:
        reply = run.ask(run.answered(messages, reply))
        calls += reply.calls
    problem = run.problem(reply) if reply.calls else None
    if reply.refusal:
        yield run.speaker.failed(TWO_TOOLS, *refused(reply.refusal, run.parser))
    elif problem:
        yield run.speaker.failed(TWO_TOOLS, *problem)
    elif distinct(calls) > 1:
        how = "at once" if distinct(reply.calls) > 1 else "one after the other"
        yield run.speaker.passed(TWO_TOOLS, f"The model called two tools {how}.", how=how)
    elif reply.finish == "length":
        yield _cut(run, TWO_TOOLS)
    else:
        message = f"A question that needs two tool calls got {len(calls)}: investigations would end early."
        yield run.speaker.warned(TWO_TOOLS, message, f"For long investigations {OTHER_MODEL}")


def _cut(run: Run, check: str) -> Check:
    message = "The model needed more tokens than the probe grants for a simple question."
    return run.speaker.warned(check, message, "Set extra_body: {reasoning_effort: low} for it in holmes_models.")
