# SPDX-License-Identifier: GPL-3.0-or-later
"""The providers `docker` and `podman`: kind's published node image, in containers on a network without a route out.

UNTRIED: written where neither an engine's daemon nor a registry is in reach; only its command lines are tested.
The registry, the chart repository and the DNS are containers that share the network of one that only sleeps; `lab exec`
enters that network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import binaries, versions
from .cache import Cache
from .cluster import Cluster, kind_config
from .errors import LabError
from .host import remove_tree
from .progress import run_logged, say
from .services import Services
from .state import Files, Lab

LABEL = "holmes-onprem-lab"
# An internal network gives its containers no default route, and without any a node cannot even reach a Service. This
# one leads to the site's container, which forwards nothing.
ROUTE = (
    "[Service]\nExecStartPre=-/bin/sh -c 'ip route show default | grep -q . || ip route add default via {address}'\n"
)


class Engine:
    """One container engine and the containers of one lab."""

    def __init__(self, program: str, lab: Lab, state: Path, tools: Path) -> None:
        self.program = program
        self.lab = lab
        self.state = state
        self.tools = tools
        self.name = f"{LABEL}-{lab.name}"

    def environment(self) -> dict[str, str]:
        own = {
            "KIND_EXPERIMENTAL_PROVIDER": self.program,
            f"KIND_EXPERIMENTAL_{self.program.upper()}_NETWORK": self.name,
            "PATH": f"{self.tools}:{os.environ.get('PATH', os.defpath)}",
        }
        return os.environ | own

    def argv(self, command: Sequence[str], *options: str) -> list[str]:
        """The argument list for a command: programs with an image run in a container of it, others on this machine."""
        image, entrypoint = versions.SERVICE_IMAGES.get(command[0], ("", ""))
        if not image:
            return list(command)
        flags = [
            f"--label={LABEL}={self.lab.name}",
            f"--volume={self.state}:/lab",
            "--user=0",
            f"--entrypoint={entrypoint}",
        ]
        network = (
            [] if any(option.startswith("--network") for option in options) else [f"--network=container:{self.name}"]
        )
        return [self.program, "run", *flags, *network, *options, image, *command[1:]]

    def run(self, command: Sequence[str], *, what: str, log: Path) -> float:
        return run_logged(self.argv(command, "--rm"), what=what, log=log, env=self.environment())

    def output(self, command: Sequence[str], *, what: str, stdin: str | None = None, timeout: float = 120) -> str:
        done = self.attempt(command, stdin=stdin, timeout=timeout)
        if done.returncode:
            words = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise LabError(f"{what} failed with exit code {done.returncode}: {words}")
        return done.stdout

    def attempt(
        self, command: Sequence[str], *, stdin: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        argv = self.argv(command, "--rm", "--interactive")
        try:
            return subprocess.run(  # noqa: S603 - argv list, no shell
                argv,
                input=stdin or "",
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
                env=self.environment(),
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 124, "", f"no end after {timeout:.0f} s")

    def daemon(self, command: Sequence[str], log: Path) -> None:
        name = f"{self.name}-{command[0]}"
        self.attempt([self.program, "rm", "--force", name])
        self.output(self.argv(command, "--detach", f"--name={name}"), what=f"starting {command[0]}", timeout=600)

    def create_network(self) -> None:
        """The network without a route out, and the container that stands for the site in it."""
        subnet = f"--subnet={self.lab.nodes_subnet}"
        network = ["network", "create", "--internal", subnet, f"--gateway={self.lab.nodes_gateway}", self.name]
        self.output([self.program, *network], what="creating the site's network")
        aliases = [f"--network-alias={name}" for name in self.lab.hosts]
        options = [f"--network={self.name}", f"--ip={self.lab.site_address}", *aliases, f"--name={self.name}"]
        self.output(self.argv(["sleep", "infinity"], "--detach", *options), what="starting the site", timeout=600)

    def site_pid(self) -> int | None:
        """The process of the site's container on this machine; None when it does not run."""
        done = self.attempt([self.program, "inspect", "--format={{.State.Pid}}", self.name])
        pid = done.stdout.strip()
        return int(pid) if done.returncode == 0 and pid.isdigit() and pid != "0" else None

    def remove(self) -> None:
        """Remove every container of the lab and the network."""
        kind_label = f"label=io.x-k8s.kind.cluster={self.lab.name}"
        for label in (f"label={LABEL}={self.lab.name}", kind_label):
            listed = self.output([self.program, "ps", "-aq", f"--filter={label}"], what=f"{self.program} ps")
            if listed.split():
                command = [self.program, "rm", "--force", "--volumes", *listed.split()]
                self.output(command, what="removing containers")
        if self.attempt([self.program, "network", "inspect", self.name]).returncode == 0:
            self.output([self.program, "network", "rm", self.name], what="removing the site's network")


