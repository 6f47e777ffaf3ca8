# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a model's entry goes into the body and the headers of every request.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Facts: HolmesGPT 0.45.0 (holmes/core/llm.py, DefaultLLM.completion; holmes/common/env_vars.py). Every field that
HolmesGPT does not use itself goes to LiteLLM, and what LiteLLM does not know goes on to the server. What
LiteLLM 1.89.0 keeps to itself was run against a server that shows what it gets.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import Tokens
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    SENDS_MAX_TOKENS,
    SENDS_NO_TEMPERATURE,
    Version,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEMPERATURE = 1e-08
# Fields that HolmesGPT or LiteLLM keeps to itself.
_KEPT = _words(
    """
    model name api_key api_base base_url api_version custom_args is_robusta_model allowed_openai_params
    extra_headers headers default_headers extra_body timeout request_timeout stream_timeout num_retries max_retries
    input_cost_per_token output_cost_per_token custom_llm_provider drop_params additional_drop_params model_info
    tags fallbacks rpm tpm base_model max_budget user metadata store prompt_cache_key hf_model_name ssl_verify roles
    supports_system_message stream stream_options organization thinking api_type enable_json_schema_validation
    """
)


def headers_of(values: Values, entry: Values) -> dict[str, t.Any]:
    """EXTRA_HEADERS count only where an entry has none of its own."""
    given = entry.get("extra_headers")
    if given is None:
        try:
            given = json.loads(env_literal(values, "EXTRA_HEADERS") or "{}")
        except ValueError:  # the server itself dies of it: values.env tells
            given = {}
    more = entry.get("headers")
    return {**(given if isinstance(given, dict) else {}), **(more if isinstance(more, dict) else {})}


def fields_of(values: Values, entry: Values, server: Version | None) -> dict[str, t.Any]:
    """What goes into the body of every request beside messages and tools."""
    sent = {key: value for key, value in entry.items() if key not in _KEPT and value is not None}
    effort = (env_literal(values, "REASONING_EFFORT") or "").strip().lower()
    if effort:
        sent.setdefault("reasoning_effort", effort)
    temperature = env_literal(values, "TEMPERATURE")
    none = temperature is not None and temperature.strip().lower() in ("", "none", "null")
    if not (none and SENDS_NO_TEMPERATURE.holds(server)):
        sent.setdefault("temperature", _number(temperature))
    extra = entry.get("extra_body")
    return {**sent, **(extra if isinstance(extra, dict) else {})}


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else _TEMPERATURE
    except ValueError:
        return _TEMPERATURE


def output_of(tokens: Tokens, fields: dict[str, t.Any], server: Version | None) -> int | None:
    """``max_tokens`` as it is sent; put into ``fields`` unless the entry has its own."""
    if tokens.asked:
        return tokens.asked
    if not SENDS_MAX_TOKENS.holds(server):
        return None
    fields["max_tokens"] = tokens.reserve(True)
    return tokens.reserve(True)
