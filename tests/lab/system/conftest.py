# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system tests of the lab share: two labs that are up, an image of a few megabytes."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..cache import Cache, cache_root
from ..oci import build_archive
from .tool import Tool

APPLETS = ("sh", "sleep", "nc", "nslookup", "cat", "httpd", "mkdir")


@pytest.fixture(scope="session")
def one() -> Iterator[Tool]:
    tool = Tool("system-one")
    tool("up")
    yield tool
    tool("down")


@pytest.fixture(scope="session")
def two() -> Iterator[Tool]:
    tool = Tool("system-two")
    tool("up", "--workers", 1)
    yield tool
    tool("down")


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OCI archive named localhost/app:1 with busybox, which sleeps."""
    directory = tmp_path_factory.mktemp("image")
    busybox = next(Cache(cache_root()).made.glob("host-*/root/bin/busybox"))
    layer = directory / "layer.tar"
    with tarfile.open(layer, "w") as archive:
        archive.add(busybox, arcname="bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    out = directory / "app.tar"
    build_archive("localhost/app:1", [layer], out, entrypoint=["/bin/sleep", "100000"])
    return out
