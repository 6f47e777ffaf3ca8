# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of served models, and the limits that it shows. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import CONTEXT, MODELS, Speaker, Trouble
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import not_json, raise_for_status
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import BASE_PROMPT

Models = dict[str, dict[str, t.Any]]
_WINDOW = "holmes_llm_context_window"
_OUTPUT = "holmes_llm_max_output_tokens (or max_output_tokens of the model in holmes_models)"
_EITHER = f"{_WINDOW} (or context_window of the model in holmes_models)"
_SHOWN = 8
# What HolmesGPT believes in for a model that it does not know (facts: 4).
_ASSUMED = 200_000


def models_of(answer: Answer, key: str = "") -> Models | None:
    """{name: entry} of an answer to GET /models, None if the server has no such list; raises :class:`Trouble`."""
    # Gateways often let chats through and nothing else; a key that is really wrong is refused there as well.
    if answer.status in (400, 403, 404, 405, 501):
        return None
    raise_for_status(answer, key)
    data = answer.json()
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise not_json(answer)
    return {str(entry["id"]): entry for entry in entries if isinstance(entry, dict) and "id" in entry}


def judge_models(speaker: Speaker, models: Models | None, served: str) -> Check:
    """Raises :class:`Trouble` if the model is not served under its name."""
    if models is None:
        message = "The model server has no list of models at /models, so the name shows only when a question is asked."
        return speaker.unchecked(MODELS, message, "Nothing to do if llm.tool_call passes.")
    names = sorted(models)
    if served in models:
        return speaker.passed(MODELS, f"'{served}' is served.", served=names)
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
    hint = f"Write 'model: {names[0]}' in holmes_models" if len(names) == 1 else "Correct model in holmes_models"
    raise Trouble(
        MODELS,
        f"No model is served as '{served}', but {shown or 'none at all'}.",
        f"{hint}, or start vLLM with --served-model-name {served}.",
    )


def length_of(models: Models | None, served: str) -> int | None:
    """The model's context length as vLLM tells it."""
    length = (models or {}).get(served, {}).get("max_model_len")
    return length if isinstance(length, int) and not isinstance(length, bool) and length > 0 else None


def judge_context(speaker: Speaker, target: Target, length: int | None) -> list[Check]:
    """One check for each alias, as each may have limits of its own."""
    return [_context(speaker, target, alias, window, length) for alias, window in target.windows.items()]


def _context(speaker: Speaker, target: Target, alias: str, window: int | None, length: int | None) -> Check:
    evidence = {"aliases": (alias,), "max_model_len": length, "context_window": window, "max_tokens": target.output}
    if length is None:
        message = "The model server does not tell its context length (vLLM does, as max_model_len)."
        fix = f"Set {_WINDOW} to the length that the server was started with; this check stays undecided."
        return speaker.unchecked(CONTEXT, message, fix, **evidence)
    believed = window or _ASSUMED
    if target.output and length - target.output < BASE_PROMPT:
        message = (
            f"HolmesGPT asks for answers of {target.output} tokens, but the server's context is {length} and the "
            f"prompt alone takes up to {BASE_PROMPT}: every question is refused."
        )
        fix = f"Set {_OUTPUT} lower (e.g. 4096), or start vLLM with a larger --max-model-len."
        return speaker.failed(CONTEXT, message, fix, **evidence)
    if window is None and length < believed:
        message = (
            f"{_WINDOW} is not set: HolmesGPT believes in {believed} tokens, the server has {length}, and long chats "
            "are refused."
        )
        return speaker.warned(CONTEXT, message, f"Set {_WINDOW} to {length}.", **evidence)
    if believed > length:
        message = f"HolmesGPT believes in a context of {believed} tokens, but the server has {length}."
        fix = f"Set {_EITHER} to {length}, or start vLLM with --max-model-len {believed}."
        return speaker.failed(CONTEXT, message, fix, **evidence)
    if 2 * believed < length:
        message = f"HolmesGPT uses {believed} of the {length} tokens that the server has, and forgets early."
        return speaker.warned(CONTEXT, message, f"Raise {_EITHER} to up to {length}.", **evidence)
    return speaker.passed(CONTEXT, f"The server has {length} tokens, HolmesGPT uses {believed}.", **evidence)
