# SPDX-License-Identifier: GPL-3.0-or-later
"""A cut-off site as a test sees it: run playbooks behind the gap, observe with kubectl."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._heartbeat import Heartbeat

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "tests" / "tools" / "site"
LAB = ROOT / "tests" / "lab" / "lab"
Vars = dict[str, t.Any]
# Changes of the variables: the chart comes from the site's repository.
REPOSITORY: Vars = {"holmes_chart_archive": ""}


@dataclass(frozen=True)
class Run:
    """One ansible-playbook run: exit code, everything it printed, seconds."""

    code: int
    output: str
    seconds: float

    def recap(self, figure: str) -> int:
        """The sum of ``changed``, ``failed``, ... over all hosts."""
        return sum(int(number) for number in re.findall(rf"\b{figure}=(\d+)", self.output))


@dataclass
class Site:
    name: str
    say: t.Callable[[str], None]
    facts: dict[str, str] = field(default_factory=dict, repr=False)

    def up(self, images: str) -> None:
        subprocess.run([SITE, "up", "--name", self.name, "--images", images], check=True)
        self.facts = json.loads(subprocess.check_output([SITE, "env", "--name", self.name], text=True))

    def exec(self, *command: str | Path, **options: t.Any) -> subprocess.CompletedProcess[str]:
        """A command of this machine behind the gap; raises if it fails, unless check=False."""
        check = options.pop("check", True)
        options = {"text": True, "stdout": subprocess.PIPE, **options}
        argv = [str(SITE), "exec", "--name", self.name, "--", *map(str, command)]
        return subprocess.run(argv, check=check, **options)

    def kubectl(self, *arguments: str) -> str:
        return self.exec("kubectl", *arguments).stdout

    def get(self, *arguments: str) -> t.Any:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def play(
        self,
        folder: Path,
        playbook: str | Path,
        variables: Vars,
        *arguments: str,
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Run:
        """Run a playbook for one host ``cluster`` with these variables; stdout and stderr are one text."""
        return self.play_hosts(folder, playbook, variables, {"cluster": {}}, *arguments, env=env, cwd=cwd)

    def play_hosts(
        self,
        folder: Path,
        playbook: str | Path,
        variables: Vars,
        hosts: dict[str, Vars],
        *arguments: str,
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Run:
        """The same for several hosts with variables of their own."""
        inventory = folder / "hosts.json"
        with open(os.open(inventory, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump({"all": {"hosts": hosts, "vars": variables}}, stream)
        self.say(f"\n  ansible-playbook {Path(playbook).name} {' '.join(arguments)}")
        started = time.monotonic()
        with Heartbeat(lambda seconds: self.say(f"  still running after {seconds} s"), 45):
            done = self.exec(
                "ansible-playbook",
                playbook,
                "-i",
                inventory,
                *arguments,
                check=False,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
            )
        run = Run(done.returncode, done.stdout, time.monotonic() - started)
        self.say(f"  exit {run.code} after {run.seconds:.0f} s, changed={run.recap('changed')}")
        print(run.output)
        return run


@dataclass
class Place:
    """A namespace and release of its own, and the variables of an installation there."""

    site: Site
    folder: Path
    namespace: str

    def chart(self, version: str) -> str:
        """The archive of a chart double, as it lies in the site's repository."""
        return str(Path(self.site.facts["SITE_CA_FILE"]).parents[1] / "charts" / f"holmes-{version}.tgz")

    def variables(self, **changes: t.Any) -> Vars:
        facts = self.site.facts
        base: Vars = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "holmes_namespace": self.namespace,
            "holmes_release_name": self.namespace,
            "holmes_chart_repo_name": "site",
            "holmes_chart_repo_url": facts["SITE_CHARTS_URL"],
            "holmes_chart_repo_ca_file": facts["SITE_CA_FILE"],
            "holmes_chart_version": "0.45.0",
            # From a file, which is quicker; REPOSITORY, molecule and the demo take the repository.
            "holmes_chart_archive": self.chart("0.45.0"),
            "holmes_image_registry": f"{facts['SITE_REGISTRY']}/holmesgpt",
            "holmes_image": "holmes:0.45.0-light",
            "holmes_registry_host": facts["SITE_REGISTRY"],
            "holmes_registry_ca_file": facts["SITE_CA_FILE"],
            "holmes_registry_username": facts["SITE_REGISTRY_USERNAME"],
            "holmes_registry_password": facts["SITE_REGISTRY_PASSWORD"],
            "holmes_llm_service": {"name": "vllm-server", "namespace": "inference", "port": 8000},
            "holmes_llm_context_window": 131072,
            "holmes_llm_max_output_tokens": 8192,
            "holmes_models": {"gpt-oss-120b": {"model": "gpt-oss-120b", "temperature": 1}},
        }
        return {**copy.deepcopy(base), **changes}

    def play(
        self,
        playbook: str | Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
        **changes: t.Any,
    ) -> Run:
        return self.site.play(self.folder, playbook, self.variables(**changes), *arguments, env=env, cwd=cwd)

    def install(self, *arguments: str, **changes: t.Any) -> Run:
        run = self.play("site.yml", *arguments, **changes)
        assert run.code == 0, run.output
        return run

    def pods(self) -> list[Vars]:
        """Pods of HolmesGPT that are not on their way out."""
        found = self.site.get("pods", "-n", self.namespace, "-l", "app=holmes")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def revisions(self) -> list[tuple[int, str]]:
        history = self.site.exec("helm", "history", self.namespace, "-n", self.namespace, "-o", "json").stdout
        return [(entry["revision"], entry["status"]) for entry in json.loads(history)]

    def remove(self) -> None:
        self.site.exec("helm", "uninstall", self.namespace, "-n", self.namespace, "--ignore-not-found", check=False)
        self.site.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")
