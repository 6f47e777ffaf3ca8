# SPDX-License-Identifier: GPL-3.0-or-later
# mypy: ignore-errors
# (the library is only in the image)
"""HTTP endpoints of the full double, over the real library.

DOUBLE. Left out: /api/oauth/callback (needs an identity provider outside).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import litellm
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from holmes import get_version
from holmes.admin.admin_api import init_admin_app
from holmes.checks.checks_api import init_checks_app
from holmes.config import Config
from holmes.core.llm import MODEL_LIST_FILE_LOCATION
from holmes.core.models import ChatRequest
from holmes.core.tools import PrerequisiteCacheMode, Toolset
from holmes.utils.auth import AUTH_EXEMPT_PATHS, extract_api_key
from litellm.exceptions import AuthenticationError

from ..contract import UNAUTHORIZED, failure, full_info, info_body, model_body, passed_headers, ready_body
from .chat import chat

log = logging.getLogger()


def build_app(config: Config) -> FastAPI:
    """The application with every endpoint, for one library configuration."""
    app = FastAPI()
    started = time.time()
    key = os.environ.get("HOLMES_API_KEY", "").strip()
    if key:
        log.info("API key authentication enabled (HOLMES_API_KEY is set)")
        _require_key(app, key)
    init_checks_app(app, config)
    if os.environ.get("ENABLE_ADMIN_API", "false").lower() == "true":
        init_admin_app(app, config, config.dal)
    else:
        log.info("Admin API is disabled (set ENABLE_ADMIN_API=true to enable)")
    _add_status(app, config)

    @app.get("/api/info")
    def info(detail: str | None = None) -> dict[str, Any]:
        entries = [_toolset(entry) for entry in _toolsets(config)]
        body = info_body(get_version(), time.time() - started, bool(key), config.get_models_list(), entries)
        if detail == "full":
            body |= full_info(entries, MODEL_LIST_FILE_LOCATION, list(config.mcp_servers or {}))
        return body

    @app.post("/api/chat", response_model=None)
    def ask(question: ChatRequest, request: Request) -> Any:
        blocked = os.environ.get("HOLMES_PASSTHROUGH_BLOCKED_HEADERS")
        try:
            return chat(config, question, passed_headers(request.headers.items(), blocked))
        except Exception as error:
            status, detail = failure(error, AuthenticationError, litellm.exceptions.RateLimitError)
            if status == 500:
                log.error("Error in /api/chat: %s", error, exc_info=True)
            raise HTTPException(status_code=status, detail=detail) from None

    return app


def _add_status(app: FastAPI, config: Config) -> None:
    @app.get("/api/model")
    def model() -> dict[str, str]:
        return model_body(config.get_models_list())

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "healthy"}

    @app.get("/readyz")
    def ready() -> dict[str, Any]:
        try:
            return ready_body(config.get_models_list())
        except Exception as error:
            log.error("Readiness check failed: %s", error, exc_info=True)
            raise HTTPException(status_code=503, detail="Service not ready") from None


def _require_key(app: FastAPI, key: str) -> None:
    @app.middleware("http")
    async def check(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        # the raw path: request.url is put together from the Host header, which the caller chooses
        path = request.scope.get("path", "")
        if path not in AUTH_EXEMPT_PATHS and extract_api_key(request) != key:
            log.warning("Unauthorized request: %s %s", request.method, path)
            return JSONResponse(status_code=401, content=UNAUTHORIZED)
        return await go_on(request)


def _toolsets(config: Config) -> list[Toolset]:
    # no tag filter, unlike the chat: this is what the recorded answers (41 toolsets) come from
    executor = config.create_tool_executor(
        dal=config.dal, reuse_executor=True, prerequisite_cache=PrerequisiteCacheMode.DISABLED
    )
    return list(executor.toolsets)


def _toolset(entry: Toolset) -> dict[str, Any]:
    return {
        "name": entry.name,
        "enabled": entry.enabled,
        "status": entry.status.value,
        "type": entry.type.value if entry.type else None,
        "error": entry.error,
        "tool_count": len(entry.tools or ()),
    }
