# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions about ``modelList`` and the limits, asked by several rules and by the result.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Values,
    env_entry,
    env_literal,
    get,
    strings,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import MODEL_SELECTS

# The server's own templating; anything else between the braces is left to the server, which then dies at start.
ENV_REFERENCE = re.compile(r"\{\{\s*env\.([^}\s]*)\s*\}\}")
SHORT_REFERENCE = re.compile(r"envRef:(.*)\Z", re.DOTALL)

CONTEXT_ENV, OUTPUT_ENV = "OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN"

# LiteLLM's provider prefixes, and whether they speak to a server of one's own.
PROVIDERS: dict[str, bool] = {
    **dict.fromkeys(
        ("openai", "hosted_vllm", "text-completion-openai", "openai_like", "litellm_proxy", "custom_openai"), True
    ),
    **dict.fromkeys(
        ("ollama", "ollama_chat", "lm_studio", "llamafile", "xinference", "triton", "oobabooga", "vllm"), True
    ),
    **dict.fromkeys(
        ("azure", "azure_ai", "anthropic", "bedrock", "bedrock_converse", "gemini", "vertex_ai", "vertex_ai_beta"),
        False,
    ),
    **dict.fromkeys(
        ("mistral", "groq", "cohere", "cohere_chat", "deepseek", "together_ai", "fireworks_ai", "openrouter"), False
    ),
    **dict.fromkeys(
        ("huggingface", "replicate", "perplexity", "xai", "sagemaker", "watsonx", "databricks", "nvidia_nim"), False
    ),
}
# Those that post to <api_base>/chat/completions and therefore need /v1 at the end of it.
OPENAI_LIKE = ("openai", "hosted_vllm", "openai_like", "litellm_proxy", "custom_openai", "lm_studio", "llamafile")
# Variables that stand in for a missing api_base.
BASE_ENV = {"openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"), "hosted_vllm": ("HOSTED_VLLM_API_BASE",)}


def model_list(values: Values) -> dict[str, t.Any]:
    models = values.get("modelList")
    return models if isinstance(models, dict) else {}


def entries(values: Values) -> dict[str, dict[str, t.Any]]:
    """The well-formed entries."""
    return {alias: entry for alias, entry in model_list(values).items() if isinstance(entry, dict)}


def provider(entry: t.Mapping[str, t.Any]) -> str:
    """The provider prefix of an entry, or an empty text if LiteLLM would find none."""
    head, slash, _rest = str(entry.get("model") or "").partition("/")
    return head if slash and head in PROVIDERS else ""


class Reference(t.NamedTuple):
    """A variable that values refer to; ``path`` is dotted, ``short`` tells the form ``envRef:NAME``."""

    name: str
    path: str
    short: bool


def references(data: t.Any) -> list[Reference]:
    """Every reference to a variable."""
    found = []
    for path, text in strings(data):
        found += [Reference(name, ".".join(path), False) for name in ENV_REFERENCE.findall(text)]
        short = SHORT_REFERENCE.match(text)
        found += [Reference(short.group(1), ".".join(path), True)] if short else []
    return found


def resolved(values: Values, text: str) -> str | None:
    """Text with its variables filled in, or None if one of them is no literal."""
    unknown = False

    def literal(match: re.Match[str]) -> str:
        nonlocal unknown
        value = env_literal(values, match.group(1))
        unknown = unknown or value is None
        return value or ""

    short = SHORT_REFERENCE.match(text)
    result = ENV_REFERENCE.sub(literal, "{{ env." + short.group(1) + " }}" if short else text)
    return None if unknown else result


def first_alias(case: Case) -> str:
    """The alias at the top of the rendered list: the server's default if nothing selects another."""
    order = _render_view.model_order(case.rendered) or sorted(model_list(case.values))
    return order[0] if order else ""


def default_alias(case: Case) -> str:
    """The alias that answers a request without a model, or an empty text if it is not known or no alias."""
    selects = MODEL_SELECTS.holds(case.server) and env_entry(case.values, "MODEL") is not None
    alias = env_literal(case.values, "MODEL") if selects else first_alias(case)
    return alias if alias and alias in model_list(case.values) else ""


def limits(values: Values) -> dict[str, int | None]:
    """The limits in force for every model that LiteLLM does not know; None where nothing sets one."""
    own = [get(entry, ("custom_args", "max_context_size")) for entry in entries(values).values()]
    context = number(env_literal(values, CONTEXT_ENV))
    if own and all(isinstance(size, int) for size in own):
        context = min(own)
    return {"context_window": context, "max_output_tokens": number(env_literal(values, OUTPUT_ENV))}


def number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,9}", text.strip()) else None
