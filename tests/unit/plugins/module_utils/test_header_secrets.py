# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that no HTTP header may hold is refused without being repeated; two clusters at once are refused."""

from __future__ import annotations

import traceback
from http.client import HTTPConnection

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _http, _kube
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

CANARY = "canary-8d41"


def test_token_with_a_line_break() -> None:
    error = _kube.translate(ValueError(f"Invalid header value b'Bearer {CANARY}\\n'"), "/version")
    assert CANARY not in error.msg
    assert "line break" in error.msg


def test_api_key_with_a_line_break() -> None:
    class Local(HTTPConnection):
        def connect(self) -> None:
            self.sock = None  # type: ignore[assignment]

    headers = {"Authorization": f"Bearer {CANARY}\n"}
    with pytest.raises(HolmesError) as refused:
        _http.exchange(Local("localhost"), "GET", "/readyz", headers, None, 5)
    assert "line break" in refused.value.msg and refused.value.fix
    assert CANARY not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("name", _kube.ENVIRONMENT)
def test_kubeconfig_and_environment_contradict(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(_kube.KubeError, match=name):
        _kube.connect({"kubeconfig": "/nowhere"})
