# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the model server said of itself, as part of the intent: its context length, whether it takes strict tools.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import BASE_PROMPT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import STRICT_SWITCH, Version

STRICT_ENV = "HOLMES_DISABLE_STRICT_TOOL_CALLS"

# An answer of this length is plenty; a small context gives a quarter of itself.
_OUTPUT, _LEAST_OUTPUT = 8192, 1024


@dataclass(frozen=True)
class Tuned:
    """The request with what was learned. ``filled``: what was unset; ``corrected``: what the inventory has wrong."""

    request: Request
    filled: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()


def tuned(request: Request, server: Version | None) -> Tuned:
    """Applies ``request.learned``: {alias: {max_model_len, strict}}. Raises HolmesError for another shape."""
    lengths, refusing = _learned(request.learned)
    filled: list[str] = []
    corrected: list[str] = []
    if lengths:
        request = _common(request, lengths, filled, corrected)
        request = _own(request, lengths, filled, corrected)
    env = request.env if isinstance(request.env, dict) else {}
    if refusing and STRICT_SWITCH.holds(server) and STRICT_ENV not in env:
        request = replace(request, env={**env, STRICT_ENV: "true"})
        filled.append(f"{STRICT_ENV} is true, because {', '.join(refusing)} refuses strict tools")
    return Tuned(request, tuple(filled), tuple(corrected))


def _learned(given: t.Any) -> tuple[dict[str, int], list[str]]:
    if given in (None, "", {}):
        return {}, []
    if not isinstance(given, dict) or not all(isinstance(entry, dict) for entry in given.values()):
        raise HolmesError(
            "'learned' must be a mapping of aliases to what was learned.", "Give what holmes_preflight returns."
        )
    lengths = {str(alias): entry.get("max_model_len") for alias, entry in given.items()}
    refusing = [str(alias) for alias, entry in given.items() if entry.get("strict") is False]
    return {alias: length for alias, length in lengths.items() if isinstance(length, int) and length > 0}, refusing


def _common(request: Request, lengths: dict[str, int], filled: list[str], corrected: list[str]) -> Request:
    """The common limits fit the smallest server."""
    common, llm = min(lengths.values()), dict(request.llm)
    window, output = llm.get("context_window"), llm.get("max_output_tokens")
    if not isinstance(window, int) or window > common:
        llm["context_window"] = common
        smallest = ", ".join(alias for alias, length in lengths.items() if length == common)
        told = f"holmes_llm_context_window is {common}, the max_model_len of {smallest}"
        (corrected if isinstance(window, int) else filled).append(told)
    room = int(llm["context_window"]) - BASE_PROMPT
    if not isinstance(output, int) or output > room:
        llm["max_output_tokens"] = max(_LEAST_OUTPUT, min(_OUTPUT, int(llm["context_window"]) // 4))
        told = f"holmes_llm_max_output_tokens is {llm['max_output_tokens']}"
        (corrected if isinstance(output, int) else filled).append(told)
    return replace(request, llm=llm)


def _own(request: Request, lengths: dict[str, int], filled: list[str], corrected: list[str]) -> Request:
    """A limit of a model's own is lowered to what its server has; one with more room than the others gets its own."""
    if not isinstance(request.models, dict):
        return request
    common, models = min(lengths.values()), dict(request.models)
    for alias, entry in request.models.items():
        length = lengths.get(alias)
        if length is None or not isinstance(entry, dict):
            continue
        own = entry.get("context_window")
        if own is None and length > common:
            filled.append(f"context_window of {alias} is {length}")
        elif isinstance(own, int) and own > length:
            corrected.append(f"context_window of {alias} is {length}")
        else:
            continue
        models[alias] = {**entry, "context_window": length}
    return replace(request, models=models)
