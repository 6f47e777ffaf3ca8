# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat completions over HTTP, with the retries and error texts of the real client (DOUBLE)."""

from __future__ import annotations

import json
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import errors
from .models import Model

log = logging.getLogger()

# `openai/` tries three times when the server is down or busy, `hosted_vllm/` once
ATTEMPTS = {"openai": 3, "hosted_vllm": 1}
RETRIED = {408, 409, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Client:
    """Sends requests; `pause` is the time between two attempts in seconds, `timeout` that of one attempt."""

    context: ssl.SSLContext
    timeout: float = 600.0
    pause: float = 0.5

    def complete(self, model: Model, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """One chat completion. Raises ChatError."""
        sent = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "holmes-light"}
        if model.api_key:
            sent["Authorization"] = f"Bearer {model.api_key}"
        url = model.api_base.rstrip("/") + "/chat/completions"
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            url, data=json.dumps(body).encode(), headers=sent | dict(headers), method="POST"
        )
        for left in reversed(range(ATTEMPTS[model.provider])):
            try:
                return self._once(model, request)
            except _Again as again:
                if not left:
                    raise again.error from again.error.__cause__
                time.sleep(self.pause)
        raise AssertionError("not reached")

    def _once(self, model: Model, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=self.timeout, context=self.context) as answer:  # noqa: S310
                data = answer.read()
        except urllib.error.HTTPError as error:
            failed = errors.of_status(model.provider, error.code, error.read())
            raise (_Again(failed) if error.code in RETRIED else failed) from None
        except TimeoutError:
            raise _Again(errors.of_timeout(model.provider, self.timeout)) from None
        except OSError as error:
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(cause, TimeoutError):
                raise _Again(errors.of_timeout(model.provider, self.timeout)) from None
            cause = cause if isinstance(cause, Exception) else error
            # the answer of an openai/ model says only "Connection error."
            log.error("no connection to the model server: %s", cause)
            raise _Again(errors.of_connection(model.provider, cause)) from None
        return _checked(model, data)


class _Again(Exception):
    """A failure that may pass: worth another attempt."""

    def __init__(self, error: errors.ChatError) -> None:
        super().__init__(str(error))
        self.error = error


def _checked(model: Model, data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError as error:
        raise errors.not_json(model.provider, error) from None
    if not isinstance(answer, dict) or not answer.get("choices"):
        raise errors.no_choices(model.provider, answer)
    return answer
