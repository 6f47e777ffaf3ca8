# SPDX-License-Identifier: GPL-3.0-or-later
"""What Helm is called with, and how it finds the cluster: a double of Helm writes down what it was given."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _helm
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

NAMES = ("HELM_KUBEAPISERVER", "HELM_KUBETOKEN", "HELM_KUBECAFILE", "HELM_KUBECONTEXT", "KUBECONFIG")
SCRIPT = """#!/bin/sh
echo "$*" > "$0.called"
for name in HELM_KUBEAPISERVER HELM_KUBETOKEN HELM_KUBECAFILE HELM_KUBECONTEXT HELM_KUBEINSECURE_SKIP_TLS_VERIFY; do
  eval "echo $name=\\$$name" >> "$0.called"
done
[ -z "$KUBECONFIG" ] || cat "$KUBECONFIG" >> "$0.called"
exit "${HELM_DOUBLE_EXIT:-0}"
"""


@dataclass
class Module:
    """As much of an AnsibleModule as there is need for."""

    params: dict[str, t.Any]
    no_log_values: set[str] = field(default_factory=set)
    found: bool = True

    def get_bin_path(self, name: str, required: bool = False) -> str:
        assert not required, "it was found before"
        return name if self.found else ""

    def run_command(self, command: str) -> tuple[int, str, str]:
        return 0, 'version.BuildInfo{Version:"v3.22.0", GitCommit:""}', ""

    def add_cleanup_file(self, _path: str) -> None:
        """The real one removes it when the module ends."""


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*NAMES, *_helm.FROM_ENVIRONMENT.values()):
        monkeypatch.delenv(name, raising=False)
    program = tmp_path / "helm"
    program.write_text(SCRIPT)
    program.chmod(0o755)
    return program


def called(helm: Path, **options: t.Any) -> list[str]:
    """What Helm was given: its arguments, and what it knows of the cluster."""
    unset = dict.fromkeys(_helm.FROM_ENVIRONMENT)
    params = {"release_name": "r", "namespace": "n", "timeout": "2m", "helm_binary": str(helm), **unset, **options}
    _helm.Helm(Module(params)).rollback(3)
    return (helm.parent / "helm.called").read_text().splitlines()


def test_the_command(helm: Path) -> None:
    assert called(helm)[0] == "rollback r 3 --namespace n --timeout 2m"


def test_a_credential_of_awx_reaches_helm(helm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_HOST", "https://10.0.0.1:6443")
    monkeypatch.setenv("K8S_AUTH_API_KEY", "canary-55")
    monkeypatch.setenv("K8S_AUTH_SSL_CA_CERT", "/runner/env/tmp1")
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "True")
    lines = called(helm)
    assert "canary-55" not in lines[0]
    assert lines[1:] == [
        "HELM_KUBEAPISERVER=https://10.0.0.1:6443",
        "HELM_KUBETOKEN=canary-55",
        "HELM_KUBECAFILE=/runner/env/tmp1",
        "HELM_KUBECONTEXT=",
        "HELM_KUBEINSECURE_SKIP_TLS_VERIFY=",
    ]


def test_without_an_authority_awx_switches_verification_off(helm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_HOST", "https://10.0.0.1:6443")
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "False")
    assert called(helm)[-1] == "HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true"


def test_an_option_comes_before_the_environment(helm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("clusters: []\ncontexts: []\n")
    monkeypatch.setenv("K8S_AUTH_KUBECONFIG", "/nowhere")
    monkeypatch.setenv("K8S_AUTH_CONTEXT", "theirs")
    lines = called(helm, kubeconfig=str(tmp_path / "config"), context="ours")
    assert "HELM_KUBECONTEXT=ours" in lines and lines[-1] == '{"clusters": [], "contexts": []}'


def test_helm_says_why_it_could_not(helm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_DOUBLE_EXIT", "1")
    with pytest.raises(HolmesError, match=r"Helm could not go back to revision 3: it gave no reason"):
        called(helm)


def test_a_helm_that_is_not_there(helm: Path) -> None:
    params = {"helm_binary": "helm9", "release_name": "r", "namespace": "n", "timeout": "2m"}
    with pytest.raises(HolmesError, match="'helm9' was not found on this host"):
        _helm.Helm(Module(params, found=False)).rollback(1)
