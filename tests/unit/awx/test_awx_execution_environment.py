# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment through the genuine ansible-builder, as far as that goes without a registry."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "awx" / "execution-environment"
DEFINITION = yaml.safe_load((FOLDER / "execution-environment.yml").read_text())
SITE = (
    "ca.crt",
    "bin/helm",
    "bin/kubectl",
    "bin/SHA256SUMS",
    "collections/SHA256SUMS",
    "collections/kubernetes-core-6.6.0.tar.gz",
    "collections/holmesgpt-onprem-0.1.0.tar.gz",
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ansible-builder makes of the definition at a site that has brought everything."""
    folder = tmp_path_factory.mktemp("ee")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("site", "context"))
    for name in SITE:
        (folder / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / name).write_text(name)
    venv = subprocess.run([ROOT / "tests" / "tools" / "venv", "--awx"], stdout=subprocess.PIPE, text=True, check=True)
    builder = Path(venv.stdout.strip()) / "bin" / "ansible-builder"
    command = [builder, "create", "--context", "context", "--output-filename", "Containerfile", "--verbosity", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "No matches" not in done.stdout + done.stderr, done.stdout + done.stderr
    return folder / "context"


def test_what_is_copied_is_in_the_context(context: Path) -> None:
    lines = (context / "Containerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY _build")]
    assert {"_build/ca/ca.crt", "_build/pip/constraints.txt", "_build/bin/"} <= set(copied)
    assert all((context / name).exists() for name in copied), copied
    for item in yaml.safe_load((context / "_build" / "requirements.yml").read_text())["collections"]:
        assert (context / "_build" / item["name"]).is_file(), item


def test_every_package_is_pinned(context: Path) -> None:
    lines = (context / "_build" / "pip" / "constraints.txt").read_text().splitlines()[1:]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line) for line in lines), lines
    pinned = {line.partition("==")[0].lower() for line in lines}
    text = (context / "Containerfile").read_text()
    asked = {
        word.strip("'\"").partition("==")[0].lower()
        for word in re.findall(r"--no-cache-dir (.+)", text)
        for word in word.split()
    }
    refs = re.search(r'ARG ANSIBLE_INSTALL_REFS="([^"]+)"', text)
    assert refs
    asked = asked - {"$ansible_install_refs"} | {word.partition("==")[0].lower() for word in refs[1].split()}
    asked |= {line.partition("==")[0].lower() for line in DEFINITION["dependencies"]["python"]}
    assert asked <= pinned and "bindep" in asked, asked - pinned
    for word in [*refs[1].split(), *DEFINITION["dependencies"]["python"]]:
        assert word in lines, f"{word} is pinned twice, differently"


def test_nothing_comes_from_elsewhere(context: Path) -> None:
    text = (context / "Containerfile").read_text()
    assert set(re.findall(r"https?://([^/\s\"]+)", text)) == {"pypi.site.internal"}
    assert 'ARG EE_BASE_IMAGE="registry.site.internal:5000/' in text
    assert 'ARG ANSIBLE_GALAXY_CLI_COLLECTION_OPTS="--offline"' in text


def test_versions_are_those_that_are_tested() -> None:
    names = {
        Path(item["name"]).name for item in yaml.safe_load((FOLDER / "requirements.yml").read_text())["collections"]
    }
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    tools = (ROOT / "tests" / "tools" / "venv").read_text()
    kubernetes = re.search(r"carries kubernetes\.core ([0-9.]+)", tools)
    assert kubernetes
    assert names == {f"holmesgpt-onprem-{version}.tar.gz", f"kubernetes-core-{kubernetes[1]}.tar.gz"}
    tested = (ROOT / "tests" / "requirements.txt").read_text()
    assert DEFINITION["dependencies"]["ansible_core"]["package_pip"] in tested
    lab = (ROOT / "tests" / "lab" / "versions.py").read_text()
    steps = "\n".join(DEFINITION["additional_build_steps"]["prepend_base"])
    for name, constant in (("HELM_VERSION", "HELM3"), ("KUBECTL_VERSION", "KUBERNETES")):
        asked = re.search(rf"{name}=(\S+)", steps)
        assert asked and f'\n{constant} = "{asked[1]}"' in lab


def test_the_collection_says_what_it_needs() -> None:
    own = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
    lines = (ROOT / own["dependencies"]["python"]).read_text().split()
    assert [line.partition(">=")[0] for line in lines] == ["kubernetes", "PyYAML"]
