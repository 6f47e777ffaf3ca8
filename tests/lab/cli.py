# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of the lab's command line."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from . import arguments, binaries, certs, charts, engine, enter, prerequisites, state, status, tools, versions
from .cache import Cache, cache_root, locked
from .errors import LabError
from .private import PrivateProvider
from .progress import say
from .providers import Provider, choose, machine_engines, provider
from .state import Files, Lab


class Commands:
    """One method for each verb; each returns the exit code."""

    def __init__(self, cache: Cache, parsed: argparse.Namespace) -> None:
        self.cache = cache
        self.arguments = parsed
        self.name: str = state.check_name(parsed.name)
        self.files = Files(cache.labs / self.name)

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.cache.labs / f".{self.name}.lock", f"another command changes lab {self.name}")

    def _running(self) -> Provider:
        """The provider of this lab, which is up. Raises LabError otherwise."""
        lab = state.load(self.cache, self.name)
        found = provider(self.cache, lab) if lab and lab.ready else None
        if found is None or found.network_pid() is None:
            raise LabError(f"Lab {self.name} is not up: start it with `lab --name {self.name} up`")
        return found

    def _prepare(self) -> tuple[str, str]:
        """Choose the provider and check what it needs; returns its name and the node image ("" for its own)."""
        machine = prerequisites.Machine()
        engines = machine_engines(self.cache.logs / "pull.log")
        chosen, image = choose(self.arguments.provider, self.arguments.node_image, engines)
        if chosen != "private":
            prerequisites.check_engine(machine)
            return chosen, image
        if self.arguments.install_missing:
            prerequisites.install_missing(machine, self.cache.logs / "apt.log")
        prerequisites.check_private(machine, self.cache.root, building=not list(self.cache.made.glob("node-*")))
        return chosen, image

    def up(self) -> int:
        with self._lock():
            lab = state.load(self.cache, self.name)
            if lab and lab.ready and (found := provider(self.cache, lab)).network_pid():
                if self.arguments.workers not in (None, lab.workers):
                    raise LabError(
                        f"Lab {self.name} is up with {lab.workers} workers, not {self.arguments.workers}: "
                        f"`lab --name {self.name} down` first"
                    )
                found.repair()
                tools.helm(self.cache, self.arguments.helm)
                say(f"lab {self.name} is up already")
                return 0
            self._create(*self._prepare())
        return 0

    def _create(self, chosen: str, image: str) -> None:
        started = time.monotonic()
        with locked(self.cache.labs / ".numbers.lock", "another lab is being numbered"):
            number = state.free_number({lab.number for lab in state.known(self.cache) if lab.name != self.name})
            lab = Lab(self.name, number, self.arguments.workers or 0, chosen)
            found = provider(self.cache, lab)
            provider(self.cache, state.load(self.cache, self.name) or lab).down()  # what a killed run left
            state.save(self.cache, lab)
        found.up(image)
        tools.helm(self.cache, self.arguments.helm)
        state.save(self.cache, replace(lab, ready=True))
        say(f"lab {self.name} is up after {time.monotonic() - started:.0f} s: `lab --name {self.name} exec -- CMD...`")

    def down(self) -> int:
        with self._lock():
            lab = state.load(self.cache, self.name) or Lab(self.name, 0, 0, "private")
            provider(self.cache, lab).down()
        say(f"lab {self.name} is down")
        return 0

    def status(self) -> int:
        found = self._running()
        table, well = status.rows(found, self.files)
        print(status.text(table))
        return 0 if well else 1

    def load(self) -> int:
        found = self._running()
        for archive in self.arguments.archives:
            found.load(archive)
            say(f"loaded {archive.name}")
        return 0

    def push(self) -> int:
        for name in self._running().push(self.arguments.archive, self.arguments.names):
            print(name)
        return 0

    def charts(self) -> int:
        self._running()
        for name in charts.add(binaries.helm(self.cache, 3), self.files, self.arguments.sources):
            print(f"{versions.CHARTS_URL}/{name}")
        return 0

    def cert(self) -> int:
        self._running()
        names = self.arguments.names or [self.arguments.certificate]
        for path in certs.make_certificate(self.files.certs, self.arguments.certificate, names):
            print(path)
        return 0

    def exec(self) -> int:
        command = self.arguments.command
        command = command[1:] if command[:1] == ["--"] else command
        if not command:
            raise LabError("`lab exec` needs a command: lab exec -- CMD...")
        found = self._running()
        pid = found.network_pid()
        assert pid is not None  # noqa: S101 - just seen
        found.enter()
        enter.execute(pid, self.files, enter.command_environment(self.cache, found.lab, self.files), command)

    def kubeconfig(self) -> int:
        self._running()
        print(self.files.kubeconfig)
        return 0

    def env(self) -> int:
        for key, value in enter.site_environment(self._running().lab, self.files).items():
            print(f"{key}={value}")
        return 0

    def build(self) -> int:
        if self._prepare()[0] == "private":
            PrivateProvider.build(self.cache)
        else:
            engine.link_tools(self.cache)
        tools.helm(self.cache, self.arguments.helm)
        return 0


def main(argv: list[str] | None = None) -> int:
    parsed = arguments.parser().parse_args(argv)
    try:
        cache = Cache(cache_root())
        cache.prepare()
        verb: Callable[[], int] = getattr(Commands(cache, parsed), parsed.verb)
        return verb()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a full disk, a file of somebody else
        print(f"lab: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; `lab up` starts over, `lab down` cleans up", file=sys.stderr)
        return 130
