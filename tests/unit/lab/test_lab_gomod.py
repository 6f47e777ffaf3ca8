# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from lab import gomod
from lab.errors import LabError

KUBERNETES_GO_MOD = """\
module k8s.io/kubernetes

go 1.25.0

require (
\tgithub.com/a/b v1.2.3
)

replace (
\tk8s.io/api => ./staging/src/k8s.io/api
\tk8s.io/kubelet => ./staging/src/k8s.io/kubelet
)
replace k8s.io/mount-utils => ./staging/src/k8s.io/mount-utils
"""


def test_go_mod_names_tools_and_replaces_staging_modules() -> None:
    text = gomod.generate("v1.35.4", KUBERNETES_GO_MOD)
    lines = text.splitlines()
    assert lines[0] == "module lab"
    assert "go 1.25.0" in lines
    assert "require k8s.io/kubernetes v1.35.4" in lines
    for module in ("k8s.io/api", "k8s.io/kubelet", "k8s.io/mount-utils"):
        assert f"\t{module} => {module} v0.35.4" in lines
    assert "github.com/a/b" not in text
    assert "\tk8s.io/kubernetes/cmd/kubelet" in lines
    assert "\tgo.etcd.io/etcd/server/v3" in lines
    assert text.count("(") == text.count(")") == 2


def test_other_layout_of_kubernetes_is_said() -> None:
    with pytest.raises(LabError, match="no staging modules"):
        gomod.generate("v1.35.4", "module k8s.io/kubernetes\n")


@pytest.mark.parametrize(("version", "expected"), [("v1.35.4", "v0.35.4"), ("v1.2.10", "v0.2.10")])
def test_staging_version(version: str, expected: str) -> None:
    assert gomod.staging_version(version) == expected


@pytest.mark.parametrize("version", ["1.35.4", "v2.0.0", "v1.35", "v1.35.4-rc.1", ""])
def test_odd_versions_are_refused(version: str) -> None:
    with pytest.raises(LabError, match="not of the form"):
        gomod.staging_version(version)


def test_version_flags_tell_the_truth() -> None:
    flags = gomod.version_flags("v1.35.4").split()
    assert "k8s.io/component-base/version.gitVersion=v1.35.4" in flags
    assert "k8s.io/component-base/version.gitMajor=1" in flags
    assert "k8s.io/component-base/version.gitMinor=35" in flags
