# SPDX-License-Identifier: GPL-3.0-or-later
"""The private host: a Debian root with podman in its own namespaces, whose network has no route out.

Nothing is installed on the machine. The host lives as long as its first process; everything in it dies with that one,
because it is process 1 of a pid namespace.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .cgroups import Groups
from .errors import LabError
from .progress import last_line, run_logged

SCRIPT = Path(__file__).parent / "data" / "host.sh"
PATH = "/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NAMESPACES = ("mount", "net", "ipc", "uts", "pid", "cgroup")


@dataclass(frozen=True)
class Roots:
    """What a private host is made of: Debian root, cache, process 1, and the podman store with the node image."""

    debian: Path
    cache: Path
    init: Path
    node_image: Path | None = None


class PrivateHost:
    """The private host of the lab whose state is in the directory `state`."""

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.state = state
        self.log = state / "log" / "host.log"
        # two caches may hold labs of the same name
        owner = hashlib.sha256(str(state).encode()).hexdigest()[:8]
        self.groups = Groups.of(f"holmes-lab-{name.strip('.')}-{owner}")

    def pid(self) -> int | None:
        """The id of its first process on this machine; None when it does not run."""
        return self.groups.init()

    def start(self, roots: Roots) -> None:
        """Start it. Raises LabError with the reason when it does not come up within 20 s."""
        for directory in ("log", "store", "host/upper", "host/work", "host/merged"):
            (self.state / directory).mkdir(parents=True, exist_ok=True)
        self.groups.create()
        part = "" if self.groups.unified else "host"
        groups = [f"{top.parent}={top / part}" for top in self.groups.tops]
        command = ["unshare", *[f"--{space}" for space in NAMESPACES]]
        command += ["--fork", "--kill-child", "--propagation=private"]
        command += [str(SCRIPT), str(roots.debian), str(self.state), str(roots.cache)]
        command += [str(roots.node_image or "-"), str(roots.init), "site", *groups]
        with self.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - argv list, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: self.groups.join(part),  # noqa: PLW1509 - the lab has one thread
            )
        self._wait(process)
        if self.groups.unified:
            self.groups.evacuate()
        self.groups.delegate()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise LabError(f"The private host does not start: {last_line(self.log)}", self.log)
            pid = self.pid()
            if pid and Path(f"/proc/{pid}/root/run/lab-ready").exists() and not _in_script(pid):
                return
            time.sleep(0.05)
        raise LabError("The private host did not come up within 20 s", self.log)

    def enter(self, command: Sequence[str]) -> list[str]:
        """The argument list that runs a command inside, with a clean environment."""
        pid = self.pid()
        if pid is None:
            raise LabError(f"The private host of lab {self.name!r} does not run: start it with `lab up`")
        spaces = ["--mount", "--net", "--ipc", "--uts", "--pid", "--cgroup", "--root", "--wd"]
        environment = [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "KIND_EXPERIMENTAL_PROVIDER=podman"]
        return ["nsenter", f"--target={pid}", *spaces, "env", "-i", *environment, *command]

    def join(self) -> None:
        """Make the calling process a member of the host's control groups."""
        self.groups.join("host")

    def run(self, command: Sequence[str], *, what: str, log: Path) -> float:
        """Run a command inside with its output in a log; see run_logged."""
        return run_logged(self.enter(command), what=what, log=log, prepare=self.join)

    def output(self, command: Sequence[str], *, what: str, stdin: str | None = None, timeout: float = 120) -> str:
        """Run a command inside and return what it prints. Raises LabError with its last words."""
        done = self.attempt(command, stdin=stdin, timeout=timeout)
        if done.returncode:
            words = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            raise LabError(f"{what} failed with exit code {done.returncode}: {words}")
        return done.stdout

    def attempt(
        self, command: Sequence[str], *, stdin: str | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside whatever comes of it; exit code 124 when it takes longer than `timeout` seconds."""
        argv = self.enter(command)
        try:
            return subprocess.run(  # noqa: S603 - argv list, no shell
                argv,
                input=stdin or "",
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
                preexec_fn=self.join,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 124, "", f"no end after {timeout:.0f} s")

    def daemon(self, command: Sequence[str], log: Path) -> None:
        """Start a service inside that stays. Its output goes to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            # the shell ends at once, so that the service becomes a child of the host's first process
            subprocess.run(  # noqa: S603 - argv list, no shell
                self.enter(["sh", "-c", 'setsid "$@" </dev/null &', "sh", *command]),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                preexec_fn=self.join,
            )

    def end(self) -> None:
        """End everything that runs in it, remove its control groups and its state. Safe to repeat."""
        self.groups.end()
        if self.state.exists():
            remove_tree(self.state)


def _in_script(pid: int) -> bool:
    """True while the first process is still the start script, in which the machine's files are in sight."""
    try:
        return Path(os.readlink(f"/proc/{pid}/exe")).name != "lab-init"
    except OSError:
        return True


def remove_tree(top: Path) -> None:
    """Remove a directory of state. Raises LabError when something in it cannot be removed."""
    try:
        shutil.rmtree(top)
    except OSError as error:
        raise LabError(f"{error.filename} cannot be removed: {error.strerror}") from error
