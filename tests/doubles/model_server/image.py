#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the container image of the model server double: an OCI archive of Debian's python3 and this package.

Needs mmdebstrap and a Debian mirror; no container engine. Prints the path of the archive. What is slow is kept in the
lab's cache: the Debian layer by release and packages, the archive by its content.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import shutil
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
if str(ROOT) not in sys.path:  # also runs as a script, from anywhere
    sys.path.insert(0, str(ROOT))

from tests.lab.cache import Cache, cache_root, key_of  # noqa: E402 - needs the path above
from tests.lab.errors import LabError  # noqa: E402
from tests.lab.oci import build_archive  # noqa: E402
from tests.lab.progress import run_logged, say  # noqa: E402

NAME = "registry.site.internal:5000/doubles/model-server:1"
DEBIAN = "bookworm"
PACKAGES = "python3"  # python3-minimal has neither ssl nor http.server
WITHOUT = ("usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/lib/python3*/lib2to3/*")
USER = "10001:10001"
TARGET = "opt/doubles/model_server"
NOT_SHIPPED = ("bad_certs.py", "image.py", "local.py")


def sources() -> list[Path]:
    """The modules that belong into the image."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NOT_SHIPPED)


def application_layer(out: Path) -> None:
    """Write this package as a tar below /opt/doubles; the same sources give the same bytes."""
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in ("opt", "opt/doubles", TARGET):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for source in sources():
            data = source.read_bytes()
            entry = tarfile.TarInfo(f"{TARGET}/{source.name}")
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))


def debian_layer(cache: Cache) -> Path:
    """The tar with Python, made once and kept."""

    def make(out: Path) -> None:
        if shutil.which("mmdebstrap") is None:
            raise LabError("There is no mmdebstrap: install the package mmdebstrap.")
        say(f"model server double: making the layer with Debian's {PACKAGES} (about 10 s)")
        without = [f"--dpkgopt=path-exclude=/{pattern}" for pattern in WITHOUT]
        arguments = ["--variant=extract", f"--include={PACKAGES}", *without, DEBIAN, str(out / "root.tar")]
        log = cache.logs / "model-server-python.log"
        run_logged(["mmdebstrap", *arguments], what="Debian's Python", log=log)

    key = key_of(DEBIAN, PACKAGES, *WITHOUT)
    return cache.product("model-server-python", key, make) / "root.tar"


def build(cache: Cache, out: Path | None = None) -> Path:
    """The archive; a copy of it at ``out`` if that is given. Raises LabError with one sentence."""
    digest = hashlib.sha256()
    for source in [*sources(), Path(__file__)]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())

    def make(folder: Path) -> None:
        application_layer(folder / "app.tar")
        manifest = build_archive(
            NAME,
            [debian_layer(cache), folder / "app.tar"],
            folder / "image.tar",
            entrypoint=["python3", "-m", "model_server"],
            env={"PYTHONPATH": "/opt/doubles", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
            user=USER,
            labels={"org.opencontainers.image.title": "model server double (for tests, no model in it)"},
        )
        say(f"model server double: {NAME} is {manifest}")

    archive = cache.product("model-server-image", key_of(digest.hexdigest(), DEBIAN, PACKAGES), make) / "image.tar"
    if out is None:
        return archive
    shutil.copyfile(archive, out)
    return out


def main(arguments: list[str]) -> int:
    """Command line; 1 with one sentence when it cannot be built."""
    parser = argparse.ArgumentParser(description="Build the image of the model server double.")
    parser.add_argument("--out", type=Path, help="where to put the archive (default: it stays in the cache)")
    options = parser.parse_args(arguments)
    try:
        cache = Cache(cache_root())
        cache.prepare()
        print(build(cache, options.out))
    except (LabError, OSError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
