# SPDX-License-Identifier: GPL-3.0-or-later
"""Websockets into a pod: what the client library is asked to open, and with which identity."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import kubernetes
import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _pod_socket
from kubernetes.stream import ws_client

HOST = "https://kubernetes.site.internal:6443"
Opened = tuple[str, dict[str, str]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Opened]:
    """Stands in for the connection alone; everything above it is the library's own."""
    found: list[Opened] = []

    def create(_configuration: t.Any, url: str, headers: dict[str, str] | None = None) -> t.NoReturn:
        found.append((url, headers or {}))
        raise OSError("Handshake status 403 Forbidden")

    monkeypatch.setattr(ws_client, "create_websocket", create)
    return found


def configuration(**options: t.Any) -> t.Any:
    return kubernetes.client.Configuration(host=HOST, **options)


def test_a_forward(opened: list[Opened]) -> None:
    with pytest.raises(kubernetes.client.exceptions.ApiException, match="Handshake status 403"):
        _pod_socket.forward(configuration(api_key={"authorization": "Bearer t0ken"}), "a b", "web-0", 8443)
    assert opened == [
        (
            f"{HOST.replace('https', 'wss')}/api/v1/namespaces/a%20b/pods/web-0/portforward?ports=8443",
            {"authorization": "Bearer t0ken"},
        )
    ]


def test_a_command(opened: list[Opened]) -> None:
    with pytest.raises(kubernetes.client.exceptions.ApiException):
        _pod_socket.command(configuration(), "holmes", "web-0", "main", ["sh", "-c", "echo a&b"])
    ((url, headers),) = opened
    assert url.startswith("wss://kubernetes.site.internal:6443/api/v1/namespaces/holmes/pods/web-0/exec?")
    for part in (
        "command=sh&command=-c&command=echo+a%26b",
        "container=main",
        "stdin=false",
        "stdout=true",
        "tty=false",
    ):
        assert part in url
    assert headers == {}, "a client certificate says who we are"


def test_the_librarys_models_stay_on_disk() -> None:
    """They cost most of a second, in every module on every host."""
    names = [path.stem for path in Path(_pod_socket.__file__).parent.glob("_[a-z]*.py")]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(f'ansible_collections.holmesgpt.onprem.plugins.module_utils.{name}')\n"
        "from kubernetes.stream import ws_client\n"
        "print(sorted(name for name in sys.modules if name.startswith('kubernetes.client.models.v1_pod')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.stdout.strip() == "[]"
