# SPDX-License-Identifier: GPL-3.0-or-later
"""The binaries in the cache's bin directory, which is first in the PATH of `lab exec`."""

from __future__ import annotations

from . import binaries
from .cache import Cache


def cluster(cache: Cache) -> None:
    """kubectl, kind and coredns. Builds what is missing."""
    kubernetes = binaries.kubernetes(cache)
    cache.link("kubectl", kubernetes / "kubectl")
    cache.link("kind", binaries.kind(cache))
    cache.link("coredns", binaries.coredns(cache))


def helm(cache: Cache, chosen: int | None) -> None:
    """helm3, helm4, and `helm` as the chosen one of them; None keeps the choice made before, at first Helm 3."""
    for major in (3, 4):
        cache.link(f"helm{major}", binaries.helm(cache, major))
    if chosen or not (cache.bin / "helm").exists():
        cache.link("helm", cache.bin / f"helm{chosen or 3}")
