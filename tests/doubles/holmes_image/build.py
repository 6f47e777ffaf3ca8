#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the images that stand in for HolmesGPT's: `build.py full|light|light-0.16.1 [--out FILE] [--name NAME]`.

Prints the path of the OCI archive. Needs mmdebstrap, a Debian mirror and, for the full one, PyPI; no container engine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:  # also runs as a script, from anywhere
    sys.path.insert(0, str(ROOT))

from tests.doubles.holmes_image import layers  # noqa: E402 - needs the path above
from tests.doubles.holmes_image.kubectl import Kubectl, find_kubectl  # noqa: E402
from tests.doubles.holmes_image.library import TARGET, library  # noqa: E402
from tests.lab.cache import Cache, cache_root, key_of  # noqa: E402
from tests.lab.errors import LabError  # noqa: E402
from tests.lab.oci import build_archive  # noqa: E402
from tests.lab.progress import say  # noqa: E402

REPOSITORY = "registry.site.internal:5000/holmesgpt/holmes"
COMMAND = ["python3", "-u", "server.py"]
ROOMY = "1500"  # MB of addresses for a tool's process; the library's own default is 800


@dataclass(frozen=True)
class Variant:
    """One image: its tag, which server it has, and the version that the light one plays."""

    tag: str
    server: str
    plays: str = ""


VARIANTS = {
    "full": Variant("0.45.0", "full"),
    "light": Variant("0.45.0-light", "light", "0.45.0"),
    "light-0.16.1": Variant("0.16.1-light", "light", "0.16.1"),
}


def environment(variant: Variant, kubectl: Kubectl) -> dict[str, str]:
    """The image's own environment; the chart's wins over it."""
    env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    if variant.plays:
        return env | {"HOLMES_LIGHT_VERSION": variant.plays}
    env["PYTHONPATH"] = f"/{TARGET}"
    if kubectl.hungry:
        say(f"  kubectl is built with {kubectl.go}: the image sets TOOL_MEMORY_LIMIT_MB={ROOMY}, see its README")
        env["TOOL_MEMORY_LIMIT_MB"] = ROOMY
    return env


def build(cache: Cache, which: str, name: str = "") -> Path:
    """The archive of one image, from the cache when nothing changed. Raises LabError with one sentence."""
    variant = VARIANTS[which]
    name = name or f"{REPOSITORY}:{variant.tag}"
    kubectl = find_kubectl(cache.bin)
    parts = [layers.base(cache), layers.tools(cache, kubectl)]
    parts += [library(cache)] if variant.server == "full" else []
    parts.append(layers.server(cache, variant.server))
    env = environment(variant, kubectl)

    def make(out: Path) -> None:
        say(f"HolmesGPT image: packing {name}")
        digest = build_archive(
            name,
            parts,
            out / f"holmes-{variant.tag}.tar",
            entrypoint=COMMAND,
            env=env,
            workdir="/app",
            labels={"org.opencontainers.image.title": f"double of HolmesGPT for tests ({which})"},
        )
        say(f"  {name} is {digest}")

    key = key_of(name, str(env), *(part.parent.name for part in parts))
    archive = cache.product(f"holmes-image-{which}", key, make) / f"holmes-{variant.tag}.tar"
    for product in (archive, *parts):
        _forget_older(product.parent)
    return archive


def _forget_older(product: Path) -> None:
    # a change of the lock or of the base leaves up to 700 MB behind
    prefix = product.name.rpartition("-")[0]
    for other in product.parent.glob(f"{prefix}-*"):
        if other != product and other.name.rpartition("-")[0] == prefix:
            shutil.rmtree(other, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Command line; 1 with one sentence when it cannot be built."""
    parser = argparse.ArgumentParser(description="Build an image that stands in for HolmesGPT's.")
    parser.add_argument("variant", choices=sorted(VARIANTS))
    parser.add_argument("--out", type=Path, help="copy the archive to this file (default: it stays in the cache)")
    parser.add_argument("--name", default="", help=f"image name in the archive (default: {REPOSITORY}:TAG)")
    options = parser.parse_args(arguments)
    try:
        cache = Cache(cache_root())
        cache.prepare()
        archive = build(cache, options.variant, options.name)
        if options.out is not None:
            shutil.copyfile(archive, options.out)
            archive = options.out
    except (LabError, OSError, ValueError) as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    print(archive)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
