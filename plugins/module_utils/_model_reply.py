# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a model server answered: the parts of a completion, or why there is none. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Wording of vLLM: 0.9 to 0.27 (facts in the double's errors.py); other servers of OpenAI's API say much the same.
"""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import ANSWERS, MODELS, Trouble

_MODEL = re.compile(r"model.{0,300}(?:does not exist|not found)|no such model|unknown model", re.IGNORECASE | re.DOTALL)
_LONGEST, _QUOTED = 2000, 240


class Call(t.NamedTuple):
    """A tool call; ``arguments`` is the text as it came."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """An answer to a chat request. ``refusal`` is the server's sentence if it refused what was asked (400, 422)."""

    refusal: str = ""
    content: str = ""
    calls: tuple[Call, ...] = ()
    finish: str = ""
    usage: dict[str, t.Any] = field(default_factory=dict)
    seconds: float = 0.0


def reply_of(answer: Answer, key: str = "") -> Reply:
    """The parts of an answer that is not streamed; raises :class:`Trouble` for what is not about the question.

    ``key``: where the key comes from that was sent, empty if none was.
    """
    raise_for_status(answer, key)
    if answer.status != 200:
        return Reply(refusal=error_text(answer), seconds=answer.seconds)
    data = answer.json()
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise not_json(answer)
    usage = data.get("usage")
    return Reply(
        "",
        str(message.get("content") or ""),
        calls_of(message.get("tool_calls")),
        str(choice.get("finish_reason") or ""),
        usage if isinstance(usage, dict) else {},
        answer.seconds,
    )


def calls_of(data: t.Any) -> tuple[Call, ...]:
    """The tool calls of a message."""
    found = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    functions = [(item, item["function"] if isinstance(item.get("function"), dict) else {}) for item in found]
    return tuple(
        Call(str(item.get("id") or ""), str(function.get("name") or ""), _arguments(function))
        for item, function in functions
    )


def _arguments(function: t.Mapping[str, t.Any]) -> str:
    given = function.get("arguments")
    return given if isinstance(given, str) else json.dumps(given)


def error_text(answer: Answer) -> str:
    """The sentence of a refusal, on one line."""
    data = answer.json()
    found: t.Any = data
    for key in ("error", "message", "detail"):
        if isinstance(found, dict) and found.get(key):
            found = found[key]
    text = found if isinstance(found, str) else answer.text
    return " ".join(text.split())[:_LONGEST]


def quoted(text: str) -> str:
    """A server's sentence as it fits into ours."""
    cut = text[:_QUOTED] + " [...]" if len(text) > _QUOTED else text
    return cut.rstrip(". ") or "no reason given"


def raise_for_status(answer: Answer, key: str = "") -> None:
    """Raises :class:`Trouble` for every status but 200 and those that refuse the question itself."""
    status = answer.status
    if status in (200, 400, 413, 422):
        return
    said = quoted(error_text(answer))
    if status in (401, 403):
        raise _no_entry(status, key)
    if status == 404:
        raise not_found(said)
    if status == 429:
        raise _too_many(answer)
    if status >= 500:
        raise _broken(answer, said)
    raise Trouble(
        ANSWERS,
        f"The model server answers with status {status}, which no server of OpenAI's API does: {said}.",
        "Check holmes_llm_api_base or holmes_llm_service: a login page or another program may stand there.",
    )


def _no_entry(status: int, key: str) -> Trouble:
    if not key:
        message = f"The model server wants a key ({status}), and none is given."
        return Trouble(ANSWERS, message, "Set holmes_llm_api_key, and put the key into holmes_secrets.")
    if status == 401:
        message = f"The model server refuses the key (401): {key}."
        return Trouble(ANSWERS, message, "Correct the key that holmes_llm_api_key names; vLLM's own is its --api-key.")
    message = f"The model server does not let the key in (403), or a proxy forbids the way: {key}."
    return Trouble(ANSWERS, message, "Allow the model to this key (holmes_llm_api_key) at the gateway.")


def not_found(said: str) -> Trouble:
    """404: of the model's name, or of the path."""
    if _MODEL.search(said):
        message = f"The model server does not know the model (404): {said}."
        return Trouble(MODELS, message, "Correct model in holmes_models, or start vLLM with --served-model-name.")
    return Trouble(
        ANSWERS,
        "The model server knows no such path (404).",
        "Let holmes_llm_api_base (or path of holmes_llm_service) end in /v1.",
    )


def _too_many(answer: Answer) -> Trouble:
    after = answer.headers.get("retry-after", "")
    again = f"; Retry-After: {after} s" if after.isdigit() else f"; Retry-After: {after[:40]}" if after else ""
    return Trouble(
        ANSWERS,
        f"The model server limits the rate (429{again}). The probe does not try again.",
        "Run it later, or raise the limit of this key at the gateway: one question costs HolmesGPT ten requests or "
        "more, one after the other.",
    )


def _broken(answer: Answer, said: str) -> Trouble:
    if isinstance(answer.json(), dict):
        message = f"The model server's engine failed ({answer.status}): {said}."
        return Trouble(ANSWERS, message, "Look at vLLM's log for the first error, and restart it.")
    message = f"A proxy in front of the model server answers {answer.status}: {said}."
    return Trouble(ANSWERS, message, "Check that vLLM's pod is ready and that the proxy or Service leads to it.")


def not_json(answer: Answer) -> Trouble:
    kind = answer.headers.get("content-type", "no Content-Type")[:60]
    return Trouble(
        ANSWERS,
        f"The model server answers {answer.status} with something that is no answer of OpenAI's API ({kind}).",
        "Check holmes_llm_api_base or holmes_llm_service: something else seems to listen there.",
    )
