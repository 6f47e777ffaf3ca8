# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about models: the default, names, endpoints, limits.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    MODEL_KEEPS_ENTRY,
    MODEL_SELECTS,
    PHANTOM_IS_DEFAULT,
    text,
)

# LiteLLM asks huggingface.co for a tokenizer when the name holds one of these; no switch turns it off.
_LOOKED_UP = ("llama-2", "llama-3", "replicate", "command-r")


def _similar(name: str, names: t.Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), 1, 0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


@rule("values.default_model", "The default model is one of the aliases")
def default_model(case: Case) -> t.Iterator[Finding]:
    aliases, wanted, chosen = (
        models.model_list(case.values),
        case.request.default_model,
        env_entry(case.values, "MODEL"),
    )
    if not aliases:
        message = "There is no model: the server would look ready and answer every chat with an error."
        yield fail(message, "Set holmes_models, or modelList in a values file.")
        return
    if case.rendered.done and not _render_view.model_order(case.rendered):
        message = "The rendered chart holds no model list: it leaves out its ConfigMap when toolsets is empty."
        yield fail(message, "Do not empty toolsets; turn single ones off by enabled: false.")
        return
    if wanted and wanted not in aliases:
        yield fail(
            f"holmes_default_model is '{wanted}', but the aliases are {listed(aliases)}.{_similar(wanted, aliases)}",
            "Correct holmes_default_model.",
        )
        return
    if chosen:
        yield from _chosen(case, chosen, aliases)
        return
    first = models.first_alias(case)
    if wanted and wanted != first:
        message = (
            f"HolmesGPT {text(case.server)} takes the first alias of the alphabet, '{first}', as the default; "
            f"holmes_default_model '{wanted}' cannot be set."
        )
        yield warn(message, f"Rename '{wanted}' so that it comes first, or name the model in every request.")
    elif not wanted and len(aliases) > 1:
        message = f"No default model is named; '{first}' answers, because it is the first of the list."
        yield warn(message, "Set holmes_default_model.")
    else:
        yield good(f"'{first}', the first of the list", default=first)


def _chosen(case: Case, entry: Values, aliases: t.Container[str]) -> t.Iterator[Finding]:
    """MODEL is set, by the user or by us."""
    alias = entry.get("value")
    if not MODEL_KEEPS_ENTRY.holds(case.server):
        message = (
            f"MODEL breaks HolmesGPT {text(case.server)}: it replaces the alias's entry by one without endpoint and "
            "key."
        )
        yield fail(message, "Remove MODEL from additionalEnvVars.")
    elif not isinstance(alias, str):
        yield unclear(
            "MODEL comes from a Secret or ConfigMap, so it was not compared with the aliases.",
            "Write MODEL in clear, or use holmes_default_model.",
        )
    elif alias not in aliases:
        known = list(models.model_list(case.values))
        message = (
            f"MODEL is '{alias}', which is no alias: the server would add a model of that name without an endpoint "
            f"and use it.{_similar(alias, known)}"
        )
        yield fail(message, f"Set holmes_default_model to one of {listed(known)}.")
    elif not MODEL_SELECTS.holds(case.server):
        yield warn(
            f"MODEL has no effect on HolmesGPT {text(case.server)}; the first alias of the alphabet is the default.",
            "Remove MODEL.",
        )
    else:
        yield good(f"'{alias}'", default=alias)


@rule("values.phantom_model", "No model appears that nobody asked for")
def phantom_model(case: Case) -> t.Iterator[Finding]:
    if not env_entry(case.values, "OPENAI_API_KEY") or not models.model_list(case.values):
        return
    rename = "Rename the variable OPENAI_API_KEY to VLLM_API_KEY, also in modelList"
    if not PHANTOM_IS_DEFAULT.holds(case.server):
        message = (
            f"Because of the variable OPENAI_API_KEY, HolmesGPT {text(case.server)} also lists a model gpt-4.1 that "
            "the model server does not have."
        )
        yield warn(message, f"{rename}.")
    elif not env_entry(case.values, "MODEL"):
        message = (
            "With the variable OPENAI_API_KEY and without MODEL, HolmesGPT adds a model gpt-5.4 and makes it the "
            "default; chats then fail."
        )
        yield fail(message, f"Set holmes_default_model. {rename}.")


@rule("values.provider_prefix", "Every entry of modelList names a provider and a model")
def provider_prefix(case: Case) -> t.Iterator[Finding]:
    listing = case.values.get("modelList")
    if listing is not None and not isinstance(listing, dict):
        yield fail(
            "modelList must be a mapping of aliases.", "Write 'alias:' and, indented, 'model: openai/served-name'."
        )
    for alias, entry in models.model_list(case.values).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("model"), str):
            yield fail(f"modelList.{alias} must be a mapping with 'model'.", "Write 'model: openai/served-name' there.")
        elif not models.provider(entry):
            message = (
                f"modelList.{alias}.model is '{entry['model']}', which names no provider: LiteLLM would answer 'LLM "
                "Provider NOT provided'."
            )
            yield fail(message, f"Write 'model: openai/{entry['model']}' there.")
        elif entry.get("is_robusta_model"):
            yield fail(
                f"modelList.{alias}.is_robusta_model sends chats to the hosted Robusta service.",
                "Remove is_robusta_model.",
            )


@rule("values.tokenizer", "No model name makes LiteLLM look for a tokenizer outside")
def tokenizer(case: Case) -> t.Iterator[Finding]:
    for alias, entry in models.entries(case.values).items():
        found = [part for part in _LOOKED_UP if part in str(entry.get("model")).lower()]
        if found:
            message = (
                f"modelList.{alias}.model contains '{found[0]}': LiteLLM then asks huggingface.co for a tokenizer, "
                "and each chat waits."
            )
            yield warn(message, "Serve the model under another name (vLLM: --served-model-name) and use that.")
