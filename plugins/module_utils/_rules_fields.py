# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about the fields of a model.

Private to this collection: it may change in any release. Imports nothing of Ansible.

HolmesGPT reads a handful of fields and hands every other to LiteLLM, which sends what it does not know to the model
server (run with 0.45.0 and a recording server). A value is never repeated here: it may be a key under a wrong name.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_litellm as litellm
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    KEEPS_ALLOWED,
    SETS_CACHE,
    SETS_TIMEOUT,
    TAKES_ALLOWED,
    Since,
    text,
)

# To move to _values_versions.

# The server gives these to LiteLLM itself, so that an entry's own end in "got multiple values for keyword argument";
# from which version on, None for all.
FIXED: dict[str, Since | None] = {
    **dict.fromkeys(("messages", "response_format", "stream", "tools", "tool_choice", "drop_params")),
    "timeout": SETS_TIMEOUT,
    "cache_control_injection_points": SETS_CACHE,
}


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@rule("values.model_field", "Every field of a model means what it seems to")
def model_field(case: Case) -> t.Iterator[Finding]:
    passed_on = []
    for model in models.models(case.values):
        for name, value in model.entry.items():
            if value is None:
                continue  # as if it were not there
            place = Place(case, model, str(name), f"{model.where}.{name}", value)
            found = next(filter(None, (judge(place) for judge in _JUDGES)), None)
            if found:
                yield found
            elif name not in litellm.FIELDS and name not in FIXED:
                passed_on.append(place.where)
        yield from _both_addresses(model)
        yield from _custom(model)
    if passed_on:
        yield good(f"Sent to the model server as they are: {listed(passed_on)}", passed_on=passed_on)


class Place(t.NamedTuple):
    """One field of one model."""

    case: Case
    model: models.Model
    name: str
    where: str
    value: t.Any


def _fixed(place: Place) -> Finding | None:
    since = FIXED.get(place.name)
    if place.name not in FIXED or (since and not since.holds(place.case.server)):
        return None
    fix = f"Remove {place.where}."
    if place.name == "timeout":
        fix += " The time-out in seconds is the variable LLM_REQUEST_TIMEOUT (holmes_env)."
    message = f"{place.where} is set by HolmesGPT itself: every chat fails with 'multiple values for keyword argument'."
    return fail(message, fix)


def _kind(place: Place) -> Finding | None:
    """Shapes that the server's own reading of the entry, or LiteLLM, cannot take."""
    name, where, value = place.name, place.where, place.value
    if name in litellm.TEXTS and not isinstance(value, str):
        return fail(f"{where} must be text: the server dies at start otherwise.", "Write it as text, in quotes.")
    if name == "is_robusta_model" and models.truth(value) is None:
        return fail(f"{where} must be true or false: the server dies at start otherwise.", "Remove it.")
    if name in litellm.MAPPINGS and not isinstance(value, dict):
        ends = "the server dies at start" if name == "custom_args" else "every chat fails"
        return fail(f"{where} must be a mapping: {ends} otherwise.", "Write 'NAME: value' lines below it.")
    if name in ("extra_headers", "headers") and not all(isinstance(item, str) for item in value.values()):
        return fail(f"{where} must hold text only: every chat fails otherwise.", "Put the values in quotes.")
    if name == "allowed_openai_params" and not isinstance(value, list):
        return fail(f"{where} must be a list: it has no effect otherwise.", "Write '[reasoning_effort]'.")
    return None


_NUMERIC = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*\Z", re.ASCII)


def _number(place: Place) -> Finding | None:
    if place.name not in litellm.NUMBERS or (
        isinstance(place.value, (int, float)) and not isinstance(place.value, bool)
    ):
        return None
    sent = models.resolved(place.case.values, place.value) if isinstance(place.value, str) else ""
    if sent is None or _NUMERIC.match(sent):
        message = f"{place.where} is a number in quotes or of a variable, so text is sent, which strict servers refuse."
        return warn(message, "Write the number itself, without quotes.")
    return fail(f"{place.where} must be a number: model servers refuse the chat otherwise.", "Write a number there.")


def _reasoning(place: Place) -> Finding | None:
    """LiteLLM lets some fields through only for models that it knows, or if they are named as allowed."""
    server, entry = place.case.server, place.model.entry
    allowed = entry.get("allowed_openai_params")
    if place.name == "allowed_openai_params" and not TAKES_ALLOWED.holds(server):
        return fail(
            f"{place.where} breaks every chat of this HolmesGPT.", f"Remove it, or use {text(TAKES_ALLOWED.version)}."
        )
    if place.name not in ("reasoning_effort", "thinking"):
        return None
    provider, served = models.provider(place.case.values, entry), models.served(place.case.values, entry)
    named = isinstance(allowed, list) and place.name in allowed
    known = served.startswith(litellm.REASONING)
    if known or provider not in litellm.NO_REASONING or (named and KEEPS_ALLOWED.holds(server)):
        return None
    instead = "extra_body: {" + place.name + ": …}"
    fix = f"Write '{instead}' in the entry, or hosted_vllm/ instead of {provider}/."
    if named:
        message = (
            f"{place.where}: before {text(KEEPS_ALLOWED.version)} allowed_openai_params holds for the first call only, "
            "so chats with tools fail."
        )
    else:
        message = f"{place.where}: LiteLLM refuses every chat with it for a model that it does not know."
    return fail(message, fix)


def _misspelled(place: Place) -> Finding | None:
    if place.name in litellm.FIELDS or place.name in FIXED:
        return None
    bare = _bare(place.name)
    same = {_bare(field): field for field in litellm.MEANT_FIELDS}
    meant = litellm.MEANT.get(bare) or same.get(litellm.closest(bare, same, 0.8), "")
    # Without any model, values.provider_prefix tells of it.
    if not meant or (meant == "model" and "model" not in place.model.entry):
        return None
    message = f"{place.where} is no field of HolmesGPT or LiteLLM and is only sent on. Did you mean '{meant}'?"
    return fail(message, f"Rename it; if the model server itself takes it, write 'extra_body: {{{place.name}: …}}'.")


def _made_up(place: Place) -> Finding | None:
    if place.name != "mock_response":
        return None
    return fail(f"{place.where} makes up every answer: no model is asked.", f"Remove {place.where}.")


_JUDGES = (_made_up, _fixed, _kind, _number, _reasoning, _misspelled)


def _both_addresses(model: models.Model) -> t.Iterator[Finding]:
    first, second = model.entry.get("api_base"), model.entry.get("base_url")
    if first and second and first != second:
        yield warn(f"{model.where} has api_base and base_url; only api_base counts.", f"Remove {model.where}.base_url.")


def _custom(model: models.Model) -> t.Iterator[Finding]:
    """HolmesGPT reads one thing of custom_args and drops the rest."""
    given = model.entry.get("custom_args")
    for name in given if isinstance(given, dict) else ():
        if name != "max_context_size":
            message = f"{model.where}.custom_args.{name} is read by nothing; there is only max_context_size."
            yield fail(message, "Rename it, or move it out of custom_args if it is a field of LiteLLM.")
