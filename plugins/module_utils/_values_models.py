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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import BASE_VARIABLES, HOSTED, OWN
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
# A blank before the name or anything behind it belongs to the name: the server does not find such a variable either.
ENV_REFERENCE = re.compile(r"\{\{\s*env\.([^}]*?)\s*\}\}")
SHORT_REFERENCE = re.compile(r"envRef:(.*)\Z", re.DOTALL)

_TRUE = ("true", "yes", "y", "on", "t", "1")
_FALSE = ("false", "no", "n", "off", "f", "0")

CONTEXT_ENV, OUTPUT_ENV = "OVERRIDE_MAX_CONTENT_SIZE", "OVERRIDE_MAX_OUTPUT_TOKEN"

# LiteLLM's provider prefixes, and whether they speak to a server of one's own.
PROVIDERS: dict[str, bool] = {**dict.fromkeys(OWN, True), **dict.fromkeys(HOSTED, False)}


def model_list(values: Values) -> dict[str, t.Any]:
    models = values.get("modelList")
    return models if isinstance(models, dict) else {}


def entries(values: Values) -> dict[str, dict[str, t.Any]]:
    """The well-formed entries."""
    return {alias: entry for alias, entry in model_list(values).items() if isinstance(entry, dict)}


class Model(t.NamedTuple):
    """One model that the server will have. ``where`` names the entry in a message."""

    alias: str
    where: str
    entry: dict[str, t.Any]


def models(values: Values) -> list[Model]:
    """The well-formed entries; without any list the one that the server makes of MODEL, API_BASE and API_KEY."""
    found = [Model(alias, f"modelList.{alias}", entry) for alias, entry in entries(values).items()]
    alone = env_literal(values, "MODEL")
    entry = {"model": alone}
    if model_list(values) or not alone or not provider(values, entry):
        return found
    for field, name in (("api_base", "API_BASE"), ("api_key", "API_KEY")):
        if env_entry(values, name):
            entry[field] = "{{ env." + name + " }}"
    return [Model(alone, "MODEL", entry)]


def full_name(values: Values, entry: t.Mapping[str, t.Any]) -> str | None:
    """``model`` of an entry with its variables filled in; None if one of them is no literal, empty if it is no text."""
    name = entry.get("model")
    return resolved(values, name) if isinstance(name, str) else ""


def provider(values: Values, entry: t.Mapping[str, t.Any]) -> str:
    """The provider prefix of an entry, or an empty text if LiteLLM would find none."""
    head, slash, _rest = (full_name(values, entry) or "").partition("/")
    return head if slash and head in PROVIDERS else ""


def served(values: Values, entry: t.Mapping[str, t.Any]) -> str:
    """The name that the model server is asked for."""
    return (full_name(values, entry) or "").partition("/")[2]


def base(values: Values, model: Model) -> tuple[str, t.Any]:
    """Where a model's address is written, and what stands there; None if nothing gives one."""
    for field in ("api_base", "base_url"):
        if model.entry.get(field):
            return f"{model.where}.{field}", model.entry[field]
    name = provider(values, model.entry)
    for variable in ("API_BASE", *BASE_VARIABLES.get(name, (variable_of(name, "API_BASE"),))):
        # An empty variable counts as absent.
        if env_entry(values, variable) and env_literal(values, variable) != "":
            return f"The variable {variable}", "{{ env." + variable + " }}"
    return f"{model.where}.api_base", None


def more_variables(values: Values) -> bool:
    """Whether whole Secrets or ConfigMaps become variables, whose names are not known here."""
    return bool(values.get("extraEnvVarsSecrets") or values.get("additional_env_froms"))


def variable_of(name: str, suffix: str) -> str:
    """A provider's variable by LiteLLM's usual pattern."""
    return f"{name.upper().replace('-', '_')}_{suffix}"


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


def truth(value: t.Any) -> bool | None:
    """A yes or no as the server's pydantic reads it; None for what it refuses."""
    text = str(value).lower()
    return True if text in _TRUE else False if text in _FALSE else None


def limits(case: Case) -> dict[str, int | None]:
    """The limits in force for the default model, which a chat shows; None where nothing sets one."""
    entry = entries(case.values).get(default_alias(case), {})
    context, output = (number(env_literal(case.values, name)) for name in (CONTEXT_ENV, OUTPUT_ENV))
    return {"context_window": own_context(entry) or context, "max_output_tokens": output}


def own_context(entry: t.Mapping[str, t.Any]) -> int | None:
    """The context that an entry sets for itself; it wins over the variable."""
    size = get(entry, ("custom_args", "max_context_size"))
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None


def number(text: str | None) -> int | None:
    """A count of tokens from a variable, as far as the server takes it: it ignores 0 and what is no whole number."""
    found = int(text) if text is not None and re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII) else 0
    return found or None
