# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider of labs can do, and which one to take."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import versions
from .cache import Cache
from .cluster import Cluster
from .engine import EngineProvider
from .errors import LabError
from .private import PrivateProvider
from .progress import run_logged, say
from .state import Lab

NAMES = ("auto", "private", "docker", "podman")


class Provider(Protocol):
    """One lab, wherever its nodes run."""

    lab: Lab
    cluster: Cluster

    @property
    def api(self) -> str:
        """URL of the API server, as the kubeconfig says it."""

    def network_pid(self) -> int | None:
        """A process in the site's network, or None when the lab is not up."""

    def up(self, image: str) -> None:
        """Start everything with the given node image ("" for the provider's own); the state directory exists."""

    def repair(self) -> None:
        """Start services that have ended."""

    def services(self) -> dict[str, bool]:
        """Name of each service of the site -> whether it answers."""

    def down(self) -> None:
        """End and remove everything, the state directory included. Safe to repeat, and after a killed `up`."""

    def load(self, archive: Path) -> None:
        """Load an image archive into every node."""

    def push(self, archive: Path, names: list[str]) -> list[str]:
        """Copy an OCI archive into the registry; returns the full names."""

    def enter(self) -> None:
        """Make the calling process one that `down` will end."""


def provider(cache: Cache, lab: Lab) -> Provider:
    """The provider that the lab was started with."""
    return PrivateProvider(cache, lab) if lab.provider == "private" else EngineProvider(cache, lab)


@dataclass(frozen=True)
class Engines:
    """The questions asked about container engines; tests put their own answers in."""

    reachable: Callable[[str], bool]
    has_image: Callable[[str, str], bool]


def choose(wanted: str, node_image: str, engines: Engines) -> tuple[str, str]:
    """(provider, node image or "" for the provider's own). Raises LabError when the wish cannot be met.

    auto: Docker, then Podman, where one answers and has or can pull the node image; otherwise the private host, which
    builds its own.
    """
    image = "" if node_image in ("auto", "build") else node_image
    if wanted == "private" or (wanted == "auto" and (node_image == "build" or Path(node_image).is_file())):
        if image and not Path(image).is_file():
            raise LabError(f"The private host can pull no image: give {image} as an archive (docker save), or `build`")
        return "private", image
    if node_image == "build":
        raise LabError(f"{wanted} uses a published node image: take --provider private with --node-image build")
    for engine in ("docker", "podman") if wanted == "auto" else (wanted,):
        if not engines.reachable(engine):
            if wanted != "auto":
                raise LabError(f"{engine} does not answer: install and start it, or take --provider private")
        elif engines.has_image(engine, image or versions.PUBLISHED_NODE_IMAGE):
            return engine, image
        elif wanted != "auto":
            raise LabError(f"{engine} cannot pull {image or versions.PUBLISHED_NODE_IMAGE}: take --provider private")
    if image:
        raise LabError(f"Neither Docker nor Podman answers and has {image}: leave --node-image away to have one built")
    return "private", ""


def machine_engines(log: Path) -> Engines:
    """Ask the engines of this machine."""

    def quiet(*command: str) -> bool:
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def has_image(engine: str, image: str) -> bool:
        if quiet(engine, "image", "inspect", image):
            return True
        say(f"{engine} answers: pulling {image.partition('@')[0]}")
        try:
            run_logged([engine, "pull", image], what=f"{engine} pull", log=log)
        except LabError as error:
            say(f"  {error}")
            return False
        return True

    return Engines(lambda engine: shutil.which(engine) is not None and quiet(engine, "info"), has_image)
