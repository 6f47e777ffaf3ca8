# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From model servers and model aliases to ``modelList`` and the variables that it refers to.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The variables are not called OPENAI_*: that name alone makes the server add a model of its own (facts: 5, row 2).
"""

from __future__ import annotations

import difflib
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import OUTPUT_ENV, PROVIDERS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request

API_BASE_ENV, API_KEY_ENV = "VLLM_API_BASE", "VLLM_API_KEY"

_SERVICE_KEYS = ("name", "namespace", "port", "scheme", "path")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
# Fields of a model that are ours and not LiteLLM's; they are translated and do not reach the chart.
_OWN = ("service", "api_key_env", "context_window", "max_output_tokens")


def endpoint(llm: Values, domain: str = "cluster.local", owner: str = "holmes_llm_") -> str:
    """The URL of a model server, or an empty text if none is named. ``owner`` begins the names in a message."""
    url, service = llm.get("api_base"), llm.get("service")
    if url and service:
        raise HolmesError(f"{owner}api_base and {owner}service exclude each other.", "Keep one of them.")
    if not service:
        return str(url or "").rstrip("/")
    if not isinstance(service, dict):
        raise HolmesError(f"{owner}service must be a mapping.", "Give name, namespace and port.")
    _known_keys(service, f"{owner}service")
    missing = [key for key in ("name", "namespace", "port") if not service.get(key)]
    if missing:
        raise HolmesError(
            f"{owner}service lacks {', '.join(missing)}.",
            "Give name, namespace and port of the model server's Service.",
        )
    port, scheme = str(service["port"]), service.get("scheme") or "http"
    if not _NUMBER.match(port) or not 0 < int(port) < 65536:
        raise HolmesError(f"{owner}service.port is no port number.", "Give the Service's port, for example 8000.")
    if scheme not in ("http", "https"):
        raise HolmesError(f"{owner}service.scheme must be http or https.", "Leave it out for http.")
    path = str(service.get("path") or "/v1").strip("/")
    return f"{scheme}://{service['name']}.{service['namespace']}.svc.{domain}:{port}/{path}"


def _known_keys(service: Values, where: str) -> None:
    for key in service:
        if key not in _SERVICE_KEYS:
            close = difflib.get_close_matches(str(key), _SERVICE_KEYS, 1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise HolmesError(f"{where} has an unknown key '{key}'.{hint}", f"Known are {', '.join(_SERVICE_KEYS)}.")


def model_list(request: Request) -> Values:
    """One entry per alias. What the user wrote wins; prefix, endpoint and key are added where they are missing."""
    has_endpoint = bool(endpoint(request.llm, request.cluster_domain))
    return {alias: _entry(alias, fields, has_endpoint, request) for alias, fields in _models(request).items()}


def variables(request: Request) -> dict[str, t.Any]:
    """What models with settings of their own need as variables: references to their keys, and one common limit.

    HolmesGPT keeps room for an answer of one length, whatever the model (0.45.0, llm.py, get_maximum_output_token); so
    it is the longest. An entry's ``max_tokens`` is what is asked of the model server.
    """
    found: dict[str, t.Any] = {}
    lengths = [fields.get("max_output_tokens") for fields in _models(request).values() if isinstance(fields, dict)]
    known = [int(str(length)) for length in lengths if _NUMBER.match(str(length))]
    if known:
        found[OUTPUT_ENV] = max(known)
    for alias, fields in _models(request).items():
        if isinstance(fields, dict) and isinstance(fields.get("api_key"), dict):
            name = key_variable(alias)
            if name in found:
                raise HolmesError(f"Two aliases of holmes_models share the variable {name}.", "Rename one of them.")
            found[name] = only_reference(fields["api_key"], f"holmes_models.{alias}.api_key")
    return found


def key_variable(alias: str) -> str:
    """The variable that holds the key of one model."""
    return f"{API_KEY_ENV}_{re.sub(r'[^A-Za-z0-9]+', '_', alias).upper()}"


def only_reference(value: t.Any, option: str) -> dict[str, str]:
    """A reference to a key of a Secret, never the key itself."""
    if (
        not isinstance(value, dict)
        or set(value) != {"secret", "key"}
        or not all(isinstance(part, str) and part for part in value.values())
    ):
        raise HolmesError(
            f"{option} must name a Secret and a key in it, never hold the key itself.",
            f"Write {option}: {{secret: holmes-secrets, key: NAME}} and put the text into that Secret (holmes_secrets "
            "of the role).",
        )
    return t.cast("dict[str, str]", value)


def _models(request: Request) -> dict[str, t.Any]:
    given = request.models or {}
    if not isinstance(given, dict):
        raise HolmesError("holmes_models must be a mapping of aliases.", "Write 'alias: {model: served-name}'.")
    return {str(alias): fields for alias, fields in given.items()}


def _entry(alias: str, fields: t.Any, has_endpoint: bool, request: Request) -> Values:
    if not isinstance(fields, dict):
        raise HolmesError(f"holmes_models.{alias} must be a mapping.", f"Write '{alias}: {{model: served-name}}'.")
    if not isinstance(fields.get("model"), str) or not fields["model"].strip():
        raise HolmesError(
            f"holmes_models.{alias} lacks 'model'.", "Give the name under which the model server serves it."
        )
    entry = {key: value for key, value in fields.items() if key not in _OWN}
    entry["model"] = prefixed(fields["model"].strip())
    own = endpoint(fields, request.cluster_domain, f"holmes_models.{alias}.") or entry.get("base_url")
    if own and "base_url" not in fields:
        entry["api_base"] = own
    elif not own and has_endpoint:
        entry["api_base"] = reference(API_BASE_ENV)
    key = _key(alias, fields, bool(own), has_endpoint)
    if key is not None:
        entry["api_key"] = key
    return _limited(entry, fields, f"holmes_models.{alias}")


def _key(alias: str, fields: Values, own: bool, has_endpoint: bool) -> t.Any:
    """What stands in ``api_key``; None leaves it out."""
    given, name = fields.get("api_key"), fields.get("api_key_env")
    if given is not None and name is not None:
        raise HolmesError(f"holmes_models.{alias} has api_key and api_key_env.", "Keep one of them.")
    if name is not None:
        return reference(str(name))
    if isinstance(given, dict):
        return reference(key_variable(alias))
    if given is not None:
        return given
    # The key of one server is not sent to another; LiteLLM wants some text.
    return "none" if own else reference(API_KEY_ENV) if has_endpoint else None


def _limited(entry: Values, fields: Values, where: str) -> Values:
    """Limits of one model: what HolmesGPT believes of its context, and what it asks for as an answer."""
    for key in ("context_window", "max_output_tokens"):
        value = fields.get(key)
        if value is not None and (isinstance(value, bool) or not _NUMBER.match(str(value)) or int(value) < 1):
            raise HolmesError(f"{where}.{key} must be a number of tokens.", "Give a whole number, without quotes.")
    if fields.get("context_window") is not None:
        own = entry.get("custom_args")
        entry["custom_args"] = {
            **(own if isinstance(own, dict) else {}),
            "max_context_size": int(fields["context_window"]),
        }
    if fields.get("max_output_tokens") is not None:
        entry["max_tokens"] = int(fields["max_output_tokens"])
    return entry


def prefixed(model: str) -> str:
    """A LiteLLM name: a served name gets the prefix of the OpenAI-compatible provider, as the guide has it.

    Served names may hold slashes ("Qwen/Qwen3-32B"); only a provider's name before the first one counts as a prefix.
    """
    return model if model.split("/", 1)[0] in PROVIDERS and "/" in model else f"openai/{model}"


def reference(name: str) -> str:
    return "{{ env." + name + " }}"
