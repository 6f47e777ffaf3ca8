# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a full probe, which come after those of every probe.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_prompt as prompt
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import (
    JSON_WITH_TOOLS,
    NO_NEEDLESS_CALL,
    STREAMING,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_judge import (
    refused,
    streamed,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import (
    Reply,
    error_text,
    quoted,
    raise_for_status,
    reply_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_run import Run, conversation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_steps import OTHER_MODEL

# The answer that a HealthCheck of HolmesGPT asks for, in its kind (issues #2031, #2317).
_JSON_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "probe_verdict",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"healthy": {"type": "boolean"}, "reason": {"type": "string"}},
            "required": ["healthy", "reason"],
            "additionalProperties": False,
        },
    },
}


def no_needless_call(run: Run) -> t.Iterator[Check]:
    """A greeting needs no tool."""
    reply = run.ask(conversation(prompt.SHORT, prompt.GREETING))
    if reply.refusal:
        yield run.speaker.failed(NO_NEEDLESS_CALL, *refused(reply.refusal, run.parser))
    elif reply.calls:
        message = f"The model called {reply.calls[0].name[:60]} although it was only asked to say hello."
        yield run.speaker.warned(NO_NEEDLESS_CALL, message, f"To save time and tokens, {OTHER_MODEL}")
    elif reply.content.strip():
        yield run.speaker.passed(NO_NEEDLESS_CALL, "A greeting was answered in words.")
    else:
        message = "A greeting got an empty answer."
        fix = "Start vLLM with the --reasoning-parser that fits the model, if it reasons."
        yield run.speaker.warned(NO_NEEDLESS_CALL, message, fix)


def streaming(run: Run) -> t.Iterator[Check]:
    """HolmesGPT itself asks for whole answers, so this is a limitation at most."""
    answer = run.send(conversation(prompt.SHORT, prompt.QUESTION), stream=True)
    if answer.status < 500:
        raise_for_status(answer, run.key)
    fix = f"Start vLLM with {run.parser}, and turn off buffering in a proxy in front of it. HolmesGPT asks unstreamed."
    reply = streamed(answer)
    if answer.status != 200:
        message = f"The model server refuses to stream tool calls: {quoted(error_text(answer))}."
        yield run.speaker.warned(STREAMING, message, fix)
    elif reply is None:
        yield run.speaker.warned(STREAMING, "Asked to stream, the server sent no stream that came to its end.", fix)
    elif problem := run.problem(reply):
        yield run.speaker.warned(STREAMING, f"Streamed: {problem.message}", fix)
    else:
        yield run.speaker.passed(STREAMING, "A tool call could be put together from a stream.")


def json_with_tools(run: Run) -> t.Iterator[Check]:
    """An answer in JSON is asked for, but a tool has to be called first."""
    answer = run.send(conversation(prompt.SHORT, prompt.JSON_QUESTION), response_format=_JSON_FORMAT)
    # vLLM versions that cannot do it answer 500 to this request only.
    reply = Reply(refusal=error_text(answer)) if answer.status >= 500 else reply_of(answer, run.key)
    fix = "Do not rely on HealthChecks: leave operator.enabled off in holmes_values, and ask without response_format."
    if reply.refusal:
        message = f"The model server refuses a JSON response_format together with tools: {quoted(reply.refusal)}."
        yield run.speaker.warned(JSON_WITH_TOOLS, message, fix)
    elif run.problem(reply):
        message = (
            "Asked for JSON, the model does not call the tool it needs, so HolmesGPT's HealthChecks pass or fail "
            "without looking."
        )
        yield run.speaker.warned(JSON_WITH_TOOLS, message, fix)
    else:
        yield run.speaker.passed(JSON_WITH_TOOLS, "The model calls a tool although JSON is asked for.")
