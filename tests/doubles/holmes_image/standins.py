# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for everything that the full server imports, so that its own code runs in tests without the library."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

FULL = "tests.doubles.holmes_image.app.holmes_double.full"
MODELS = ["gpt-oss-120b", "gpt-5.4"]


class Headers(dict[str, str]):
    """Headers whose names have no case."""

    def get(self, name: str, default: Any = None) -> Any:
        return {key.lower(): value for key, value in self.items()}.get(name.lower(), default)


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Any module below fastapi, holmes or litellm; whatever is asked of it is an empty class of that name."""

    roots = ("fastapi", "holmes", "litellm")

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if name.partition(".")[0] in self.roots:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)

        def invent(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            made = type(name, (Exception,) if name.endswith("Error") else (), {"__init__": lambda self, *a, **k: None})
            setattr(module, name, made)
            return made

        module.__getattr__ = invent  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class FastApi:
    """Keeps the functions of the routes."""

    def __init__(self) -> None:
        self.routes: dict[str, Callable[..., Any]] = {}
        self.guard: Any = None

    def get(self, path: str, **_: Any) -> Callable[[Any], Any]:
        return lambda function: self.routes.setdefault(path, function)

    post = get

    def middleware(self, _: str) -> Callable[[Any], Any]:
        def keep(function: Any) -> Any:
            self.guard = function
            return function

        return keep


class HttpError(Exception):
    def __init__(self, status_code: int, detail: str) -> None:
        super().__init__(detail)
        self.status_code, self.detail = status_code, detail


def extract_api_key(request: Any) -> str:
    """As in holmes.utils.auth of 0.45.0."""
    bearer = request.headers.get("Authorization", "")
    given = request.headers.get("X-API-Key", "")
    return given or (bearer[7:].strip() if bearer.lower().startswith("bearer ") else "")


@contextmanager
def full_modules() -> Iterator[tuple[Any, Any]]:
    """The modules `api` and `chat` of the full server, with stand-ins for everything they import."""
    finder = StandIns()
    before = set(sys.modules)
    sys.meta_path.insert(0, finder)
    try:
        fastapi: Any = importlib.import_module("fastapi")
        fastapi.FastAPI, fastapi.HTTPException = FastApi, HttpError
        responses: Any = importlib.import_module("fastapi.responses")
        responses.JSONResponse = lambda status_code, content: (status_code, content)
        auth: Any = importlib.import_module("holmes.utils.auth")
        auth.AUTH_EXEMPT_PATHS, auth.extract_api_key = {"/healthz", "/readyz"}, extract_api_key
        holmes: Any = importlib.import_module("holmes")
        holmes.get_version = lambda: "0.45.0"
        for name, function in (("admin.admin_api", "init_admin_app"), ("checks.checks_api", "init_checks_app")):
            setattr(importlib.import_module(f"holmes.{name}"), function, lambda *_: None)
        llm: Any = importlib.import_module("holmes.core.llm")
        llm.MODEL_LIST_FILE_LOCATION = "/etc/holmes/config/model_list.yaml"
        tools: Any = importlib.import_module("holmes.core.tools")
        tools.PrerequisiteCacheMode = types.SimpleNamespace(DISABLED="disabled")
        tools.ToolsetTag = types.SimpleNamespace(CORE="core", CLUSTER="cluster")
        yield importlib.import_module(f"{FULL}.api"), importlib.import_module(f"{FULL}.chat")
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            del sys.modules[name]


class LibraryConfig:
    """The library's Config as far as the server uses it."""

    mcp_servers = None
    cluster_name = None
    dal = types.SimpleNamespace(enabled=False, get_global_instructions_for_account=lambda: None)

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def get_models_list(self) -> list[str]:
        return MODELS

    def create_tool_executor(self, **_: Any) -> Any:
        state = types.SimpleNamespace(value="failed")
        kind = types.SimpleNamespace(value="built-in")
        one = types.SimpleNamespace(name="robusta", enabled=True, status=state, type=kind, error="off", tools=[1])
        return types.SimpleNamespace(toolsets=[one])

    def create_toolcalling_llm(self, **options: Any) -> Any:
        self.asked["options"] = options
        return self

    def get_skill_catalog(self) -> None:
        return None

    def call(self, **options: Any) -> Any:
        self.asked["call"] = options
        return types.SimpleNamespace(result="text", tool_calls=[], messages=[], metadata={"max_tokens": 1})
