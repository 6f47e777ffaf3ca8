# SPDX-License-Identifier: GPL-3.0-or-later
"""How vLLM refuses a request: bodies and wording, by vLLM version (this is a double of it).

Facts, by version:

* 0.27 ("current", 2026): nested body ``{"error": {message, type, param, code}}``; context refusal "This model's maximum
  context length is ... you requested R output tokens and your prompt contains at least P input tokens ...
  (parameter=input_tokens, value=P)" with ``param: input_tokens``. P is never more than the limit plus one, because the
  prompt is cut there before it is counted (vllm/renderers/params.py). A ``max_tokens`` above the whole context has its
  own sentence (vLLM PR #40324).
* 0.10 (2025): same nested body; "'max_tokens' or 'max_completion_tokens' is too large: ..." (field report of 2025-10 in
  andrewcho-dev/opsconductor-ng, with the stray " None" at the end).
* 0.9 (mid 2025): flat body ``{"object": "error", message, type, param, code}`` (llama_index issue #19121, vLLM 0.9.1);
  "... you requested T tokens (P in the messages, R in the completion) ..." (vLLM issue #20409; the same stray " None").

All: unknown model 404 "The model `x` does not exist."; wrong key 401 with the bare body ``{"error": "Unauthorized"}``
(vllm/entrypoints/serve/utils/server_utils.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERSIONS = {"0.9": "0.9.2", "0.10": "0.10.2", "0.27": "0.27.0"}
CURRENT = "0.27"

AUTO_TOOLS = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
ENGINE_DEAD = "EngineCore encountered an issue. See stack trace (above) for the root cause."


@dataclass
class Refusal(Exception):
    """A request that is refused: HTTP status, sentence, vLLM's error type, parameter at fault, extra headers."""

    status: int
    message: str
    kind: str = "BadRequestError"
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, version: str) -> dict[str, Any]:
        """The JSON body in the shape of that vLLM version."""
        info = {"message": self.message, "type": self.kind, "param": self.param, "code": self.status}
        return {"object": "error", **info} if version == "0.9" else {"error": info}


def unknown_model(name: str, version: str) -> Refusal:
    """404 for a model that is not served."""
    param = "model" if version == CURRENT else None
    return Refusal(404, f"The model `{name}` does not exist.", "NotFoundError", param)


def invalid(location: tuple[str | int, ...], message: str, kind: str = "value_error", value: Any = None) -> Refusal:
    """400 of the request validation, in the form of FastAPI's error list as vLLM prints it."""
    return invalid_many([(location, message, kind, value)])


def invalid_many(problems: list[tuple[tuple[str | int, ...], str, str, Any]]) -> Refusal:
    """400 for several (location, message, kind, value); the path of the first one becomes ``param``."""
    lines = []
    for location, message, kind, value in problems:
        text = f"Value error, {message}" if kind == "value_error" else message
        entry = {"type": kind, "loc": ("body", *location), "msg": text, "input": value}
        lines.append(f"  {entry}")
    label = "error" if len(lines) == 1 else "errors"
    first = ".".join(str(part) for part in ("body", *problems[0][0]))
    return Refusal(400, f"{len(lines)} validation {label}:\n" + "\n".join(lines), "Bad Request", first)


def strict_refused(tool_indexes: list[int]) -> Refusal:
    """400 of a server that forbids ``function.strict`` (seen with vLLM 0.9.1: llama_index issue #19121)."""
    return invalid_many(
        [
            (("tools", i, "function", "strict"), "Extra inputs are not permitted", "extra_forbidden", True)
            for i in tool_indexes
        ]
    )


def context_refusal(version: str, limit: int, prompt: int, output: int | None, output_param: str) -> Refusal | None:
    """The refusal for a prompt of ``prompt`` tokens and ``output`` requested ones, or None when both fit ``limit``."""
    wanted = output or 0
    if version == CURRENT:
        return _refusal_current(limit, prompt, wanted, output_param)
    if prompt + wanted <= limit and (output or prompt < limit):
        return None
    start = f"This model's maximum context length is {limit} tokens"
    shorter = "Please reduce the length of the"
    if version == "0.10":
        if prompt >= limit:
            text = f"{start}. However, your request has {prompt} input tokens. {shorter} input messages."
        else:
            text = (
                f"'max_tokens' or 'max_completion_tokens' is too large: {wanted}. {start} and your request has "
                f"{prompt} input tokens ({wanted} > {limit} - {prompt})."
            )
    elif output is None:
        text = f"{start}. However, you requested {prompt} tokens in the messages, {shorter} messages."
    else:
        text = (
            f"{start}. However, you requested {prompt + wanted} tokens ({prompt} in the messages, {wanted} in the "
            f"completion). {shorter} messages or completion."
        )
    return Refusal(400, f"{text} None")


def _refusal_current(limit: int, prompt: int, wanted: int, output_param: str) -> Refusal | None:
    if wanted > limit:
        text = (
            f"{output_param}={wanted} cannot be greater than max_model_len=max_total_tokens={limit}. "
            f"Please request fewer output tokens. (parameter={output_param}, value={wanted})"
        )
        return Refusal(400, text, param=output_param)
    room = limit - wanted
    if prompt <= room:
        return None
    seen = room + 1  # vLLM stops counting one token beyond the room
    text = (
        f"This model's maximum context length is {limit} tokens. However, you requested {wanted} output tokens and "
        f"your prompt contains at least {seen} input tokens, for a total of at least {seen + wanted} tokens. "
        "Please reduce the length of the input prompt or the number of requested output tokens. "
        f"(parameter=input_tokens, value={seen})"
    )
    return Refusal(400, text, param="input_tokens")
