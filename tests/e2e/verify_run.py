# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of verify.yml as a test sees it: reports, seconds of each host, and what it changed at the API server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.observing import Writes
from tests.e2e.site_run import ROOT, Run, Site, Vars

MODULE = "holmesgpt.onprem.holmes_verify"
# What a verification may send besides reading: reviews, a forward into a pod, a short-lived token, a command in a pod.
HARMLESS = (
    "selfsubjectreviews",
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "subjectaccessreviews",
    "localsubjectaccessreviews",
)
HARMLESS_PARTS = ("portforward", "token", "exec", "proxy")
OURS = r"kubernetes-admin|system:serviceaccount:(vf|t)-.*"


def writes_of(site: Site) -> Writes:
    """What verifications change from now on."""
    return Writes(site, OURS, HARMLESS, HARMLESS_PARTS)


@dataclass
class Verified:
    """One run of ``verify.yml``: its output, what it wrote, and each host's report and seconds."""

    run: Run
    writes: list[str]
    reports: dict[str, Vars]
    seconds: dict[str, float]

    def checks(self, host: str) -> dict[str, Vars]:
        return {check["id"]: check for check in self.reports[host]["checks"]}


def verify(site: Site, folder: Path, hosts: dict[str, Vars], *arguments: str) -> Verified:
    """``verify.yml`` over these hosts, as on any control node."""
    reports, watch = folder / "reports", folder / "seconds.jsonl"
    base: Vars = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "holmes_report_dir": str(reports),
    }
    env = {"ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/e2e/callbacks"), "HOLMES_STOPWATCH": str(watch)}
    before = writes_of(site)
    run = site.play_hosts(folder, "playbooks/verify.yml", base, hosts, *arguments, env=env)
    tasks = [json.loads(line) for line in watch.read_text().splitlines()]
    taken = {task["host"]: task["seconds"] for task in tasks if task["action"] == MODULE}
    found = {path.stem: json.loads(path.read_text()) for path in (reports / "hosts").glob("*.json")}
    return Verified(run, before.found(), found, taken)
