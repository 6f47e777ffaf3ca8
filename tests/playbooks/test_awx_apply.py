# SPDX-License-Identifier: GPL-3.0-or-later
"""awx/apply.yml with the genuine awx.awx, against the double of AWX's API."""

from __future__ import annotations

import os
import re
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.doubles.awx_api.local import running
from tests.doubles.awx_api.server import Double

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "awx-token-canary-5512"
SECRETS = {
    "SITE_LLM_API_KEY": "llm-canary-8841",
    "SITE_HOLMES_API_KEY": "holmes-canary-8842",
    "SITE_REGISTRY_PASSWORD": "registry-canary-8843",
    "SITE_CLUSTER_TOKEN": "cluster-canary-8844",
    "SITE_CLUSTER_CA": "authority-canary-8845",
}


@dataclass(frozen=True)
class Controller:
    """An AWX, and the programs that apply the objects to it."""

    programs: Path
    double: Double
    folder: Path

    def apply(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        clean = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        given = {
            "CONTROLLER_HOST": self.double.url,
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            "HOME": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [self.programs / "ansible-playbook", ROOT / "awx" / "apply.yml", "-i", "localhost,", *arguments]
        return subprocess.run(
            [str(part) for part in command],
            cwd=self.folder,
            env={**clean, **given, **env},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def names(self, kind: str) -> set[str]:
        return {str(thing["name"]) for thing in self.double.store.kinds[kind].values()}


@pytest.fixture(scope="session")
def programs() -> Path:
    made = subprocess.run([ROOT / "tests" / "tools" / "venv", "--awx"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(made.stdout.strip()) / "bin"


@pytest.fixture
def controller(programs: Path, tmp_path: Path) -> t.Iterator[Controller]:
    with running(TOKEN) as double:
        yield Controller(programs, double, tmp_path)


def changed(done: subprocess.CompletedProcess[str]) -> int:
    found = re.search(r"changed=(\d+)", done.stdout)
    assert found and done.returncode == 0, done.stdout + done.stderr
    return int(found[1])


def named(kind: str) -> set[str]:
    content = yaml.safe_load((ROOT / "awx" / "objects" / f"{kind}.yml").read_text().replace("!unsafe ", ""))
    return {str(thing["name"]) for thing in content[f"holmes_awx_{kind}"]}


def test_checked_made_and_repeated(controller: Controller) -> None:
    checked = controller.apply("--check", **SECRETS)
    assert changed(checked) > 0
    assert controller.double.writes == [], "check mode changed something"

    made = controller.apply("-vvv", **SECRETS)
    assert changed(made) > 0
    for kind in (
        "execution_environments",
        "credential_types",
        "credentials",
        "projects",
        "inventories",
        "job_templates",
    ):
        assert named(kind) <= controller.names(kind), kind
    assert named("workflows") == controller.names("workflow_job_templates")
    assert "[WARNING]" not in made.stdout + made.stderr
    for secret in [*SECRETS.values(), TOKEN]:
        assert secret not in made.stdout + made.stderr

    controller.double.writes.clear()
    # Without any secret in the environment: they are asked for once.
    again = controller.apply()
    assert changed(again) == 0, again.stdout
    assert controller.double.writes == []

    rotated = controller.apply("-e", "holmes_awx_update_secrets=true")
    assert rotated.returncode == 2 and "nothing for llm_api_key" in " ".join(rotated.stdout.split())
    assert controller.double.writes == [], "an empty secret was written"


def test_a_new_credential_wants_its_secret(controller: Controller) -> None:
    done = controller.apply(**{name: SECRETS[name] for name in SECRETS if name != "SITE_CLUSTER_TOKEN"})
    told = " ".join(done.stdout.split())
    assert done.returncode == 2
    assert "'HolmesGPT cluster' is to be written, and the environment has nothing for bearer_token: export what" in told
    assert controller.names("credentials") == set(), "none is made before all can be"


def test_a_wrong_token_fails_in_check_mode_too(controller: Controller) -> None:
    done = controller.apply("--check", CONTROLLER_OAUTH_TOKEN="other", **SECRETS)
    assert done.returncode == 2 and "Invalid authentication credentials" in done.stdout
