# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark `fleet`: N installations by the guide's commands, by a plain playbook and by this collection."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
import tempfile
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._heartbeat import Heartbeat

from tests.bench.contenders import CONTENDERS, FRESH, NOOP, UPGRADE, Contender, Raw
from tests.bench.found import Found
from tests.bench.hosts import Hosts, remove
from tests.bench.measure import Broken
from tests.bench.runs import Runner
from tests.e2e.site_run import SITE, Place, Site

T = t.TypeVar("T")
CHART = "holmes-0.45.0.tgz"


@dataclass(frozen=True)
class Wanted:
    """``runs``: how often a run without a change is measured at one host; with many hosts less often."""

    hosts: tuple[int, ...]
    situations: tuple[str, ...]
    contenders: tuple[str, ...]
    lab: str
    runs: int
    forks: int

    def repeats(self, hosts: int) -> int:
        """With ten hosts one run tells as much as ten runs of one host, and takes as long."""
        return max(1, min(self.runs, 10 // hosts))


def measure(wanted: Wanted, found: Found) -> None:
    """Fills ``found``. Raises Broken if something could not be measured."""
    say = teller()
    try:
        with the_site(wanted.lab) as site, tempfile.TemporaryDirectory(prefix="bench-") as name:
            # A copy: the lab's archive is packed anew whenever somebody starts the site once more, and is another then.
            shutil.copy(Place(site, Path(name), "").chart("0.45.0"), Path(name) / CHART)
            fleet = _Fleet(wanted, Runner(site, say), Path(name), found)
            for place, hosts in enumerate(wanted.hosts):
                fleet.at(hosts, bool(place % 2))
    except subprocess.CalledProcessError as error:
        raise Broken(f"this step failed (exit {error.returncode}): {' '.join(map(str, error.cmd))}") from error


@contextlib.contextmanager
def the_site(name: str) -> t.Iterator[Site]:
    """A lab of that name. One that was there before stays."""
    there = subprocess.run([SITE, "env", "--name", name], capture_output=True, check=False).returncode == 0
    site = Site(name, lambda _text: None)
    try:
        site.up("light")
        with alone(Path(site.facts["SITE_CA_FILE"]).parents[1]):
            yield site
    finally:
        if not there:
            subprocess.run([SITE, "down", "--name", name], check=False)


@contextlib.contextmanager
def alone(folder: Path) -> t.Iterator[None]:
    """Two of us in one lab would use the same names, and each other's processors. ``folder`` is the lab's."""
    with (folder / "bench.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Broken(
                f"another benchmark runs in the lab {folder.name}: wait for it, or take another --lab"
            ) from None
        yield


class _Fleet:
    def __init__(self, wanted: Wanted, runner: Runner, folder: Path, found: Found) -> None:
        self.wanted, self.runner, self.folder, self.found = wanted, runner, folder, found

    def at(self, number: int, reverse: bool) -> None:
        """All situations with this many hosts. Who goes first changes from one round to the next."""
        with self.contenders(number) as contenders:
            for one in in_turn(contenders, reverse):
                self.count(one, FRESH, 0)
            for run in range(self.wanted.repeats(number) if NOOP in self.wanted.situations else 0):
                for one in in_turn(contenders, bool(run % 2) == reverse):
                    self.count(one, NOOP, 0)
            self.break_down(NOOP, contenders)
            if UPGRADE in self.wanted.situations:
                for one in in_turn(contenders, not reverse):
                    self.count(one, UPGRADE, 1)
            self.break_down(FRESH, contenders)

    def count(self, contender: Contender, situation: str, round_: int) -> None:
        """A fresh installation is made for the other situations in any case."""
        reading = self.runner.run(contender, situation, round_)
        if situation in self.wanted.situations:
            self.found.readings.append(reading)

    def break_down(self, situation: str, contenders: list[Contender]) -> None:
        """Only for one host: with several, nobody can tell whose time it is."""
        if situation not in self.wanted.situations or len(contenders[0].hosts.names) > 1:
            return
        for one in contenders:
            if situation == FRESH and one.name != Raw.name:  # by hand, the run that counted is marked already
                self.take_away([one.hosts])
            self.found.breakdowns.append(self.runner.broken_down(one, situation))

    @contextlib.contextmanager
    def contenders(self, number: int) -> t.Iterator[list[Contender]]:
        """Each with hosts and a folder of its own, which are taken away before and afterwards."""
        made: list[Contender] = []
        for kind in CONTENDERS:
            if kind.name in self.wanted.contenders:
                folder = self.folder / f"{kind.name}-{number}"
                folder.mkdir(mode=0o700)
                names = tuple(f"bench-{kind.name}-{place:02d}" for place in range(1, number + 1))
                hosts = Hosts(self.runner.site, folder, names, self.folder / CHART)
                made.append(kind(hosts, min(number, self.wanted.forks)))
        every = [one.hosts for one in made]
        try:
            self.take_away(every)
            yield made
        finally:
            self.take_away(every)

    def take_away(self, these: list[Hosts]) -> None:
        label = f"taking {sum(len(hosts.names) for hosts in these)} hosts away"
        self.runner.say(label)
        with Heartbeat(lambda seconds: self.runner.say(f"{label}: still running after {seconds} s"), 45):
            remove(these)


def in_turn(these: t.Sequence[T], reverse: bool) -> list[T]:
    """A B C, or C B A: a machine that gets slower does so for all."""
    return list(reversed(these)) if reverse else list(these)


def teller() -> t.Callable[[str], None]:
    """Prints lines with the seconds since now."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"bench: [{time.monotonic() - started:4.0f} s] {text.strip()}", flush=True)

    return say
