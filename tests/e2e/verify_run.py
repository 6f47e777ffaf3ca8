# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of verify.yml as a test sees it: reports, seconds of each host, and what it changed at the API server."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import ROOT, SITE, Run, Site, Vars

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


@contextlib.contextmanager
def behind_the_gap(site: Site, *command: str) -> t.Iterator[t.Any]:
    """A Python module of ours within the site, until the end; gives the JSON of its first line."""
    argv = [str(SITE), "exec", "--name", site.name, "--", sys.executable, "-m", *command]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


class Writes:
    """What the verification changed at the API server since this was made."""

    def __init__(self, site: Site) -> None:
        self.path = Path(site.facts["SITE_AUDIT_LOG"])
        self.start = len(self.path.read_text().splitlines())

    def found(self) -> list[str]:
        events = [json.loads(line) for line in self.path.read_text().splitlines()[self.start :]]
        return [f"{event['user']['username']}: {event['verb']} {event['requestURI']}" for event in events if bad(event)]


def bad(event: Vars) -> bool:
    user, about = event["user"]["username"], event.get("objectRef", {})
    ours = user == "kubernetes-admin" or user.startswith(("system:serviceaccount:vf-", "system:serviceaccount:t-"))
    harmless = about.get("resource") in HARMLESS or about.get("subresource") in HARMLESS_PARTS
    return ours and not harmless and "dryRun=All" not in event["requestURI"]


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
    before = Writes(site)
    run = site.play_hosts(folder, "playbooks/verify.yml", base, hosts, *arguments, env=env)
    tasks = [json.loads(line) for line in watch.read_text().splitlines()]
    taken = {task["host"]: task["seconds"] for task in tasks if task["action"] == MODULE}
    found = {path.stem: json.loads(path.read_text()) for path in (reports / "hosts").glob("*.json")}
    return Verified(run, before.found(), found, taken)
