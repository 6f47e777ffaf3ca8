# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down about a lab: its settings, its addresses, its files."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from . import versions
from .cache import Cache
from .errors import LabError

FILE = "lab.json"
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?")


def check_name(name: str) -> str:
    """The name of a lab: it becomes part of host names and groups. Raises LabError when it cannot."""
    if not NAME.fullmatch(name):
        raise LabError(f"{name!r} cannot name a lab: use a to z, digits and dashes, at most 20 characters")
    return name


@dataclass(frozen=True)
class Lab:
    """One lab. `number` tells it from the others on this machine: addresses and ports come from it."""

    name: str
    number: int
    workers: int
    provider: str  # private, docker or podman
    ready: bool = False

    @property
    def nodes_subnet(self) -> str:
        return f"10.201.{self.number}.0/24"

    @property
    def nodes_gateway(self) -> str:
        return f"10.201.{self.number}.1"

    @property
    def nodes(self) -> list[str]:
        """The names that kind gives to the nodes."""
        workers = [f"{self.name}-worker{number if number > 1 else ''}" for number in range(1, self.workers + 1)]
        return [f"{self.name}-control-plane", *workers]

    @property
    def nodes_dns(self) -> str:
        """Who knows the names of the nodes: the container engine, on this address."""
        return "127.0.0.11" if self.provider == "docker" else self.nodes_gateway

    @property
    def site_address(self) -> str:
        """Where registry, chart repository and DNS of the site listen."""
        return f"10.202.{self.number}.1" if self.provider == "private" else f"10.201.{self.number}.250"

    @property
    def api_port(self) -> int:
        return versions.API_PORT + self.number

    @property
    def hosts(self) -> dict[str, str]:
        """The names of the site with their addresses."""
        names = (versions.REGISTRY_NAME, versions.CHARTS_NAME, versions.MODELS_NAME)
        return dict.fromkeys(names, self.site_address)


@dataclass(frozen=True)
class Files:
    """The files of a lab below its state directory (/lab on the private host)."""

    state: Path

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def certs(self) -> Path:
        return self.state / "certs"

    @property
    def ca(self) -> Path:
        return self.certs / "ca.crt"

    @property
    def site(self) -> Path:
        """Configuration of the site's services."""
        return self.state / "site"

    @property
    def password(self) -> Path:
        return self.site / "registry.password"

    @property
    def charts(self) -> Path:
        return self.state / "charts"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def audit_log(self) -> Path:
        """One JSON object a line for every request to the API server that could change something."""
        return self.site / "audit" / "audit.log"

    @property
    def dns_log(self) -> Path:
        return self.logs / "dns.log"


def load(cache: Cache, name: str) -> Lab | None:
    """The lab as written down, or None. A half-written or foreign file counts as none."""
    try:
        return Lab(**json.loads((cache.labs / name / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def save(cache: Cache, lab: Lab) -> None:
    directory = cache.labs / lab.name
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = directory / f"{FILE}.part"
    part.write_text(json.dumps(asdict(lab)))
    part.replace(directory / FILE)


def known(cache: Cache) -> list[Lab]:
    """All labs that are written down in this cache, by name."""
    names = sorted(path.parent.name for path in cache.labs.glob(f"*/{FILE}"))
    return [lab for name in names if (lab := load(cache, name))]


def free_number(taken: set[int]) -> int:
    """The smallest number from 1 that no other lab has."""
    number = next((candidate for candidate in range(1, 255) if candidate not in taken), None)
    if number is None:
        raise LabError("254 labs are there already: end some with `lab down`")
    return number
