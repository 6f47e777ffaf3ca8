# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the light double share: a stub model, a fake kubectl and servers on them, and the recordings."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tests.doubles.holmes_image.local import MODEL_LIST, light_server, write_kubectl
from tests.doubles.holmes_image.stub import StubModel

RECORDED = Path(__file__).resolve().parent / "recorded"
LEFT_OUT = "(left out)"
PLAIN = {"Accept": "application/json", "User-Agent": "test", "Content-Type": "application/json"}
ASK = {"ask": "list pods in namespace default"}


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


def call(url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=PLAIN if headers is None else headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, _parsed(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _parsed(error.read())


def _parsed(data: bytes) -> Any:
    return json.loads(data) if data[:1] in (b"{", b"[") else data.decode()


def shape(value: Any) -> Any:
    """Keys and types; a list counts by its first item."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value).__name__


def without(known: Any, value: Any) -> Any:
    """`value` with LEFT_OUT wherever `known` has it."""
    if isinstance(known, str) and known == LEFT_OUT:
        return LEFT_OUT
    if isinstance(known, dict) and isinstance(value, dict):
        return {key: without(known.get(key), part) for key, part in value.items()}
    if isinstance(known, list) and known and isinstance(value, list):
        return [without(known[0], part) for part in value]
    return value


class Site:
    """A stub model, a fake kubectl and light servers on them."""

    def __init__(self, folder: Path, model: StubModel, stack: ExitStack) -> None:
        self.folder, self.model, self.stack = folder, model, stack

    def env(self, models: str = MODEL_LIST, **more: str) -> dict[str, str]:
        path = self.folder / "model_list.yaml"
        path.write_text(models)
        known = {"MODEL_LIST_FILE_LOCATION": str(path), "VLLM_API_BASE": self.model.url, "VLLM_API_KEY": "key"}
        return known | {"CUSTOM_TOOLSET_LOCATION": str(self.folder / "custom_toolset.yaml")} | more

    def serve(self, env: dict[str, str] | None = None, version: str = "0.45.0", **more: str) -> str:
        return self.stack.enter_context(light_server(env or self.env(**more), version))

    @property
    def sent(self) -> dict[str, Any]:
        return self.model.requests[0][1]


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """A site in a folder; kubectl is the fake one while it is open."""
    path = f"{write_kubectl(folder / 'bin')}:{os.environ['PATH']}"
    with mock.patch.dict(os.environ, {"PATH": path}), StubModel() as model, ExitStack() as stack:
        yield Site(folder, model, stack)
