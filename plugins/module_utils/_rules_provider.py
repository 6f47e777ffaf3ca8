# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the provider of a model, the name it is served under, and its key.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import (
    KEY_VARIABLES,
    KEYED,
    MEANT_PROVIDERS,
    USELESS,
    closest,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# LiteLLM asks huggingface.co for a tokenizer when the name holds one of these; no switch turns it off.
_LOOKED_UP = ("llama-2", "llama-3", "replicate")
# Names of OpenAI's that LiteLLM takes without a prefix, as far as it knows them. "gpt-oss" is none.
_BARE = re.compile(r"(?:gpt-[345]|chatgpt-|o[134](?:-|\Z))")
# LiteLLM takes such names for OpenAI's own and refuses HolmesGPT's temperature or tool_choice.
_TAKEN_FOR_OPENAIS = re.compile(r"gpt-5(?![.\d])|\Ao[134](?:-mini|-pro)?\Z")
# What YAML makes of an alias that stands there without quotes, or of none.
_NO_NAMES = ("True", "False", "None", "null", "")


@rule("values.provider_prefix", "Every entry of modelList names a provider and a model")
def provider_prefix(case: Case) -> t.Iterator[Finding]:
    listing = case.values.get("modelList")
    if listing is not None and not isinstance(listing, dict):
        yield fail(
            "modelList must be a mapping of aliases.", "Write 'alias:' and, indented, 'model: openai/served-name'."
        )
    for alias, entry in models.model_list(case.values).items():
        if alias in _NO_NAMES or alias != alias.strip():
            yield warn(
                f"The alias '{alias}' is not what it seems: without quotes YAML reads some words as values, and "
                "requests must repeat it with every space.",
                "Give the alias another name.",
            )
        if isinstance(entry, dict) and isinstance(entry.get("model"), str):
            yield from _named(case.values, f"modelList.{alias}", entry)
        else:
            yield _nameless(f"modelList.{alias}", entry)
    for model in [] if listing else models.models(case.values):
        yield from _named(case.values, model.where, model.entry)


def _nameless(where: str, entry: t.Any) -> Finding:
    """An entry without a text in ``model``; the key may be misspelled, or the shape LiteLLM's own proxy's."""
    hint = ""
    if isinstance(entry, dict) and "litellm_params" in entry:
        hint = " The form with litellm_params is that of LiteLLM's proxy: its content belongs directly below the alias."
    elif isinstance(entry, dict) and "model" not in entry:
        close = closest("model", map(str, entry), 0.7)
        hint = f" Did you mean 'model' by '{close}'?" if close else ""
    return fail(
        f"{where} must be a mapping with 'model', or the server dies at start.{hint}",
        "Write 'model: openai/served-name' there.",
    )


def _named(values: Values, where: str, entry: Values) -> t.Iterator[Finding]:
    name = models.full_name(values, entry)
    if name is None:
        if all(env_entry(values, item.name) for item in models.references(entry["model"])):
            yield unclear(
                f"{where}.model comes from a variable without a literal value, so it was not checked.",
                "Write the name in clear; it is no secret.",
            )
        return
    provider, _slash, served = name.partition("/")
    if any(character.isspace() for character in name) or not name:
        yield fail(
            f"{where}.model is '{name}', {'which contains a space' if name else 'an empty text'}.",
            "Write it as PROVIDER/NAME, with the name as the model server lists it.",
        )
    elif not models.provider(values, entry):
        yield _unknown(where, name)
    elif not served:
        yield fail(f"{where}.model is '{name}', which names no model.", f"Write 'model: {name}SERVED-NAME' there.")
    elif provider in USELESS:
        message = f"{where}.model is '{name}', but the provider '{provider}' {USELESS[provider]}: every chat fails."
        yield fail(message, f"Write 'model: hosted_vllm/{served}' or 'model: openai/{served}' there.")
    elif models.truth(entry.get("is_robusta_model")):
        yield fail(f"{where}.is_robusta_model sends chats to the hosted Robusta service.", "Remove is_robusta_model.")
    elif "/responses/" in name:
        message = f"{where}.model is '{name}': LiteLLM takes '/responses/' for a route to another API and cuts it out."
        yield warn(message, f"Write 'model: {name.replace('/responses/', '/')}' there.")
    elif provider == "openai" and _TAKEN_FOR_OPENAIS.search(served):
        message = (
            f"{where}.model is '{name}': LiteLLM takes '{served}' for OpenAI's own and may refuse the temperature and "
            "tool_choice that HolmesGPT sends."
        )
        yield warn(message, f"Write 'model: hosted_vllm/{served}' there.")
    else:
        yield good(f"{where}: the server is asked for '{served}'", served=[f"{where}: {served}"])


def _unknown(where: str, name: str) -> Finding:
    """A name in which LiteLLM finds no provider."""
    head, slash, rest = re.sub(r"\A([A-Za-z_-]+):(?!//)", r"\1/", name).partition("/")
    close = closest(head.lower(), MEANT_PROVIDERS, 0.75) if slash else ""
    if _BARE.match(name) and not slash:
        message = (
            f"{where}.model is '{name}', without a provider: LiteLLM takes that only for hosted models that its "
            "version knows."
        )
        return warn(message, f"Write 'model: openai/{name}' there.")
    hint = f" Did you mean '{close}/{rest}'?" if close else ""
    message = f"{where}.model is '{name}', which names no provider: LiteLLM would answer 'LLM Provider NOT provided'."
    return fail(f"{message}{hint}", f"Write 'model: {close + '/' + rest if close else 'openai/' + name}' there.")


@rule("values.model_key", "Every model has the key that its provider asks for")
def model_key(case: Case) -> t.Iterator[Finding]:
    for model in models.models(case.values):
        name = models.provider(case.values, model.entry)
        given = model.entry.get("api_key")
        # Another shape ends the process; that is for values.model_field.
        if name not in KEYED or given not in (None, ""):
            continue
        variables = KEY_VARIABLES.get(name, (models.variable_of(name, "API_KEY"),))
        if any(env_entry(case.values, item) and env_literal(case.values, item) != "" for item in variables):
            yield good(f"{model.where}: {variables[0]}")
            continue
        message = f"{model.where} has no api_key, and nothing defines {' or '.join(variables)}"
        fix = (
            "Set holmes_llm_api_key, or 'api_key: none' in the entry if the server wants no key; "
            f"'hosted_vllm/' instead of '{name}/' needs none."
        )
        if models.more_variables(case.values):
            yield unclear(f"{message}, unless a Secret that is mounted whole has it.", fix)
        else:
            yield fail(f"{message}: LiteLLM refuses every chat.", fix)


@rule("values.tokenizer", "No model name makes LiteLLM look for a tokenizer outside")
def tokenizer(case: Case) -> t.Iterator[Finding]:
    for model in models.models(case.values):
        name = (models.full_name(case.values, model.entry) or "").lower()
        found = [part for part in _LOOKED_UP if part in name]
        if found:
            message = (
                f"{model.where}.model contains '{found[0]}': LiteLLM then asks huggingface.co for a tokenizer, and "
                "each chat waits."
            )
            yield warn(message, "Serve the model under another name (vLLM: --served-model-name) and use that.")
