# SPDX-License-Identifier: GPL-3.0-or-later
"""A job run by ansible-runner behind the gap, with a project that nobody can write to; what it leaves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import SITE, Vars
from tests.fleet.runner_job import IDENT, Prepared
from tests.fleet.runner_site import Awx
from tests.lab.cache import Cache, cache_root

# In a mount namespace of its own, so nobody else sees it, and it is over with the command.
FROZEN = """\
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 125
shift
exec "$@"
"""


@dataclass(frozen=True)
class Done:
    """A job that is over: what ansible-runner left in the artifacts of the folder."""

    folder: Path
    code: int
    said: str
    seconds: float

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts" / IDENT

    @property
    def status(self) -> str:
        return (self.artifacts / "status").read_text()

    @property
    def events(self) -> list[Vars]:
        """All of the job, by their counters."""
        found = [json.loads(path.read_text()) for path in (self.artifacts / "job_events").glob("*.json")]
        return sorted(found, key=lambda event: int(event["counter"]))

    @property
    def handed_on(self) -> Vars:
        """What AWX keeps of the job and gives to the next node of a workflow: its set_stats."""
        return dict(self.stats.get("artifact_data", {}))

    @property
    def stats(self) -> Vars:
        (event,) = [one for one in self.events if one["event"] == "playbook_on_stats"]
        return dict(event["event_data"])

    def report(self) -> Vars:
        found: Vars = json.loads((self.artifacts / "reports" / "report.json").read_text())
        return found

    def text(self) -> str:
        return "\n".join(event["stdout"] for event in self.events)


def environment(awx: Awx, home: Path) -> list[str]:
    """What an execution environment has: programs and a home. Nothing of the machine or of the site's keys."""
    path = os.pathsep.join((str(awx.programs), str(Cache(cache_root()).bin), "/usr/bin", "/bin"))
    return ["env", "-i", f"PATH={path}", f"HOME={home}", "LANG=C.UTF-8"]


def frozen(job: Prepared) -> list[str]:
    """What a command is put behind, so that it cannot write into the project."""
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", FROZEN, "sh", str(job.project)]


def command(awx: Awx, job: Prepared, home: Path) -> list[str]:
    """ansible-runner in the network of the site."""
    runner = ["ansible-runner", "run", str(job.folder), "-p", job.playbook, "-i", IDENT]
    return [str(SITE), "exec", "--name", awx.site.name, "--", *frozen(job), *environment(awx, home), *runner]


def start(awx: Awx, job: Prepared, home: Path | None = None) -> subprocess.Popen[str]:
    """Begin a job, in a process group of its own."""
    home = home or job.folder / "home"
    home.mkdir(exist_ok=True)
    awx.site.say(f"\n  ansible-runner run {job.folder.name}: {job.playbook}")
    return subprocess.Popen(
        command(awx, job, home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait(awx: Awx, job: Prepared, process: subprocess.Popen[str], started: float, timeout: float = 1500) -> Done:
    """The end of a job that was begun. One that takes too long is killed, and fails."""
    try:
        said, _nothing = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        kill(job)
        process.wait(20)
        raise
    done = Done(job.folder, process.returncode, said, time.monotonic() - started)
    awx.site.say(f"  {job.folder.name}: exit {done.code} after {done.seconds:.0f} s")
    return done


def until(job: Prepared, process: subprocess.Popen[str], task: str) -> None:
    """Until a host of the job is at this task."""
    events, read = job.folder / "artifacts" / IDENT / "job_events", set()
    while process.poll() is None:
        for path in events.glob("*-*.json") if events.is_dir() else ():
            if path.name in read or "partial" in path.name:
                continue
            read.add(path.name)
            event = json.loads(path.read_text())
            if event["event"] == "runner_on_start" and task in event["event_data"]["task"]:
                return
        time.sleep(0.1)
    raise AssertionError(f"the job ended before it came to '{task}'")


def run(awx: Awx, job: Prepared, at: t.Mapping[str, t.Callable[[], None]] | None = None) -> Done:
    """A whole job. What is in ``at`` is called when a host comes to the task of that name."""
    started = time.monotonic()
    process = start(awx, job)
    for task, then in (at or {}).items():
        until(job, process, task)
        then()
    done = wait(awx, job, process, started)
    print(done.said)
    if (done.artifacts / "job_events").is_dir():
        print(done.text())
    return done


def kill(job: Prepared) -> None:
    """SIGKILL for all of a job, as when its container is killed.

    ansible-runner gives ansible-playbook a terminal, and so a session of its own: a process group is not all of it.
    """
    deadline = time.monotonic() + 20
    while found := processes(job):
        assert time.monotonic() < deadline, f"these do not end: {found}"
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def processes(job: Prepared) -> list[int]:
    """Those that live with the environment of this job, and the ansible-runner of its folder."""
    environment = f"AWX_PRIVATE_DATA_DIR={job.folder}".encode()
    runner = ["run", str(job.folder), "-p", job.playbook]

    def ours(process: Path) -> bool:
        arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        begins = (arguments[at : at + len(runner)] == runner for at in range(len(arguments)))
        return environment in (process / "environ").read_bytes().split(b"\0") or any(begins)

    return processes_where(ours)


def processes_where(wanted: t.Callable[[Path], bool]) -> list[int]:
    """The processes of this machine that are so, given as their folders; a zombie has ended."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            state = (process / "stat").read_text().rpartition(")")[2].split()[0] if process.name.isdigit() else "X"
            if state not in "ZX" and int(process.name) != os.getpid() and wanted(process):
                found.append(int(process.name))
    return found


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder, with what it is."""
    found = {}
    for path in sorted(folder.rglob("*")):
        what = "folder"
        if path.is_symlink():
            what = f"-> {os.readlink(path)}"
        elif path.is_file():
            what = f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        found[str(path.relative_to(folder))] = what
    return found
