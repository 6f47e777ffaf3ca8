# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks that need no cluster, run as an operator runs them, on the oldest and the newest ansible-core."""

from __future__ import annotations

import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.fixtures.values_world import GUIDE, NEW, helm

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ansible:
    """One ansible-core, with an inventory of its own. It sees neither this checkout's ansible.cfg nor a kubeconfig."""

    programs: Path
    folder: Path
    chart: Path

    @property
    def guide(self) -> Path:
        """The guide's values file, byte for byte."""
        path = self.folder / "guide.yaml"
        path.write_text(GUIDE, encoding="utf-8")
        return path

    def values(self, hosts: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``playbooks/values.yml`` for the hosts, given as YAML below ``hosts:``."""
        lines = [
            "clusters:",
            "  vars:",
            "    ansible_connection: local",
            '    ansible_python_interpreter: "{{ ansible_playbook_python }}"',
            f"    holmes_chart_archive: {self.chart}",
            f"    holmes_helm_binary: {helm()}",
            "    holmes_image_registry: registry.site.example:5000/holmesgpt",
            "    holmes_image: holmes:0.45.0",
            "  hosts:",
            *(f"    {line}" for line in hosts.splitlines()),
        ]
        inventory = self.folder / "hosts.yml"
        inventory.write_text("\n".join(lines) + "\n", encoding="utf-8")
        configuration = self.folder / "ansible.cfg"
        configuration.touch()
        environment = {
            "HOME": str(self.folder),
            "PATH": os.pathsep.join((str(self.programs), os.environ["PATH"])),
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        command = [str(self.programs / "ansible-playbook"), "playbooks/values.yml", "-i", str(inventory), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart double as an archive."""
    folder = tmp_path_factory.mktemp("chart")
    subprocess.run([helm(), "package", str(NEW), "--destination", str(folder)], check=True, capture_output=True)
    return next(folder.glob("*.tgz"))


def programs(*arguments: str) -> Path:
    done = subprocess.run(["tests/tools/venv", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip()) / "bin"


@pytest.fixture(scope="session", params=["newest", "oldest"])
def core(request: pytest.FixtureRequest) -> Path:
    return programs(*(["--oldest"] if request.param == "oldest" else []))


@pytest.fixture
def ansible(core: Path, archive: Path, tmp_path: Path) -> t.Iterator[Ansible]:
    yield Ansible(core, tmp_path, archive)
