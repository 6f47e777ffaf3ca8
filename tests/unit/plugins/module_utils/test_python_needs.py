# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's Python lacks is a sentence that says what, where and both ways to mend it."""

from __future__ import annotations

import sys

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _kube, _python_needs
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, connect


def test_what_is_there_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _python_needs.missing(["yaml"]) == []
    monkeypatch.setattr(_python_needs, "find_spec", lambda name: None)
    assert _python_needs.missing() == ["kubernetes", "PyYAML"]


@pytest.mark.parametrize("packages", [["kubernetes"], ["PyYAML"], ["kubernetes", "PyYAML"]])
def test_a_missing_package(packages: list[str]) -> None:
    told = _python_needs.refusal(packages).as_result()["msg"]
    assert " and ".join(packages) in told and sys.executable in told
    assert f"-m pip install {' '.join(packages)})" in told and "ansible_python_interpreter" in told


@pytest.mark.parametrize(("version", "refused"), [("22.6.0", True), ("24.2.0", False), ("37.0.2", False), ("", False)])
def test_an_old_client(version: str, refused: bool) -> None:
    assert bool(_python_needs.refusal_of_client(version)) is refused


def test_no_connection_without_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_kube, "MISSING", _python_needs.refusal(["kubernetes"]))
    with pytest.raises(KubeError, match="The Python package kubernetes is missing on the host") as caught:
        connect({})
    assert "pip install kubernetes" in caught.value.fix


def test_no_connection_with_an_old_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_kube, "MISSING", None)
    monkeypatch.setattr(sys.modules["kubernetes"], "__version__", "22.6.0")
    with pytest.raises(KubeError, match=r"kubernetes 22\.6\.0 .* too old"):
        connect({})
