# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What HolmesGPT will ask which model server for, read from the values.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Facts: HolmesGPT 0.16.4 and 0.45.0 (holmes/core/openai_formatting.py), LiteLLM 1.89.0.
"""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_fields import fields_of, headers_of, output_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import BARE, LOOSE, STRICT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import ENDS_IN_V1, KEY_VARIABLES
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import tokens_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    SENDS_MAX_TOKENS,
    STRICT_SWITCH,
    Version,
)

_TAKES_STRICT_OUT = ("hosted_vllm", "lemonade")
_STRICT_BEFORE = "azure/gpt-4o, openai/*"


@dataclass(frozen=True)
class Target:
    """A model as it will be asked for. Texts may still refer to variables; ``key`` is empty where nothing gives one.

    ``windows``: by alias, the context that HolmesGPT believes in, None if nothing sets it. ``output``: the
    ``max_tokens`` that it sends, None if it sends none. ``limit``: how many tokens an answer may take at most.
    """

    windows: dict[str, int | None]
    served: str
    base: str
    key: str = ""
    headers: dict[str, t.Any] = field(default_factory=dict)
    fields: dict[str, t.Any] = field(default_factory=dict)
    form: str = STRICT
    output: int | None = None
    limit: int = 64_000

    @property
    def aliases(self) -> tuple[str, ...]:
        return tuple(self.windows)

    @property
    def server(self) -> str:
        """Equal for models on one server: scheme and host of the URL."""
        return "/".join(self.base.split("/")[:3]).lower()


class Skipped(t.NamedTuple):
    """A model that cannot be probed, and why."""

    alias: str
    message: str
    fix: str


def targets(values: Values, server: Version | None) -> tuple[list[Target], list[Skipped]]:
    """The models to probe; aliases that ask the same server for the same are one. ``server``: HolmesGPT's version."""
    found: list[Target] = []
    skipped = []
    for model in models.models(values):
        target = _target(values, model, server)
        if isinstance(target, Skipped):
            skipped.append(target)
            continue
        same = [place for place, other in enumerate(found) if _question(other) == _question(target)]
        if same:
            first = found[same[0]]
            found[same[0]] = replace(first, windows={**first.windows, **target.windows})
        else:
            found.append(target)
    return found, skipped


def _question(target: Target) -> Target:
    return replace(target, windows={}, limit=0)


def _target(values: Values, model: models.Model, server: Version | None) -> Target | Skipped:
    name = str(model.entry.get("model") or "")
    full = models.resolved(values, name)
    # A name that only a Secret knows is filled in later; the prefix has to be in clear.
    provider, slash, served = (full if full is not None else name).partition("/")
    if not slash or provider not in ENDS_IN_V1:
        return Skipped(
            model.alias,
            f"The model '{provider if slash else full or name}' is not asked over OpenAI's API of a server of one's "
            "own, so it was not probed.",
            "Serve it by vLLM, and write hosted_vllm/NAME or openai/NAME as its model.",
        )
    place, base = models.base(values, model)
    if not isinstance(base, str):
        return Skipped(model.alias, f"{place} is not set, so no server was probed.", "Set holmes_llm_api_base.")
    resolved = models.resolved(values, base)
    tokens, fields = tokens_of(values, model.entry), fields_of(values, model.entry, server)
    output = output_of(tokens, fields, server)
    return Target(
        windows={model.alias: tokens.context},
        served=served,
        base=base.strip() if resolved is None else resolved.strip(),
        key=_key(values, model.entry, provider),
        headers=headers_of(values, model.entry),
        fields=fields,
        form=_form(values, provider, served, server),
        output=output,
        limit=output or tokens.reserve(SENDS_MAX_TOKENS.holds(server)),
    )


def _key(values: Values, entry: Values, provider: str) -> str:
    given = entry.get("api_key")
    if given:
        return str(given)
    for variable in KEY_VARIABLES.get(provider, (models.variable_of(provider, "API_KEY"),)):
        if env_entry(values, variable):
            return "{{ env." + variable + " }}"
    return ""


def _form(values: Values, provider: str, served: str, server: Version | None) -> str:
    if STRICT_SWITCH.holds(server):
        off = models.truth(env_literal(values, "HOLMES_DISABLE_STRICT_TOOL_CALLS") or "false")
    else:
        given = env_literal(values, "LLMS_WITH_STRICT_TOOL_CALLS")
        patterns = (_STRICT_BEFORE if given is None else given).split(",")
        off = not any(fnmatch.fnmatchcase(f"{provider}/{served}", pattern.strip()) for pattern in patterns)
    return LOOSE if off else BARE if provider in _TAKES_STRICT_OUT else STRICT
