# SPDX-License-Identifier: GPL-3.0-or-later
"""The go.mod from which `go build tool` makes Kubernetes' own binaries and etcd out of published Go modules.

`k8s.io/kubernetes` replaces its staging modules by directories that its published module does not have.
Each of them is published on its own as well: Kubernetes v1.X.Y is v0.X.Y there.
"""

from __future__ import annotations

import re

from .errors import LabError

COMMANDS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubeadm",
    "kubectl",
)
ETCD_PACKAGE = "go.etcd.io/etcd/server/v3"


def staging_modules(kubernetes_go_mod: str) -> list[str]:
    """The modules that Kubernetes' own go.mod replaces by ./staging/src/..."""
    found = re.findall(r"^\s*(?:replace\s+)?(\S+) => \./staging/src/", kubernetes_go_mod, re.MULTILINE)
    if not found:
        raise LabError("The go.mod of k8s.io/kubernetes has no staging modules: the way it is published has changed")
    return found


def staging_version(kubernetes: str) -> str:
    """v1.35.4 -> v0.35.4. Raises LabError for anything but v1.X.Y."""
    if not re.fullmatch(r"v1\.\d+\.\d+", kubernetes):
        raise LabError(f"Kubernetes version {kubernetes!r} is not of the form v1.X.Y")
    return "v0." + kubernetes.removeprefix("v1.")


def generate(kubernetes: str, kubernetes_go_mod: str) -> str:
    """The text of the go.mod for the given Kubernetes version and that version's own go.mod."""
    go = re.search(r"^go (\S+)$", kubernetes_go_mod, re.MULTILINE)
    tools = [f"k8s.io/kubernetes/cmd/{command}" for command in COMMANDS] + [ETCD_PACKAGE]
    version = staging_version(kubernetes)
    lines = [
        "module lab",
        "",
        f"go {go.group(1) if go else '1.25.0'}",
        "",
        "tool (",
        *[f"\t{tool}" for tool in tools],
        ")",
        "",
        f"require k8s.io/kubernetes {kubernetes}",
        "",
        "replace (",
        *[f"\t{module} => {module} {version}" for module in staging_modules(kubernetes_go_mod)],
        ")",
        "",
    ]
    return "\n".join(lines)


def version_flags(kubernetes: str) -> str:
    """Linker flags without which the API server calls itself v0.0.0 and Helm refuses charts by it."""
    major, minor, _ = kubernetes.removeprefix("v").split(".")
    package = "k8s.io/component-base/version"
    facts = {"gitVersion": kubernetes, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(["-s -w", *[f"-X {package}.{name}={value}" for name, value in facts.items()]])
