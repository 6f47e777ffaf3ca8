# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verb works from a clean clone, from another folder, with ansible.cfg ignored, with Helm 3 and with Helm 4."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.site_run import REPOSITORY, ROOT, Place


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a user gets: the committed state and nothing else."""
    path = tmp_path / "a clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(path)], check=True)
    return path


def test_every_verb_from_a_clean_clone_elsewhere_without_ansible_cfg(place: Place, clone: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.cfg"
    empty.write_text("")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for playbook in (
        "site.yml",
        "playbooks/site.yml",
        "playbooks/verify.yml",
        "playbooks/uninstall.yml",
        "playbooks/uninstall.yml",
    ):
        run = place.play(clone / playbook, env={"ANSIBLE_CONFIG": str(empty)}, cwd=elsewhere, **REPOSITORY)
        assert run.code == 0, playbook
        assert "READY" in run.output
    assert run.recap("changed") == 0, "a second removal changes nothing"
    left = place.site.kubectl(
        "get", "all,configmap,serviceaccount,rolebinding", "-n", place.namespace, "-o", "name"
    ).split()
    assert sorted(left) == ["configmap/kube-root-ca.crt", "serviceaccount/default"]
    roles = place.site.kubectl("get", "clusterrole,clusterrolebinding", "-o", "name")
    assert place.namespace not in roles
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("helms", [("helm3", "helm4"), ("helm4", "helm3")], ids="-then-".join)
def test_helm_3_and_4(place: Place, helms: tuple[str, str]) -> None:
    first, second = helms
    place.install(holmes_helm_binary=first, **REPOSITORY)
    assert place.install(holmes_helm_binary=second).recap("changed") == 0
    place.install(holmes_helm_binary=second, holmes_llm_max_output_tokens=4096)
    assert place.revisions()[-1] == (2, "deployed")
    assert place.install(holmes_helm_binary=first, holmes_llm_max_output_tokens=4096).recap("changed") == 0
