# SPDX-License-Identifier: GPL-3.0-or-later
"""A bastion: a real sshd in its own root, seen from outside: its log, its processes, every file that was written."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import time
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.site_run import Site, Vars
from tests.fleet.bastion_net import Networks
from tests.fleet.bastion_root import USER

SCRIPT = Path(__file__).with_name("bastion.sh")
HOSTS = ("registry.site.internal", "charts.site.internal")
# Nothing but keys, and every word about what happens.
SSHD = """\
HostKey /etc/ssh/host_key
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile none
LogLevel DEBUG3
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Keys:
    """The operator's key, and the bastions' as the control node knows them."""

    folder: Path

    @property
    def own(self) -> Path:
        return self.folder / "id"

    @property
    def host(self) -> Path:
        return self.folder / "host_key"

    @property
    def known(self) -> Path:
        return self.folder / "known_hosts"

    def make(self, networks: Networks, ports: t.Iterable[int]) -> None:
        for path in (self.own, self.host):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)
        public = self.host.with_suffix(".pub").read_text()
        self.known.write_text("".join(f"[{networks.address}]:{port} {public}" for port in ports))

    def forget(self, bastion: Bastion) -> None:
        """From here on the control node expects another key of this one."""
        begin, other = f"[{bastion.networks.address}]:{bastion.port} ", self.own.with_suffix(".pub").read_text()
        lines = [line for line in self.known.read_text().splitlines(keepends=True) if not line.startswith(begin)]
        self.known.write_text("".join([*lines, begin + other]))


@dataclass
class Bastion:
    """``removed`` are patterns of paths that this one lacks, ``helm`` the program it has, if any."""

    networks: Networks
    keys: Keys
    folder: Path
    port: int
    helm: Path | None
    removed: tuple[str, ...] = ()
    pid: int = field(default=0, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "sshd.log"

    @property
    def files(self) -> Path:
        """Everything that was written since it began."""
        return Path(f"/proc/{self.pid}/root")

    def connection(self) -> Vars:
        """What an inventory says of it. Host keys are checked."""
        options = f"-o UserKnownHostsFile={self.keys.known} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
        return {
            "ansible_connection": "ssh",
            "ansible_host": self.networks.address,
            "ansible_port": self.port,
            "ansible_user": USER,
            "ansible_ssh_private_key_file": str(self.keys.own),
            "ansible_ssh_common_args": options,
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_pipelining": True,
        }

    def prepare(self, site: Site) -> None:
        ssh, home = self.folder / "etc" / "ssh", self.folder / "home" / USER / ".ssh"
        for folder in (ssh, home):
            folder.mkdir(parents=True)
        (ssh / "sshd_config").write_text(SSHD)
        shutil.copy(self.keys.host, ssh / "host_key")
        shutil.copy(self.keys.own.with_suffix(".pub"), home / "authorized_keys")
        home.chmod(stat.S_IRWXU)
        address = site.facts["SITE_ADDRESS"]
        lines = ["127.0.0.1 localhost bastion", *(f"{address} {name}" for name in HOSTS)]
        (self.folder / "etc" / "hosts").write_text("\n".join(lines) + "\n")
        if self.helm:
            (self.folder / "helm").symlink_to(self.helm.resolve())

    def command(self, root: Path) -> list[str]:
        spaces = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--propagation=private"]
        script = [str(SCRIPT), str(root), str(self.folder), str(self.port), *self.removed]
        return [*self.networks.within(self.networks.bastion), *spaces, *script]

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 20
        while "Server listening" not in self.log.read_text():
            assert process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        self.pid = _child(process.pid)

    def ssh(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command on it, as its user, from the control node."""
        options = ["-o", f"UserKnownHostsFile={self.keys.known}", "-o", "BatchMode=yes", "-i", str(self.keys.own)]
        target = ["-p", str(self.port), f"{USER}@{self.networks.address}"]
        argv = [*self.networks.within(self.networks.control), "ssh", *options, *target, *command]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)

    def processes(self) -> list[str]:
        """The command line of each of its processes."""
        space, found = os.readlink(f"/proc/{self.pid}/ns/pid"), []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(entry / "ns" / "pid") == space:
                    found.append((entry / "cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ").strip())
        return found

    def written(self) -> dict[str, bytes]:
        """Files below folders where anybody may write, by their paths; folders have no content."""
        found: dict[str, bytes] = {}
        for top in ("home", "tmp", "var", "root", "run", "dev/shm", "etc", "opt", "srv"):  # noqa: S108
            for folder, _folders, names in os.walk(self.files / top):
                for path in (Path(folder), *(Path(folder) / name for name in names)):
                    shown = "/" + str(path.relative_to(self.files))
                    found[shown] = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        return found


def _child(pid: int) -> int:
    """The one process that ``unshare --fork`` made: process 1 of the bastion."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@contextlib.contextmanager
def running(bastion: Bastion, site: Site, root: Path) -> t.Iterator[Bastion]:
    """The bastion, until the end; all its processes end with it."""
    bastion.prepare(site)
    with bastion.log.open("wb") as log:
        process = subprocess.Popen(bastion.command(root), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        bastion.wait(process)
        yield bastion
    finally:
        process.kill()
        process.wait(10)
