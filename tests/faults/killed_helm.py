# SPDX-License-Identifier: GPL-3.0-or-later
"""A Helm for holmes_helm_binary that is killed (-9) a while after it began, alone or together with Ansible.

Or Ansible alone is, and Helm works on without it.

It runs the real one, and notes what the release looks like once that is dead. Other verbs are passed on as they are.
"""

from __future__ import annotations

import json
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

WRAPPER = '''\
#!{python} -IS
import json, os, signal, subprocess, sys, time

plan = json.load(open({plan!r}))
words = [plan["helm"], *sys.argv[1:]]
if plan["verb"] not in sys.argv[1:]:
    os.execvp(words[0], words)


def revisions():
    query = ["kubectl", "get", "secrets", "-n", plan["namespace"], "-l", "owner=helm", "-o", "json"]
    found = json.loads(subprocess.run(query, stdout=subprocess.PIPE).stdout or "{{}}").get("items", [])
    labels = [one["metadata"]["labels"] for one in found]
    return sorted([int(one["version"]), one["status"]] for one in labels)


def parent(pid):
    return int(open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[1])


def kill_run():
    """The ancestors of this process up to the first process of Ansible, then this process itself."""
    line, pid = [], os.getpid()
    while pid > 1:
        line.append(pid)
        pid = parent(pid)
    ansible = [b"ansible-playbook" in open(f"/proc/{{pid}}/cmdline", "rb").read() for pid in line]
    last = max(number for number, is_it in enumerate(ansible) if is_it)
    for pid in reversed(line[: last + 1]):
        os.kill(pid, signal.SIGKILL)


helm = subprocess.Popen(words)
started = time.monotonic()
try:
    code = helm.wait(plan["delay"])
except subprocess.TimeoutExpired:
    if plan["helm_lives"]:
        kill_run()
    helm.kill()
    helm.wait()
    code = 137
with open({log!r}, "a") as stream:
    ran = round(time.monotonic() - started, 2)
    stream.write(json.dumps({{"code": code, "ran": ran, "revisions": revisions()}}) + "\\n")
if code == 137 and plan["with_ansible"]:
    kill_run()
sys.exit(code)
'''


@dataclass(frozen=True)
class Death:
    """What one Helm left: whether it was killed before its end, and the revisions as (number, status)."""

    killed: bool
    ran: float
    revisions: list[tuple[int, str]]

    @property
    def state(self) -> str:
        """The status of the newest revision; empty if there is none."""
        return self.revisions[-1][1] if self.revisions else ""

    @property
    def unfinished(self) -> bool:
        return self.killed and self.state.startswith(("pending-", "uninstalling"))


class MortalHelm:
    """The wrapper in a folder; ``helm`` is the real one."""

    def __init__(self, folder: Path, helm: str, namespace: str) -> None:
        self.path, self._plan, self._log = folder / "helm", folder / "helm.plan.json", folder / "helm.log"
        self._helm, self._namespace = helm, namespace
        self.path.write_text(WRAPPER.format(python=sys.executable, plan=str(self._plan), log=str(self._log)))
        self.path.chmod(0o755)
        self.live()

    def live(self) -> None:
        """From now on nothing happens to it."""
        self._write(verb=None, delay=0)

    def die(self, verb: str, delay: float, with_ansible: bool = False, helm_lives: bool = False) -> None:
        """From now on it is killed ``delay`` seconds after it began with this verb; ``helm_lives``: only Ansible is."""
        self._log.write_text("")
        self._write(verb=verb, delay=delay, with_ansible=with_ansible, helm_lives=helm_lives)

    def deaths(self) -> list[Death]:
        """What happened since, one for each Helm with the verb."""
        found = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [Death(one["code"] == 137, one["ran"], [(n, s) for n, s in one["revisions"]]) for one in found]

    def _write(self, **plan: t.Any) -> None:
        self._plan.write_text(json.dumps({"helm": self._helm, "namespace": self._namespace, **plan}))
