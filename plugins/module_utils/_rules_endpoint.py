# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the model server: its address and the token limits.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._intent_models import API_BASE_ENV, endpoint
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import SENDS_MAX_TOKENS

# Prompt, tools and a first question together: 6.3k to 7.9k tokens measured on 0.45.0.
BASE_PROMPT = 8192
SMALLEST_ANSWER = 1024


@rule("values.api_base", "Every model has an endpoint of the right form")
def api_base(case: Case) -> t.Iterator[Finding]:
    for alias, entry in models.entries(case.values).items():
        yield from _endpoint(case.values, alias, entry)
    given = endpoint(case.request.llm)
    used = {item.name for item in models.references(models.model_list(case.values))}
    if given and API_BASE_ENV not in used:
        message = (
            "The endpoint (holmes_llm_api_base or holmes_llm_service) is used by no model: nothing in modelList "
            f"refers to {API_BASE_ENV}."
        )
        yield warn(message, "Name the models in holmes_models, or remove the endpoint.")


def _endpoint(values: Values, alias: str, entry: Values) -> t.Iterator[Finding]:
    provider, given = models.provider(entry), entry.get("api_base") or entry.get("base_url")
    where = f"modelList.{alias}.api_base"
    if not given:
        name = next((name for name in models.BASE_ENV.get(provider, ()) if env_entry(values, name)), None)
        given, where = (
            (env_literal(values, name) or "{{ env." + name + " }}", f"The variable {name}") if name else (None, where)
        )
    if not given:
        if models.PROVIDERS.get(provider, True):
            yield fail(
                f"modelList.{alias} has no api_base, so its chats would go to the provider's public address.",
                "Set holmes_llm_api_base or holmes_llm_service.",
            )
        else:
            yield warn(
                f"modelList.{alias} uses the hosted provider '{provider}', which cannot be reached without the "
                "internet.",
                "Use a model server.",
            )
        return
    undefined = [item.name for item in models.references(str(given)) if not env_entry(values, item.name)]
    url = models.resolved(values, str(given))
    if undefined:
        return  # values.env_reference tells of it
    if url is None:
        yield unclear(
            f"{where} comes from a variable without a literal value, so its form was not checked.",
            "Write the URL in clear; it is no secret.",
        )
        return
    wrong = _wrong_url(url, provider in models.OPENAI_LIKE)
    if wrong:
        yield fail(
            f"{where} is '{url}', but {wrong}.", "Write it as http://SERVICE.NAMESPACE.svc.cluster.local:PORT/v1"
        )
    else:
        yield good(f"{alias}: {url}")


def _wrong_url(url: str, needs_v1: bool) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "that is no legal URL"
    if parts.scheme not in ("http", "https"):
        return "it must start with http:// or https://"
    if not host or any(character.isspace() for character in url):
        return "it names no host" if not host else "it contains a space"
    if parts.query or parts.fragment:
        return "it must not have '?' or '#'"
    return "it must end in /v1" if needs_v1 and not parts.path.rstrip("/").endswith("/v1") else ""


@rule("values.limits", "The token limits are set and fit")
def limits(case: Case) -> t.Iterator[Finding]:
    for name in (models.CONTEXT_ENV, models.OUTPUT_ENV):
        literal = env_literal(case.values, name)
        if literal is not None and models.number(literal) is None:
            yield fail(
                f"{name} is '{literal}', which is no whole number.",
                "Set holmes_llm_context_window and holmes_llm_max_output_tokens.",
            )
            return
    found = models.limits(case.values)
    context, output = found["context_window"], found["max_output_tokens"]
    fix = (
        "Set holmes_llm_context_window to the server's --max-model-len and holmes_llm_max_output_tokens, e.g. to 8192."
    )
    if context is None and output is None:
        yield warn(
            f"No limits are set: HolmesGPT assumes a context of 200000 tokens and {_assumed(case)} for an answer.", fix
        )
    elif context is None or output is None:
        missing = "holmes_llm_context_window" if context is None else "holmes_llm_max_output_tokens"
        yield fail(
            f"Only one of the two limits is set; without {missing} chats fail or ask for more than the server has.", fix
        )
    elif context < output + BASE_PROMPT:
        message = (
            f"A context of {context} tokens leaves {context - output} beside an answer of {output}, but the prompt "
            f"alone takes up to {BASE_PROMPT}."
        )
        yield fail(message, "Lower holmes_llm_max_output_tokens, or serve the model with a larger --max-model-len.")
    elif output < SMALLEST_ANSWER:
        yield warn(
            f"Answers are cut at {output} tokens, which is short for a report.",
            "Raise holmes_llm_max_output_tokens, e.g. to 4096.",
        )
    else:
        yield good(f"context {context}, answer {output} tokens", **found)


def _assumed(case: Case) -> str:
    return "asks for 64000" if SENDS_MAX_TOKENS.holds(case.server) else "reserves 40000"
