# SPDX-License-Identifier: GPL-3.0-or-later
"""The provider `private`: a built node image on a private host in its own namespaces. Needs root, no engine."""

from __future__ import annotations

from pathlib import Path

from . import binaries, debian, node_image, tools, versions
from .cache import Cache
from .cluster import Cluster, kind_config
from .host import PrivateHost, Roots
from .progress import say
from .services import Services
from .state import Files, Lab
from .transfer import brought_in


class PrivateProvider:
    """One lab on a private host."""

    def __init__(self, cache: Cache, lab: Lab) -> None:
        self.cache = cache
        self.lab = lab
        self.files = Files(cache.labs / lab.name)
        self.host = PrivateHost(lab.name, self.files.state)
        self.site = Services(lab, self.files, self.host)
        self.cluster = Cluster(lab, self.files, self.host, "/lab")

    @property
    def api(self) -> str:
        return f"https://127.0.0.1:{self.lab.api_port}"

    @staticmethod
    def build(cache: Cache) -> Roots:
        """Everything slow, into the cache."""
        tools.cluster(cache)
        return Roots(debian.host_root(cache), cache.root, binaries.pause(cache), node_image.store(cache))

    def network_pid(self) -> int | None:
        """A process in the site's network, or None when the lab is not up."""
        return self.host.pid()

    def up(self, image: str) -> None:
        roots = self.build(self.cache)
        link = self.files.state / node_image.USED_LINK
        link.unlink(missing_ok=True)
        link.symlink_to(roots.node_image or "none")
        say("starting the private host and the site's services")
        self.host.start(roots)
        self.site.prepare()
        self._join_network()
        self.site.start()
        say("creating the cluster")
        network = ["podman", "network", "create", f"--subnet={self.lab.nodes_subnet}", "kind"]
        self.host.output(network, what="creating the nodes' network")
        self.cluster.create(self._image(image), kind_config(self.lab, "/lab/site", not self.host.groups.unified))

    def _join_network(self) -> None:
        """Give the private host the site's address and names."""
        address = f"{self.lab.site_address}/32"
        # on the loopback device: reachable from the nodes over their gateway, and there before any bridge is
        self.host.output(["ip", "address", "replace", address, "dev", "lo"], what="setting the site's address")
        script = "cat /lab/site/hosts >/etc/hosts; cat /lab/site/resolv.conf >/etc/resolv.conf"
        self.host.output(["sh", "-c", script], what="setting the site's names")

    def _image(self, wanted: str) -> str:
        """The node image to use: the built one, or the one out of an archive. The private host can pull nothing."""
        if not wanted:
            return versions.BUILT_NODE_IMAGE
        with brought_in(Path(wanted), self.files.state) as inside:
            loaded = self.host.output(
                ["podman", "load", "--quiet", f"--input={inside}"], what="podman load", timeout=600
            )
        return loaded.strip().rpartition(": ")[2]

    def repair(self) -> None:
        """Start services that have ended."""
        self.site.start()

    def services(self) -> dict[str, bool]:
        return {name: self.site.answers(name) for name in ("dns", "registry", "charts")}

    def down(self) -> None:
        self.host.end()

    def enter(self) -> None:
        self.host.groups.join_register()

    def load(self, archive: Path) -> None:
        with brought_in(archive, self.files.state) as inside:
            self.cluster.load(inside)

    def push(self, archive: Path, names: list[str]) -> list[str]:
        return self.site.push(archive, names)
