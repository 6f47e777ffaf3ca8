# SPDX-License-Identifier: GPL-3.0-or-later
"""Model list, default model and token limits, by the rules of the real library (DOUBLE)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .errors import BadModel
from .profiles import Profile

log = logging.getLogger()

DEFAULT_LIST = "/etc/holmes/config/model_list.yaml"
UNKNOWN_CONTEXT = 200_000  # tokens; what litellm-based versions assume for a model they do not know
SMALLEST_RESERVE = 64_000  # tokens
ROBUSTA = "Robusta"
_ENV = re.compile(r"{{\s*env\.([^}]*)\s*}}")
_BARE_OPENAI = re.compile(r"^(gpt-[345]\b|o[134]\b|chatgpt-)")  # names litellm knows without a provider
_NO_PROVIDER = (
    "litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you are trying to call. "
    "You passed model={model}\n Pass model as E.g. For 'Huggingface' inference endpoints pass in "
    "`completion(model='huggingface/starcoder',..)` Learn more: https://docs.litellm.ai/docs/providers"
)


def fill_env(value: Any, env: Mapping[str, str]) -> Any:
    """Replace `{{ env.NAME }}` at any depth. Raises ValueError with the real text when NAME is not set."""
    if isinstance(value, dict):
        return {key: fill_env(part, env) for key, part in value.items()}
    if isinstance(value, list):
        return [fill_env(part, env) for part in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        name = match.group(1).strip()
        if name not in env:
            message = f"ENV var replacement {name} does not exist"
            log.error(message)
            raise ValueError(message)
        return env[name]

    return _ENV.sub(one, value)


def number(env: Mapping[str, str], name: str) -> int:
    """A whole number from the environment; anything else counts as 0, as in the library."""
    try:
        return max(int(env.get(name, "0")), 0)
    except ValueError:
        return 0


@dataclass(frozen=True)
class Model:
    """One entry, ready for use. `extra` goes into the request as it is."""

    alias: str
    model: str
    api_base: str = ""
    api_key: str = ""
    max_context: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0] if "/" in self.model else "openai"

    @property
    def served(self) -> str:
        """The name that the model server sees."""
        return self.model.partition("/")[2] or self.model

    def context(self, env: Mapping[str, str]) -> int:
        return self.max_context or number(env, "OVERRIDE_MAX_CONTENT_SIZE") or UNKNOWN_CONTEXT

    def output(self, env: Mapping[str, str]) -> int:
        return number(env, "OVERRIDE_MAX_OUTPUT_TOKEN") or max(SMALLEST_RESERVE, self.context(env) * 12 // 100)


class Registry:
    """The loaded models. `model` is the value of MODEL, or the phantom's name where that one is the default."""

    def __init__(self, profile: Profile, env: Mapping[str, str]) -> None:
        self.profile = profile
        self.env = env
        self.model = env.get("MODEL")
        self.from_env = self.model is not None
        self.path = env.get("MODEL_LIST_FILE_LOCATION", DEFAULT_LIST)
        self.entries: dict[str, dict[str, Any]] = self._read(Path(self.path))
        if self._wants_robusta():
            self.entries[ROBUSTA] = {"model": "gpt-4o", "is_robusta_model": True}
        if self.model is None and env.get("OPENAI_API_KEY"):
            self.model = profile.phantom
        if self.model is not None and (self.model not in self.entries or profile.model_replaces):
            # in 0.16.1 this throws away the endpoint of an entry with that name
            self.entries[self.model] = {
                "model": self.model,
                "api_base": env.get("API_BASE"),
                "api_key": env.get("API_KEY"),
            }
        log.info("Loaded models: %s", list(self.entries))

    def _read(self, path: Path) -> dict[str, dict[str, Any]]:
        if not path.is_file():
            return {}
        return dict(fill_env(yaml.safe_load(path.read_text()) or {}, self.env))

    def _wants_robusta(self) -> bool:
        if "ROBUSTA_AI" in self.env:
            return self.env["ROBUSTA_AI"].lower() == "true"
        return "MODEL" not in self.env and not self.entries

    def names(self) -> list[str]:
        return list(self.entries)

    def pick(self, wanted: str | None) -> Model:
        """The model for a chat: the wanted one, else the default. An unknown name is logged, not refused."""
        if not self.entries:
            raise BadModel(self.profile.no_models)
        if wanted and wanted not in self.entries:
            log.error("Couldn't find model: %s in model list", wanted)
        elif wanted:
            log.info("Using selected model: %s", wanted)
        return self._ready(wanted if wanted in self.entries else self._default())

    def _default(self) -> str:
        if ROBUSTA in self.entries:
            return ROBUSTA
        if self.profile.phantom_is_default and self.model in self.entries:
            return str(self.model)
        return next(iter(self.entries))

    def _ready(self, alias: str) -> Model:
        entry = {key: value for key, value in self.entries[alias].items() if value is not None}
        if entry.pop("is_robusta_model", False):
            raise BadModel(
                "You're trying to use ROBUSTA_AI, but Cannot get credentials for ROBUSTA_AI. Store not initialized."
            )
        name, key = str(entry.pop("model")), str(entry.pop("api_key", ""))
        if "/" not in name and not _BARE_OPENAI.match(name):
            raise BadModel(_NO_PROVIDER.format(model=name))
        base = entry.pop("api_base", None) or entry.pop("base_url", None) or self.env.get("API_BASE")
        entry.pop("base_url", None)
        model = Model(
            alias=alias,
            model=name,
            api_base=str(base or self.env.get("OPENAI_API_BASE") or "https://api.openai.com/v1"),
            api_key=key or self.env.get("OPENAI_API_KEY", ""),
            max_context=int((entry.pop("custom_args", None) or {}).get("max_context_size", 0)),
            extra={key: value for key, value in entry.items() if key not in ("api_version", "name")},
        )
        if model.provider not in ("openai", "hosted_vllm"):
            raise BadModel(f"the light double speaks openai/ and hosted_vllm/ only, not {name}")
        if model.provider == "openai" and not model.api_key:
            raise BadModel(f"model {name} requires the following environment variables: ['OPENAI_API_KEY']")
        return model
