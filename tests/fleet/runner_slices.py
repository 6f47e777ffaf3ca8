# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory in slices, as AWX makes them: jobs at the same time, one of which is killed and launched again."""

from __future__ import annotations

import json
import os
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import ROOT, SITE, Vars
from tests.fleet.runner_events import holding
from tests.fleet.runner_job import Launch, Prepared, prepared
from tests.fleet.runner_run import Done, kill, start, until, wait
from tests.fleet.runner_site import Awx
from tests.playbooks.awx_job import sliced

TEMPLATE = "HolmesGPT deploy"
# Helm has applied it, pods come up, the lock is held, credentials lie in the work folder.
MIDDLE = "Verify | Rollout"
# Slices are for several machines; here they share one, and have about as many forks together as the whole job.
FORKS = 2
# Of a check, what does not tell when and under which name of a pod it was made.
SAME = ("id", "title", "status", "phase")


@dataclass(frozen=True)
class Fleet:
    """Many clusters of one AWX, whose jobs run on one machine: they share a home and a folder for temporary files."""

    awx: Awx
    folder: Path
    inventory: Vars

    def __post_init__(self) -> None:
        for name in ("home", "tmp"):
            (self.folder / name).mkdir(parents=True)

    @property
    def hosts(self) -> list[str]:
        return list(self.inventory["clusters"]["hosts"])

    def job(self, name: str, inventory: Vars, reports: Path, forks: int = 5) -> Prepared:
        own = {"TMPDIR": str(self.folder / "tmp"), "HOLMES_ONPREM_REPORT_DIR": str(reports)}
        launch = Launch(forks=forks, env={**self.awx.env, **own})
        return prepared(self.awx.objects, TEMPLATE, self.folder / name, inventory, launch)

    def whole(self, reports: Path) -> Done:
        """All hosts in one job."""
        job, started = self.job("whole", self.inventory, reports), time.monotonic()
        return wait(self.awx, job, start(self.awx, job, self.folder / "home"), started)

    def slices(self, count: int, reports: Path, killed: int, seen: t.Callable[[list[str]], None]) -> dict[str, Done]:
        """All hosts in so many jobs at once. One is killed in the middle of its work, and launched again.

        ``seen`` is called between, with the hosts of that one.
        """
        parts = {number: sliced(self.inventory, number, count) for number in range(1, count + 1)}
        started = time.monotonic()
        jobs = {number: self.job(f"slice-{number}", part, reports, FORKS) for number, part in parts.items()}
        running = {number: start(self.awx, job, self.folder / "home") for number, job in jobs.items()}
        until(jobs[killed], running[killed], MIDDLE)
        kill(jobs[killed])
        running.pop(killed).wait(20)
        self.awx.site.say(f"  slice {killed} is killed after {time.monotonic() - started:.0f} s")
        seen(parts[killed]["clusters"]["hosts"])
        jobs[killed] = self.job(f"slice-{killed}-again", parts[killed], reports, FORKS)
        running[killed] = start(self.awx, jobs[killed], self.folder / "home")
        return {jobs[n].folder.name: wait(self.awx, jobs[n], running[n], started) for n in sorted(jobs)}

    def merged(self, reports: Path) -> Vars:
        """The report that playbooks/report.yml makes of what all jobs left."""
        inventory = self.folder / "hosts.json"
        hosts = {name: {"ansible_connection": "local"} for name in self.hosts}
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
        command = [str(SITE), "exec", "--name", self.awx.site.name, "--", str(self.awx.programs / "ansible-playbook")]
        env = {**os.environ, "HOLMES_ONPREM_REPORT_DIR": str(reports)}
        subprocess.run([*command, "playbooks/report.yml", "-i", str(inventory)], cwd=ROOT, env=env, check=True)
        found: Vars = json.loads((reports / "report.json").read_text())
        return found

    def leases(self) -> list[str]:
        """The locks that somebody holds over these hosts."""
        found = self.awx.site.get("leases", "-A")["items"]
        return sorted(one["metadata"]["namespace"] for one in found if one["metadata"]["namespace"] in self.hosts)

    def work_folders(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "tmp").glob("holmes.*"))

    def secrets_left(self) -> dict[str, str]:
        secrets = [self.awx.objects.secrets[name] for name in self.awx.objects.secrets if name != "SITE_CLUSTER_CA"]
        return {**holding(self.folder / "tmp", secrets), **holding(self.folder / "home", secrets)}


def essence(report: Vars) -> dict[str, Vars]:
    """What two runs over the same hosts have to agree on: everything but times, and words in which times stand."""
    found = {}
    for host in report["hosts"]:
        kept = {key: host[key] for key in ("title", "state", "verdict", "failed_step", "exceptions")}
        # Values carry a token that is keyed with the uid of a Secret, which was made anew.
        versions = {key: host["versions"][key] for key in host["versions"] if key != "values_sha256"}
        checks = [{key: check[key] for key in SAME} for check in host["checks"]]
        phases = [(phase["name"], phase["status"]) for phase in host["phases"]]
        found[host["host"]] = {**kept, "versions": versions, "checks": checks, "phases": phases}
    return found
