# SPDX-License-Identifier: GPL-3.0-or-later
"""A run from a control node that reaches bastions and nothing else, and what a bastion shows of it meanwhile."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import threading
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.site_run import ROOT, Run, Vars
from tests.fleet.bastion_fixtures import Bastions
from tests.fleet.bastion_host import Bastion
from tests.fleet.bastion_net import node_address

# One connection for a run, but none that outlives it for long.
PERSIST = 2
SSH = f"-o ControlMaster=auto -o ControlPersist={PERSIST}s -o ConnectTimeout=10"
# Of a context that no run is for.
STRANGER = "canary-of-another-cluster-41c7"


@dataclass
class Control:
    """The control node: its folder is its home, with everything that a run may push."""

    bastions: Bastions
    # Where its ansible-playbook is, if not in PATH.
    programs: Path | None = None
    # Of the last run, each with the seconds from its start.
    lines: list[tuple[float, str]] = field(default_factory=list)

    def seen(self, text: str) -> float:
        """Seconds after which a text was on the screen."""
        return next(seconds for seconds, line in self.lines if text in line)

    @property
    def home(self) -> Path:
        return self.bastions.folder / "control"

    def kubeconfig(self) -> Path:
        """An administrator's, with files beside it, and one more context."""
        site, folder = self.bastions.site, self.home / "kube"
        folder.mkdir(parents=True)
        config = json.loads(site.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        for entry, key in ((cluster, "certificate-authority"), (user, "client-certificate"), (user, "client-key")):
            (folder / key).write_bytes(base64.b64decode(entry.pop(f"{key}-data")))
            entry[key] = key
        cluster["server"] = f"https://{node_address(site)}:6443"
        config["users"].append({"name": "stranger", "user": {"token": STRANGER}})
        context = {"cluster": config["clusters"][0]["name"], "user": "stranger"}
        config["contexts"].append({"name": "stranger", "context": context})
        path = folder / "config"
        path.write_text(json.dumps(config))
        return path

    def play(self, playbook: str, variables: Vars, hosts: dict[str, Vars], *arguments: str) -> Run:
        self.home.mkdir(exist_ok=True)
        inventory = self.home / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": {"ansible_ssh_args": SSH, **variables}}}))
        networks, started = self.bastions.networks, time.monotonic()
        command = ["ansible-playbook", playbook, "-i", str(inventory), *arguments]
        path = os.pathsep.join([*([str(self.programs)] if self.programs else []), os.environ["PATH"]])
        kept = {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        environment = {"HOME": str(self.home), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [*networks.within(networks.control), *command],
            cwd=ROOT,
            env={**kept, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        self.lines = [(time.monotonic() - started, line) for line in process.stdout]
        output = "".join(line for _seconds, line in self.lines)
        run = Run(process.wait(), output, time.monotonic() - started)
        self.bastions.site.say(f"  {' '.join(command[:2])}: exit {run.code} after {run.seconds:.0f} s")
        print(run.output)
        return run


class Watch(threading.Thread):
    """Looks at a bastion over and over: command lines with a secret, and the files of the run with their modes."""

    def __init__(self, bastion: Bastion, secrets: t.Iterable[str]) -> None:
        super().__init__(daemon=True)
        self.bastion, self.secrets = bastion, list(secrets)
        self.told: set[str] = set()
        self.files: dict[str, int] = {}
        self.content: dict[str, bytes] = {}
        self.looks = 0
        self.done = threading.Event()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        while not self.done.is_set():
            self.told.update(line for line in self.bastion.processes() if any(one in line for one in self.secrets))
            for path in (self.bastion.files / "tmp").glob("holmes.*"):
                with contextlib.suppress(OSError):
                    self._look(path)
            self.looks += 1
            time.sleep(0.05)

    def _look(self, folder: Path) -> None:
        self.files[""] = folder.stat().st_mode
        for path in folder.iterdir():
            self.files[path.name] = path.stat().st_mode
            if path.is_file():
                self.content[path.name] = path.read_bytes()


def settled(bastion: Bastion) -> list[str]:
    """Its processes, once the last connection is closed."""
    deadline = time.monotonic() + PERSIST + 10
    while len(found := bastion.processes()) > 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    return found
