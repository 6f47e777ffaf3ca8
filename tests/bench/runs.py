# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a contender behind the gap, and what it cost."""

from __future__ import annotations

import json
import os
import sys
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._heartbeat import Heartbeat

from tests.bench.breakdown import Breakdown, Clock, by_hand, by_task, times
from tests.bench.contenders import HERE, NOOP, Contender, Raw
from tests.bench.control_group import ControlGroup
from tests.bench.found import Cost, Reading
from tests.bench.machine import requests
from tests.bench.measure import Broken
from tests.e2e.site_run import ROOT, Site

# Programs that stand in front of PATH: counted only, or with their times.
COUNTED, TIMED = HERE / "counted", HERE / "timed"
FILES = ("starts", "modules", "split")


class Runner:
    """Runs contenders in a lab. ``say`` takes lines about the progress."""

    def __init__(self, site: Site, say: t.Callable[[str], None]) -> None:
        self.site, self.say = site, say

    def run(self, contender: Contender, situation: str, round_: int) -> Reading:
        """One run that counts. Raises Broken if it did not do what it was to be measured for."""
        hosts = contender.hosts
        label = f"{situation}, {len(hosts.names)} hosts, {contender.name}"
        before = hosts.state(round_) if situation == NOOP else {}
        asked = self.requests()
        told = self._measured(contender, contender.command(round_), contender.env(), label)
        # The second question is one of them itself.
        asked = self.requests() - asked - 1
        self._judge(contender, situation, label)
        if before not in ({}, hosts.state(round_)):
            raise Broken(f"{label}: a Deployment was changed")
        kept = {name: told[name] for name in ("wall", "own", "cluster", "machine", "stolen", "memory")}
        cost = Cost(**kept, helm=len(hosts.read("starts").splitlines()), requests=asked)
        self.say(f"{label}: {cost.wall:.1f} s, CPU {cost.own:.1f} s of {cost.machine:.1f} s of the whole machine")
        return Reading(contender.name, situation, len(hosts.names), cost)

    def broken_down(self, contender: Contender, situation: str) -> Breakdown:
        """One more run for one host, because what takes the times costs something itself. By hand: of the last run."""
        if isinstance(contender, Raw):
            return Breakdown(situation, contender.name, by_hand(contender.steps[situation]))
        env = {**contender.env(), "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks")}
        env["PYTHONPATH"] = str(TIMED)
        env["ANSIBLE_CALLBACKS_ENABLED"] = ",".join([*contender.callbacks, "split"])
        label = f"breakdown of {situation}, {contender.name}"
        told = self._measured(contender, contender.command(0), env, label, TIMED)
        self._judge(contender, situation, label)
        events = [json.loads(line) for line in contender.hosts.read("split").splitlines()]
        ran, helms = (
            [times(line) for line in contender.hosts.read(name).splitlines()] for name in ("modules", "starts")
        )
        clock = Clock(told["begun"], told["ended"], told["own"])
        return Breakdown(situation, contender.name, by_task(events, ran, helms, clock))

    def _measured(
        self, contender: Contender, command: list[str], env: dict[str, str], label: str, programs: t.Any = COUNTED
    ) -> dict[str, t.Any]:
        """The account of the meter."""
        folder = contender.hosts.folder
        out, log = folder / "meter.json", folder / "log"
        out.unlink(missing_ok=True)
        ways = {f"HOLMES_BENCH_{name.upper()}": str(contender.hosts.write(name, "")) for name in FILES}
        env = {**surroundings(), **env, **ways, "HOLMES_BENCH_BIN": str(programs)}
        group = f"holmes-bench-{os.getpid()}"
        meter = (sys.executable, "-m", "tests.bench.meter", "--out", out, "--log", log, "--group", group)
        try:
            with Heartbeat(lambda seconds: self.say(f"{label}: still running after {seconds} s"), 45):
                done = self.site.exec(*meter, "--lab", self.site.name, "--", *command, check=False, cwd=ROOT, env=env)
        finally:
            # After an interrupt the meter may be gone before what it measures.
            ControlGroup.of(group).end(patience=0)
        if done.returncode or not out.exists():
            raise Broken(f"{label}: the meter ended with {done.returncode}")
        told = t.cast("dict[str, t.Any]", json.loads(out.read_text()))
        if told["code"] or told["left"]:
            raise Broken(_with_log(contender, f"{label}: exit code {told['code']}, {told['left']} processes left"))
        return told

    def _judge(self, contender: Contender, situation: str, label: str) -> None:
        try:
            contender.judge(situation, contender.hosts.read("log"))
        except Broken as error:
            raise Broken(_with_log(contender, f"{label}: {error}")) from error

    def requests(self) -> int:
        return requests(self.site.kubectl("get", "--raw", "/metrics"))


def _with_log(contender: Contender, sentence: str) -> str:
    return f"{sentence}; the end of its log:\n{contender.hosts.read('log')[-3000:].strip()}"


def surroundings() -> dict[str, str]:
    """The environment as an operator has it: without what is set for the tests' own imports."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
