# SPDX-License-Identifier: GPL-3.0-or-later
"""The example inventories: every one parses, and the role takes the variables of every host and makes its values."""

from __future__ import annotations

import json
import os
import re
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.playbooks.conftest import ROOT
from tests.unit.fixtures.certificates import made
from tests.unit.fixtures.values_world import helm

PASSWORD = "inventories/fleet/example-vault-password.txt"
# Inventory, and the hosts of each group that is a site.
EXAMPLES: dict[str, dict[str, list[str]]] = {
    "inventories/airgap": {"north": ["seoul"], "south": ["busan"]},
    "inventories/fleet": {
        "seoul": ["seoul-prod", "seoul-test"],
        "busan": ["busan-plant1", "busan-plant2"],
        "ulsan": ["ulsan-ocp"],
    },
    "inventories/kubeconfigs/fleet.kubeconfigs.yml": {"seoul": ["seoul-prod", "seoul-test"], "busan": ["busan-plant1"]},
}


@dataclass(frozen=True)
class Tools:
    """The programs of one ansible-core, run at the root of the checkout."""

    programs: Path
    home: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOME": str(self.home),
            "PATH": os.pathsep.join((str(self.programs), os.environ["PATH"])),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        command = [str(self.programs / program), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
        )

    def inventory(self, path: str, *arguments: str) -> dict[str, t.Any]:
        done = self.run("ansible-inventory", "-i", path, "--list", *arguments)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        found: dict[str, t.Any] = json.loads(done.stdout)
        return found


@pytest.fixture
def tools(core: Path, tmp_path: Path) -> Tools:
    return Tools(core, tmp_path)


@pytest.mark.parametrize("path", EXAMPLES)
def test_sites_are_groups(tools: Tools, path: str) -> None:
    found = tools.inventory(path, "--vault-password-file", PASSWORD)
    assert {site: found[site]["hosts"] for site in EXAMPLES[path]} == EXAMPLES[path]


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_role_takes_every_host(tools: Tools, path: str, archive: Path, tmp_path: Path) -> None:
    """What is different here: no cluster is asked, so all of it happens on this machine, with the chart double."""
    ca_file = tmp_path / "ca.crt"
    ca_file.write_text(made().pem)
    changes = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "holmes_chart_archive": str(archive),
        "holmes_helm_binary": helm(),
        "holmes_ca_file": str(ca_file),
        "holmes_report_dir": str(tmp_path / "reports"),
    }
    if path == "inventories/airgap":  # one of its hosts speaks plain HTTP
        changes["site_ca_file"] = changes.pop("holmes_ca_file")
    arguments = ["-i", path, "-e", json.dumps(changes), "--vault-password-file", PASSWORD]
    done = tools.run("ansible-playbook", "playbooks/values.yml", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    judged = dict(re.findall(r"^(\S+) \| values for .*: (READY.*)$", done.stdout, re.MULTILINE))
    hosts = [host for site in EXAMPLES[path].values() for host in site]
    assert judged == dict.fromkeys(hosts, "READY"), done.stdout


def test_the_vault_holds_the_keys_and_nothing_else_does(tools: Tools) -> None:
    found = tools.inventory("inventories/fleet", "--vault-password-file", PASSWORD)["_meta"]["hostvars"]["ulsan-ocp"]
    keys = {text for name, text in found.items() if name.startswith("vault_")}
    assert len(keys) == 4
    for path in (ROOT / "inventories").rglob("*"):
        assert path.is_dir() or not any(key in path.read_text() for key in keys), path


def test_a_wrong_vault_password_is_refused(tools: Tools, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("another")
    done = tools.run("ansible-inventory", "-i", "inventories/fleet", "--list", "--vault-password-file", str(wrong))
    assert done.returncode != 0 and "Decryption failed" in done.stderr


def squeezed(text: str) -> str:
    """Without any space: the oldest core breaks lines also within words."""
    return "".join(text.split())


def own(tools: Tools, tmp_path: Path, options: str = "") -> tuple[int, str]:
    """ansible-inventory for a folder of this test."""
    (tmp_path / "clusters").mkdir(exist_ok=True)
    configuration = tmp_path / "own.kubeconfigs.yml"
    configuration.write_text(f"plugin: holmesgpt.onprem.kubeconfigs\ndirectory: clusters\n{options}")
    done = tools.run("ansible-inventory", "-i", str(configuration), "--list", "--vault-password-file", PASSWORD)
    return done.returncode, done.stdout if done.returncode == 0 else squeezed(done.stderr)


def kubeconfig(*names: str) -> str:
    return json.dumps(
        {
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": "https://{{ 1 + 1 }}:6443"}}],
            "users": [{"name": "u", "user": {"token": "canary-7731"}}],
            "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in names],
        }
    )


def test_an_unusable_folder_is_one_sentence_and_no_run(tools: Tools, tmp_path: Path) -> None:
    code, told = own(tools, tmp_path)
    assert code != 0 and squeezed(f"The folder '{tmp_path}/clusters' holds no kubeconfig. Put some") in told
    (tmp_path / "clusters" / "a").write_text("token: canary-7731\n\tbroken: [")
    code, told = own(tools, tmp_path)
    assert code != 0 and squeezed(f"The file '{tmp_path}/clusters/a' is no kubeconfig.") in told
    assert "canary" not in told and "Traceback" not in told


def test_all_contexts_composed_and_text_that_looks_like_a_template(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "clusters").mkdir()
    (tmp_path / "clusters" / "site.yaml").write_text(kubeconfig("prod", "test"))
    code, told = own(
        tools, tmp_path, "contexts: all\ngroups: {production: \"'prod' in holmes_kube_context\"}\nstrict: true\n"
    )
    assert code == 0
    found = json.loads(told)
    assert found["production"]["hosts"] == ["site_prod"]
    variables = found["_meta"]["hostvars"]["site_test"]
    # Marked in the answer as text that is no template.
    assert variables["holmes_kubeconfig"] == {"__ansible_unsafe": str(tmp_path / "clusters" / "site.yaml")}
    assert variables["kubeconfig_server"] == {"__ansible_unsafe": "https://{{ 1 + 1 }}:6443"}


def test_a_kubeconfig_of_a_vault(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "clusters").mkdir()
    secret = tmp_path / "clusters" / "seoul"
    secret.write_text(kubeconfig("seoul"))
    tools.run("ansible-vault", "encrypt", "--vault-password-file", PASSWORD, str(secret))
    assert secret.read_text().startswith("$ANSIBLE_VAULT")
    assert own(tools, tmp_path)[0] == 0
    done = tools.run("ansible-inventory", "-i", str(tmp_path / "own.kubeconfigs.yml"), "--list")
    assert done.returncode != 0
    assert squeezed("is encrypted, and no vault password of this run opens it") in squeezed(done.stderr)
