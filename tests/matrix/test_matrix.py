# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's whole path on the oldest ansible-core, on 2.18 and on the newest, each with Helm 3 and Helm 4."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.e2e.site_run import ROOT, Place, Run

CORES = ("oldest", "2.18", "newest")
KEY = {"holmes_llm_api_key": {"secret": "holmes-secrets", "key": "openai-api-key"}}


class Path:
    """Plays with one ansible-core and one Helm."""

    def __init__(self, place: Place, core: str, helm: str) -> None:
        options = [] if core == "newest" else [f"--{core}"]
        venv = subprocess.check_output([ROOT / "tests/tools/venv", *options], text=True).strip()
        self.place, self.helm = place, helm
        self.env = {"PATH": f"{venv}/bin:{os.environ['PATH']}"}
        answer = place.site.exec("ansible-playbook", "--version", env={**os.environ, **self.env}).stdout
        self.version = re.findall(r"core ([\d.]+)", answer)[0]

    def play(self, playbook: str, *arguments: str, code: int = 0, **changes: object) -> Run:
        given = {**KEY, "holmes_secrets": {"openai-api-key": "first-key-1234"}, **changes}
        run = self.place.play(playbook, *arguments, env=self.env, holmes_helm_binary=self.helm, **given)
        assert run.code == code, run.output
        assert "Traceback" not in run.output
        return run


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("core", CORES)
def test_the_whole_path(place: Place, core: str, helm: str) -> None:
    path = Path(place, core, helm)
    assert path.version.startswith({"oldest": "2.16.", "2.18": "2.18.", "newest": "2."}[core])
    place.site.say(f"  ansible-core {path.version}, {helm}")
    plan = re.findall(r"holmes_plan=([0-9a-f-]{51})", path.play("site.yml", "--check", "--diff").output)[0]
    assert "READY" in path.play("site.yml", holmes_plan=plan).output
    assert path.play("site.yml").recap("changed") == 0
    path.play("site.yml", holmes_env={"MATRIX": "second"}, holmes_secrets={"openai-api-key": "second-key-1234"})
    assert place.revisions()[-1] == (2, "deployed")
    path.play(
        "playbooks/verify.yml", holmes_env={"MATRIX": "second"}, holmes_secrets={"openai-api-key": "second-key-1234"}
    )
    path.play("playbooks/rollback.yml")
    assert place.revisions()[-1] == (3, "deployed")
    assert path.play("playbooks/rollback.yml").recap("changed") == 0
    path.play("playbooks/uninstall.yml", holmes_remove=["secrets", "cluster_roles", "namespace"])
    gone = place.site.exec("kubectl", "get", "namespace", place.namespace, "--ignore-not-found", "-o", "name").stdout
    assert gone.strip() == "" or "deletionTimestamp" in place.site.kubectl("get", gone.strip(), "-o", "json")
    assert path.play("playbooks/uninstall.yml").recap("changed") == 0
