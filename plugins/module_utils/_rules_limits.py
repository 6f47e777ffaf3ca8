# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about tokens: what HolmesGPT believes of a model's context, and what it asks for as an answer.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import closest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Values,
    env_entries,
    env_entry,
    env_literal,
    get,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import (
    BASE_PROMPT,
    COMPACTION,
    LARGEST_CONTEXT,
    SMALLEST_ANSWER,
    Tokens,
    tokens_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import SENDS_MAX_TOKENS

_CONTEXT, _OUTPUT = "holmes_llm_context_window", "holmes_llm_max_output_tokens"
_NAMES = (models.CONTEXT_ENV, models.OUTPUT_ENV)
_BOTH = f"Set {_CONTEXT} to the server's --max-model-len and {_OUTPUT}, e.g. to 8192."


@rule("values.limits", "The token limits are set and fit")
def limits(case: Case) -> t.Iterator[Finding]:
    yield from _misnamed(case.values)
    wrong = [*_illegal_variables(case.values), *_illegal_fields(case.values)]
    yield from wrong
    hidden = [name for name in _NAMES if env_entry(case.values, name) and env_literal(case.values, name) is None]
    if hidden:
        message = f"{listed(hidden)} come from a Secret or ConfigMap, so the limits were not compared."
        yield unclear(message, "Write limits in clear; they are no secret.")
    if wrong or hidden:
        return
    groups: dict[Tokens, list[str]] = {}
    for model in models.models(case.values):
        groups.setdefault(tokens_of(case.values, model.entry), []).append(model.where)
    groups = groups or {tokens_of(case.values, {}): []}
    for tokens, places in groups.items():
        # Named only where models differ.
        yield _fits(case, tokens, f"{', '.join(places)}: " if len(groups) > 1 else "")


def _misnamed(values: Values) -> t.Iterator[Finding]:
    for name in {entry["name"]: None for entry in env_entries(values)}:
        close = closest(name, _NAMES, 0.85)
        if name not in _NAMES and (close or name.startswith("OVERRIDE_MAX_")):
            meant = f" Did you mean {close}?" if close else f" There are only {listed(_NAMES)}."
            yield fail(
                f"The variable {name} is read by nothing.{meant}", f"Remove it, and set {_CONTEXT} and {_OUTPUT}."
            )


def _illegal_variables(values: Values) -> t.Iterator[Finding]:
    for name in _NAMES:
        literal = env_literal(values, name)
        if literal is not None and models.number(literal) is None:
            message = (
                f"{name} is '{literal}', which is no whole number from 1 to 999999999: HolmesGPT acts as if it were "
                "not set."
            )
            yield fail(message, f"Set {_CONTEXT} and {_OUTPUT}.")


def _illegal_fields(values: Values) -> t.Iterator[Finding]:
    for model in models.models(values):
        size = get(model.entry, ("custom_args", "max_context_size"))
        if size is not None and models.own_context(model.entry) is None:
            message = (
                f"{model.where}.custom_args.max_context_size must be a whole number from 1 on: with text or a negative "
                "number every chat fails, and 0 is ignored."
            )
            yield fail(message, "Write the server's --max-model-len there, without quotes.")
        for field in ("max_completion_tokens", "max_tokens"):
            value = model.entry.get(field)
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                message = f"{model.where}.{field} is {value}: model servers refuse to answer with less than one token."
                yield fail(message, "Write e.g. 8192 there.")


def _fits(case: Case, tokens: Tokens, prefix: str) -> Finding:
    sends, context = SENDS_MAX_TOKENS.holds(case.server), tokens.context
    reserve = tokens.reserve(sends)
    if context is None:
        found: Finding | None = _boundless(tokens, sends)
    else:
        found = _too_much(context, reserve, tokens) or _wasteful(context, reserve, tokens, sends)
    if found:
        return replace(found, message=prefix + found.message)
    answer = tokens.asked or reserve
    evidence = {"context_window": context, "max_output_tokens": answer}
    return good(f"{prefix}context {context}, answer {answer} tokens", **evidence)


def _boundless(tokens: Tokens, sends: bool) -> Finding:
    """Whether it works depends on the server's --max-model-len."""
    if tokens.output:
        message = (
            f"Only one of the two limits is set: without {_CONTEXT} HolmesGPT believes in 200000 tokens, and a server "
            "with less refuses long chats."
        )
        return warn(message, _BOTH)
    answer = f"{'asks for' if sends or tokens.asked else 'reserves'} {tokens.asked or tokens.reserve(sends)}"
    return warn(f"No limits are set: HolmesGPT assumes a context of 200000 tokens and {answer} for an answer.", _BOTH)


def _too_much(context: int, reserve: int, tokens: Tokens) -> Finding | None:
    asked = tokens.asked
    lower = f"Lower {_OUTPUT}, or serve the model with a larger --max-model-len."
    if context - reserve < BASE_PROMPT:
        if tokens.output:
            message = (
                f"A context of {context} tokens leaves {context - reserve} beside an answer of {reserve}, but the "
                f"prompt alone takes up to {BASE_PROMPT}."
            )
            return fail(message, lower)
        message = (
            f"Only one of the two limits is set: without {_OUTPUT} HolmesGPT keeps {reserve} of {context} tokens free "
            f"for an answer, but the prompt alone takes up to {BASE_PROMPT}: every chat fails."
        )
        return fail(message, f"Set {_OUTPUT}, e.g. to 4096.")
    if asked and context - asked < BASE_PROMPT:
        message = (
            f"max_tokens asks for {asked} of a context of {context} tokens, but the prompt alone takes up to "
            f"{BASE_PROMPT}."
        )
        return fail(message, "Lower max_tokens of the model.")
    if asked and asked > reserve:
        message = (
            f"max_tokens asks for {asked} tokens, but only {reserve} are kept free: the server refuses chats of more "
            f"than {context - asked}."
        )
        return fail(message, f"Lower max_tokens of the model, or raise {_OUTPUT}.")
    return None


def _wasteful(context: int, reserve: int, tokens: Tokens, sends: bool) -> Finding | None:
    answer = tokens.asked or reserve
    if COMPACTION * context < 100 * (reserve + BASE_PROMPT):
        message = (
            f"An answer of {reserve} and a prompt of {BASE_PROMPT} tokens are more than {COMPACTION} % of a context of "
            f"{context}: every turn costs one more call, which compacts the conversation."
        )
        return warn(message, f"Set {_OUTPUT} lower, or serve the model with a larger --max-model-len.")
    if sends and not tokens.output:
        message = (
            f"Only one of the two limits is set: without {_OUTPUT} HolmesGPT keeps {reserve} of {context} tokens free "
            "for an answer."
        )
        return warn(message, f"Set {_OUTPUT}, e.g. to 8192.")
    if answer < SMALLEST_ANSWER:
        return warn(
            f"Answers are cut at {answer} tokens, which is short for a report.", f"Raise {_OUTPUT}, e.g. to 4096."
        )
    if context > LARGEST_CONTEXT:
        return warn(f"A context of {context} tokens is more than any model has.", f"Correct {_CONTEXT}.")
    return None