def link_tools(cache: Cache) -> None:
    """kind and kubectl: those of the machine, or built ones where it has none."""
    for name in ("kind", "kubectl"):
        if (cache.bin / name).exists():
            continue
        if found := shutil.which(name):
            cache.link(name, Path(found))
        else:
            cache.link(name, binaries.kind(cache) if name == "kind" else binaries.kubernetes(cache) / name)


class EngineProvider:
    """One lab in containers of Docker or Podman."""

    def __init__(self, cache: Cache, lab: Lab) -> None:
        self.cache = cache
        self.lab = lab
        self.files = Files(cache.labs / lab.name)
        self.engine = Engine(lab.provider, lab, self.files.state, cache.bin)
        self.site = Services(lab, self.files, self.engine)
        inside = [lab.provider, "exec", lab.nodes[0], "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf"]
        self.cluster = Cluster(lab, self.files, self.engine, str(self.files.state), inside)

    @property
    def api(self) -> str:
        return f"https://{self.lab.nodes[0]}:{versions.API_PORT}"

    def network_pid(self) -> int | None:
        return self.engine.site_pid()

    def up(self, image: str) -> None:
        link_tools(self.cache)
        say(f"starting the site's services with {self.lab.provider}")
        self.engine.create_network()
        self.site.prepare()
        self.site.start()
        say("creating the cluster")
        config = kind_config(self.lab, str(self.files.site), not Path("/sys/fs/cgroup/cgroup.controllers").exists())
        route = self.files.site / "default-route.conf"
        route.write_text(ROUTE.format(address=self.lab.site_address))
        place = "/etc/systemd/system/kubelet.service.d/20-default-route.conf"
        for node in config["nodes"]:
            node["extraMounts"].append({"hostPath": str(route), "containerPath": place, "readOnly": True})
        self.cluster.create(image or versions.PUBLISHED_NODE_IMAGE, config)
        # on an internal network no port is published: the API server is reached by its name
        command = ["kind", "get", "kubeconfig", "--internal", "--name", self.lab.name]
        self.files.kubeconfig.write_text(self.engine.output(command, what="kind get kubeconfig"))

    def repair(self) -> None:
        self.site.start()

    def services(self) -> dict[str, bool]:
        return {name: self.site.answers(name) for name in ("dns", "registry", "charts")}

    def down(self) -> None:
        self.engine.remove()
        if self.files.state.exists():
            remove_tree(self.files.state)

    def enter(self) -> None:
        if os.geteuid() != 0:
            raise LabError("`lab exec` enters the site's network and needs root for it: run it with sudo -E")
        system = self.engine.output(
            [self.lab.provider, "info", "--format={{json .}}"], what=f"{self.lab.provider} info"
        )
        if "Docker Desktop" in system:
            raise LabError(
                "`lab exec` cannot enter the network of Docker Desktop's virtual machine: use Linux's Docker"
            )

    def load(self, archive: Path) -> None:
        self.cluster.load(str(archive.resolve()))

    def push(self, archive: Path, names: list[str]) -> list[str]:
        return self.site.push(archive, names)
