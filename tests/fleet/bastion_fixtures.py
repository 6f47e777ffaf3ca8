# SPDX-License-Identifier: GPL-3.0-or-later
"""Bastions as a test asks for them: complete, or without what it names."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.site_run import Site
from tests.fleet import bastion_root
from tests.fleet.bastion_host import Bastion, Keys, running
from tests.fleet.bastion_net import Networks, networks
from tests.lab.cache import Cache, cache_root

PORTS = range(2201, 2220)


@dataclass
class Bastions:
    """All on one machine: the network of each is the same, everything else is its own."""

    site: Site
    networks: Networks
    folder: Path
    stack: contextlib.ExitStack
    cache: Cache = field(default_factory=lambda: Cache(cache_root()))
    ports: t.Iterator[int] = field(default_factory=lambda: iter(PORTS))

    @property
    def keys(self) -> Keys:
        return Keys(self.folder)

    def start(self, *removed: str, helm: bool = True) -> Bastion:
        port = next(self.ports)
        folder = self.folder / str(port)
        folder.mkdir()
        program = self.cache.bin / "helm" if helm else None
        bastion = Bastion(self.networks, self.keys, folder, port, program, removed)
        return self.stack.enter_context(running(bastion, self.site, bastion_root.root(self.cache)))

    def closed(self) -> Bastion:
        """One that does not run."""
        return Bastion(self.networks, self.keys, self.folder, next(self.ports), None)


@pytest.fixture
def bastions(site: Site) -> t.Iterator[Bastions]:
    # A short path: the control node's socket to a bastion lies below it.
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    try:
        with contextlib.ExitStack() as stack:
            made = Bastions(site, stack.enter_context(networks(site)), folder, stack)
            made.keys.make(made.networks, PORTS)
            yield made
    finally:
        shutil.rmtree(folder)
