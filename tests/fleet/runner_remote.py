# SPDX-License-Identifier: GPL-3.0-or-later
"""A job as AWX hands it to an execution node: transmit here, worker there, process here, joined by one SSH session."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.e2e.site_run import Vars
from tests.fleet.runner_job import IDENT, Launch, prepared
from tests.fleet.runner_node import Node
from tests.fleet.runner_run import Done, environment

# Where the job lies on the node. AWX takes the same path as on its own side, and has it deleted at the end.
THERE = "/tmp/awx_7_job"


@dataclass(frozen=True)
class Sent:
    """A job that was run by a node. ``lags`` are the seconds from each event to its arrival here."""

    done: Done
    codes: tuple[int, int, int]
    errors: str
    secrets: tuple[str, ...]
    lags: list[float]


def send(node: Node, name: str, folder: Path, inventory: Vars, launch: Launch) -> Sent:
    """Run a template on the node; what comes back lies in a folder of its own."""
    awx = node.awx
    folder.mkdir()
    job = prepared(awx.objects, name, folder / "sent", inventory, launch, seen=THERE)
    back = folder / "back"
    here = environment(awx, folder)
    transmit = [*here, "ansible-runner", "transmit", str(job.folder), "-p", job.playbook, "-i", IDENT]
    worker = node.ssh("ansible-runner", "worker", f"--private-data-dir={THERE}", "--delete")
    process = [*here, "ansible-runner", "process", str(back), "-i", IDENT]
    awx.site.say(
        f"\n  ansible-runner transmit {job.playbook} | ssh node ansible-runner worker | ansible-runner process"
    )
    started = time.monotonic()
    with (folder / "errors").open("wb") as errors, node.watched():
        first = subprocess.Popen(transmit, stdout=subprocess.PIPE, stderr=errors)
        second = subprocess.Popen(worker, stdin=first.stdout, stdout=subprocess.PIPE, stderr=errors)
        third = subprocess.Popen(process, stdin=second.stdout, stdout=subprocess.PIPE, stderr=errors, text=True)
        for pipe in (first.stdout, second.stdout):
            if pipe:
                pipe.close()
        said, _nothing = third.communicate(timeout=1500)
        codes = (first.wait(60), second.wait(60), third.returncode)
    done = Done(back, codes[1], said, time.monotonic() - started)
    awx.site.say(f"  exit {codes} after {done.seconds:.0f} s")
    told = (folder / "errors").read_text()
    print(said, told)
    return Sent(done, codes, told, job.secrets, _lags(done))


def _lags(done: Done) -> list[float]:
    """From the moment an event was made to that in which it was written here; both clocks are this machine's."""
    files = {int(path.name.partition("-")[0]): path for path in (done.artifacts / "job_events").glob("*.json")}
    made = {event["counter"]: datetime.fromisoformat(event["created"]).timestamp() for event in done.events}
    return [files[counter].stat().st_mtime - moment for counter, moment in made.items()]
