# SPDX-License-Identifier: GPL-3.0-or-later
"""Three ways to the same installations: the guide's commands, a plain playbook, this collection."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.hosts import KEY, Hosts
from tests.bench.measure import Broken

HERE = Path(__file__).resolve().parent
FRESH, NOOP, UPGRADE = SITUATIONS = ("fresh", "noop", "upgrade")


@dataclass
class Contender:
    """``command`` and ``env`` do the work for all hosts; ``judge`` raises Broken if the log says that it went wrong."""

    hosts: Hosts
    forks: int
    name: t.ClassVar[str] = ""
    # Those of Ansible that it has in any case.
    callbacks: t.ClassVar[tuple[str, ...]] = ()

    def command(self, round_: int) -> list[str]:
        raise NotImplementedError

    def env(self) -> dict[str, str]:
        return {"ANSIBLE_FORKS": str(self.forks), "ANSIBLE_NOCOLOR": "1"}

    def judge(self, situation: str, log: str) -> None:
        changed = sum(int(number) for number in re.findall(r"\bchanged=(\d+)", log))
        if (changed == 0) != (situation == NOOP):
            raise Broken(f"{self.name} changed {changed} things in the situation {situation}")


@dataclass
class Raw(Contender):
    name = "raw"
    # What the script marked, of each situation.
    steps: dict[str, str] = field(default_factory=dict)

    def command(self, round_: int) -> list[str]:
        lines = "".join(f"{name} {port}\n" for name, port in self.hosts.ports.items())
        given = self.hosts.write("hosts.txt", lines)
        self.hosts.values(round_)
        for name, text in (("login", self.hosts.login()), ("key", KEY), ("steps", "")):
            self.hosts.write(name, text)
        return ["xargs", "-P", str(self.forks), "-n", "2", "-a", str(given), str(HERE / "raw.sh")]

    def env(self) -> dict[str, str]:
        files = {"VALUES": "values.json", "LOGIN_FILE": "login", "KEY_FILE": "key", "STEPS": "steps"}
        return {"CHART": str(self.hosts.chart), **{name: str(self.hosts.folder / file) for name, file in files.items()}}

    def judge(self, situation: str, log: str) -> None:
        self.steps[situation] = self.hosts.read("steps")
        answers = log.count('"analysis"')
        if answers != len(self.hosts.names):
            raise Broken(f"{answers} of {len(self.hosts.names)} installations answered")


@dataclass
class Plain(Contender):
    name = "plain"

    def command(self, round_: int) -> list[str]:
        inventory = self.hosts.write("hosts.json", json.dumps(self.hosts.plain(round_)))
        return ["ansible-playbook", str(HERE / "plain.yml"), "-i", str(inventory)]

    def env(self) -> dict[str, str]:
        return {**super().env(), "ANSIBLE_CONFIG": str(HERE / "plain.cfg")}


@dataclass
class Ours(Contender):
    name = "ours"
    callbacks = ("holmesgpt.onprem.report",)
    # Of each host, the ids of the checks of its fresh installation.
    checks: dict[str, list[str]] = field(default_factory=dict)

    def command(self, round_: int) -> list[str]:
        inventory = self.hosts.write("hosts.json", json.dumps(self.hosts.ours(round_)))
        return ["ansible-playbook", "site.yml", "-i", str(inventory)]

    def judge(self, situation: str, log: str) -> None:
        super().judge(situation, log)
        found = check_ids(json.loads((self.hosts.folder / "report" / "report.json").read_text()))
        if situation == FRESH:
            self.checks = found
        elif situation == NOOP and found != self.checks:
            raise Broken(
                "the checks without a change are others than of the installation: " + unlike(self.checks, found)
            )


def check_ids(report: t.Any) -> dict[str, list[str]]:
    """Of each host the ids of its checks, each once, sorted."""
    return {host["host"]: sorted({check["id"] for check in host["checks"]}) for host in report["hosts"]}


def unlike(fresh: dict[str, list[str]], again: dict[str, list[str]]) -> str:
    """The first host that differs, in words."""
    for host in sorted({*fresh, *again}):
        first, second = set(fresh.get(host, ())), set(again.get(host, ()))
        if first != second:
            return f"{host} lacks {sorted(first - second)} and has {sorted(second - first)} more"
    return ""


CONTENDERS: tuple[type[Contender], ...] = (Raw, Plain, Ours)
