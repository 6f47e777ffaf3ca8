# SPDX-License-Identifier: GPL-3.0-or-later
"""An execution node: a Debian of its own with a real sshd, in another network of the site. It is gone with its process.

It has the programs of an execution environment: ansible-core, ansible-runner, Helm; no key, no checkout, no kubeconfig.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.site_run import SITE
from tests.fleet.bastion_root import USER, root
from tests.fleet.runner_run import processes_where
from tests.fleet.runner_site import Awx
from tests.lab.cache import Cache, cache_root

SCRIPT = Path(__file__).with_name("runner_node.sh")
PROGRAMS = ("ansible-playbook", "ansible-runner")


@dataclass
class Node:
    """A running node. ``seen`` are the command lines of its processes, as far as somebody looked."""

    awx: Awx
    folder: Path
    pid: int
    seen: set[str] = field(default_factory=set)

    def ssh(self, *command: str) -> list[str]:
        """The argument list that runs a command there, from the network of the site."""
        config = str(self.folder / "ssh_config")
        return [str(SITE), "exec", "--name", self.awx.site.name, "--", "ssh", "-F", config, "node", *command]

    def output(self, *command: str) -> str:
        return subprocess.run(self.ssh(*command), check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout

    @contextlib.contextmanager
    def watched(self) -> t.Iterator[None]:
        """Look at the command lines of all processes there, again and again."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(0.02):
                for pid in self.processes():
                    with contextlib.suppress(OSError):
                        self.seen.add(Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace"))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(10)

    def is_quiet(self) -> bool:
        """Whether soon only its first process still lives; a session takes a moment to end."""
        deadline = time.monotonic() + 5
        while self.processes() != [self.pid] and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.processes() == [self.pid]

    def processes(self) -> list[int]:
        home = os.readlink(f"/proc/{self.pid}/ns/pid")
        return processes_where(lambda process: os.readlink(process / "ns" / "pid") == home)


@contextlib.contextmanager
def node_at(awx: Awx, folder: Path) -> t.Iterator[Node]:
    """A node in a network of its own behind the gap, with the lab's host as its only neighbour."""
    (folder / "memory").mkdir(parents=True)
    for key in ("key", "host_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", str(folder / key)]
        subprocess.run(command, check=True)
    fresh = [
        "unshare",
        "--mount",
        "--net",
        "--ipc",
        "--uts",
        "--pid",
        "--fork",
        "--kill-child",
        "--propagation=private",
    ]
    programs = [*(awx.programs / name for name in PROGRAMS), *(Cache(cache_root()).bin / name for name in ("helm",))]
    # The Debian of a bastion; its python3 brings the libraries that any build of Python wants.
    place = [root(Cache(cache_root())), USER, folder, awx.site.facts["SITE_CA_FILE"]]
    arguments = [*place, *programs, "--", *_folders(awx)]
    command = [str(SITE), "exec", "--name", awx.site.name, "--", *fresh, str(SCRIPT), *map(str, arguments)]
    with (folder / "node.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        node = Node(awx, folder, _first(process, folder))
        _connect(node)
        yield node
    finally:
        process.kill()  # with it goes the first process, and with that one all others
        process.wait(20)


def _folders(awx: Awx) -> list[Path]:
    """What the node sees of this machine: the programs of an execution environment."""
    cache = Cache(cache_root())
    asked = [awx.programs / "python", "-c", "import sys; print(sys.base_prefix)"]
    python = Path(subprocess.check_output([str(part) for part in asked], text=True).strip())
    return [cache.bin, cache.made, awx.programs.parent, *([python] if python != Path("/usr") else [])]


def _first(process: subprocess.Popen[bytes], folder: Path) -> int:
    """The id of the node's first process on this machine, as soon as it is sshd."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        with contextlib.suppress(OSError):
            if children and Path(os.readlink(f"/proc/{children[0]}/exe")).name == "sshd":
                return int(children[0])
        time.sleep(0.05)
    raise AssertionError(f"no node: {(folder / 'node.log').read_text()}")


def _connect(node: Node) -> None:
    """A cable between the lab's host and the node, and how ssh finds it."""
    site, net = node.awx.site, f"/proc/{node.pid}/ns/net"
    number = site.facts["SITE_ADDRESS"].split(".")[2]
    near, far, device = f"10.203.{number}.1", f"10.203.{number}.2", f"{node.awx.name}-node"[:15]
    site.exec("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", str(node.pid))
    site.exec("ip", "address", "add", f"{near}/30", "dev", device)
    site.exec("ip", "link", "set", device, "up")
    for command in (f"address add {far}/30 dev eth0", "link set eth0 up", f"route add default via {near}"):
        subprocess.run(["nsenter", f"--net={net}", "ip", *command.split()], check=True)
    host_key = " ".join((node.folder / "host_key.pub").read_text().split()[:2])
    (node.folder / "known_hosts").write_text(f"{far} {host_key}\n")
    lines = ["Host node", f"HostName {far}", f"User {USER}", f"IdentityFile {node.folder}/key", "IdentitiesOnly yes"]
    lines += [f"UserKnownHostsFile {node.folder}/known_hosts", "StrictHostKeyChecking yes", "BatchMode yes"]
    (node.folder / "ssh_config").write_text("\n".join(lines) + "\n")
