# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an endpoint and model aliases to ``modelList``.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The variables are not called OPENAI_*: that name alone makes the server add a model of its own (facts: 5, row 2).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import PROVIDERS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request

API_BASE_ENV, API_KEY_ENV = "VLLM_API_BASE", "VLLM_API_KEY"


def endpoint(llm: Values) -> str:
    """The URL of the model server, or an empty text if the option llm names none."""
    url, service = llm.get("api_base"), llm.get("service")
    if url and service:
        raise HolmesError("holmes_llm_api_base and holmes_llm_service exclude each other.", "Keep one of them.")
    if not service:
        return str(url or "").rstrip("/")
    missing = [key for key in ("name", "namespace", "port") if not service.get(key)]
    if missing:
        raise HolmesError(
            f"holmes_llm_service lacks {', '.join(missing)}.",
            "Give name, namespace and port of the model server's Service.",
        )
    path = str(service.get("path") or "/v1").strip("/")
    scheme = service.get("scheme") or "http"
    return f"{scheme}://{service['name']}.{service['namespace']}.svc.cluster.local:{service['port']}/{path}"


def model_list(request: Request) -> Values:
    """One entry per alias. What the user wrote wins; prefix, endpoint and key are added where they are missing."""
    if not isinstance(request.models, dict):
        raise HolmesError("holmes_models must be a mapping of aliases.", "Write 'alias: {model: served-name}'.")
    has_endpoint = bool(endpoint(request.llm))
    return {str(alias): _entry(str(alias), fields, has_endpoint) for alias, fields in request.models.items()}


def _entry(alias: str, fields: t.Any, has_endpoint: bool) -> Values:
    if not isinstance(fields, dict):
        raise HolmesError(f"holmes_models.{alias} must be a mapping.", f"Write '{alias}: {{model: served-name}}'.")
    if not isinstance(fields.get("model"), str) or not fields["model"].strip():
        raise HolmesError(
            f"holmes_models.{alias} lacks 'model'.", "Give the name under which the model server serves it."
        )
    entry = {**fields, "model": prefixed(fields["model"].strip())}
    elsewhere = entry.get("api_base") or entry.get("base_url")
    if not elsewhere and has_endpoint:
        entry["api_base"] = _reference(API_BASE_ENV)
    if "api_key" not in entry and (elsewhere or has_endpoint):
        # The key of one server is not sent to another; LiteLLM wants some text.
        entry["api_key"] = "none" if elsewhere else _reference(API_KEY_ENV)
    return entry


def prefixed(model: str) -> str:
    """A LiteLLM name: a served name gets the prefix of the OpenAI-compatible provider, as the guide has it.

    Served names may hold slashes ("Qwen/Qwen3-32B"); only a provider's name before the first one counts as a prefix.
    """
    return model if model.split("/", 1)[0] in PROVIDERS and "/" in model else f"openai/{model}"


def _reference(name: str) -> str:
    return "{{ env." + name + " }}"
