# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of a chat and their texts, as measured with HolmesGPT 0.45.0 and litellm 1.89.0 (DOUBLE)."""

from __future__ import annotations

import json


class ChatError(Exception):
    """A chat failed; the text is the `detail` of the answer."""


class BadModel(ChatError):
    """The model that was asked for cannot be used."""


class Unauthorized(ChatError):
    """The model server refused the key."""


class RateLimited(ChatError):
    """The model server said 429."""


_NAMES = {
    401: "AuthenticationError",
    404: "NotFoundError",
    408: "Timeout",
    429: "RateLimitError",
    500: "InternalServerError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError",
    504: "Timeout",
}
_CONTEXT = "maximum context length"
_RAISED = {401: Unauthorized, 429: RateLimited}


def of_status(provider: str, status: int, body: bytes) -> ChatError:
    """The error for an answer of the model server that is not 200.

    `openai/` shows the server's own message, `hosted_vllm/` the whole body.
    """
    text = body.decode(errors="replace")
    said = _openai_message(status, text) if provider == "openai" else text
    source = f"{_exception(provider)} - {said}"
    if status in (400, 422):
        context = "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError"
        return ChatError(f"{context}: {source}" if _CONTEXT in text else f"litellm.BadRequestError: {source}")
    name = _NAMES.get(status, "APIError")
    label = "Timeout Error" if name == "Timeout" else name
    return _RAISED.get(status, ChatError)(f"litellm.{name}: {label}: {source}")


def of_connection(provider: str, cause: Exception) -> ChatError:
    """The error for a model server that cannot be reached; `openai/` hides the cause, the log has it."""
    said = "Connection error." if provider == "openai" else str(cause)
    return ChatError(f"litellm.InternalServerError: InternalServerError: {_exception(provider)} - {said}")


def of_timeout(provider: str, seconds: float) -> ChatError:
    """The error for a model server that does not answer in time."""
    return ChatError(
        f"litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out. "
        f"- timeout value={seconds}, provider {provider}"
    )


def no_choices(provider: str, answer: object) -> ChatError:
    """The error for a 200 without `choices`."""
    keys = list(answer) if isinstance(answer, dict) else []
    plain = f"litellm.APIError: LiteLLM: provider returned a response with no 'choices'. Raw keys: {keys}"
    if provider != "openai":
        return ChatError(plain)
    return ChatError(f"litellm.InternalServerError: InternalServerError: OpenAIException - {plain}")


def not_json(provider: str, cause: ValueError) -> ChatError:
    """The error for a 200 that is not JSON."""
    if provider != "openai":
        said = f"litellm.APIError: APIError: {_exception(provider)} - Unable to get json response - {cause}"
        return ChatError(said)
    return ChatError(f"litellm.InternalServerError: InternalServerError: OpenAIException - error - {cause}")


def _exception(provider: str) -> str:
    return "OpenAIException" if provider == "openai" else f"{provider.capitalize()}Exception"


def _openai_message(status: int, text: str) -> str:
    try:
        body = json.loads(text)
    except ValueError:
        return text
    message = body.get("error") if isinstance(body, dict) else None
    if isinstance(message, dict) and message.get("message"):
        return str(message["message"])
    return f"Error code: {status} - {body}"
