# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of the HolmesGPT image doubles, each a tar in the lab's cache under a key made from its inputs.

base (Debian, slow) and tools (kubectl, accounts, CA bundle) are shared by all images; library (HolmesGPT and what it
needs, slowest) is only in the full one; server is tiny, so that a change of our code rebuilds nothing else.
"""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
import tarfile
from pathlib import Path

from tests.doubles.holmes_image.kubectl import Kubectl
from tests.doubles.holmes_image.tars import LayerTar, copy_tar
from tests.lab.cache import Cache, key_of
from tests.lab.errors import LabError
from tests.lab.progress import run_logged, say

HERE = Path(__file__).resolve().parent
TAR_RECIPE = (HERE / "tars.py").read_text()  # part of every key: it decides what the tars look like
DEBIAN = "bookworm"
PACKAGES = (
    "python3,python3-yaml,gawk,bash,dash,coreutils,grep,sed,findutils,curl,jq,procps,ca-certificates,libc-bin,netbase,"
    "base-files,tar,gzip,libstdc++6"
)
LEFT_OUT = (
    "dev/*",
    "var/cache/*",
    "var/lib/apt/*",
    "var/lib/dpkg/*",
    "usr/share/doc/*",
    "usr/share/man/*",
    "usr/share/locale/*",
    "usr/share/info/*",
    "usr/share/lintian/*",
    "usr/share/perl*",
    "usr/lib/*/perl/*",
    "usr/lib/*/gconv/*",
    "usr/lib/python3*/lib2to3/*",
    "usr/lib/python3*/pydoc_data/*",
)
ACCOUNTS = "root:x:0:0:root:/root:/bin/bash\nholmes:x:10001:10001:holmes:/tmp:/bin/false\nnobody:x:65534:65534::/:/\n"
GROUPS = "root:x:0:\nholmes:x:10001:\nnogroup:x:65534:\n"


def base(cache: Cache) -> Path:
    """Debian with Python 3.11 and the programs that the library's scripts call."""

    def make(out: Path) -> None:
        if shutil.which("mmdebstrap") is None:
            raise LabError("There is no mmdebstrap: install the package mmdebstrap.")
        say("HolmesGPT image: making the Debian layer (about 20 s)")
        raw = out / "raw.tar"
        without = [f"--dpkgopt=path-exclude=/{name}" for name in LEFT_OUT if name.startswith("usr/share/")]
        command = ["mmdebstrap", "--variant=extract", f"--include={PACKAGES}", *without, DEBIAN, str(raw)]
        seconds = run_logged(command, what="Debian layer", log=cache.logs / "holmes-base.log")
        copy_tar(raw, out / "layer.tar", lambda name: not any(fnmatch.fnmatch(name, left) for left in LEFT_OUT))
        raw.unlink()
        say(f"  Debian layer: made in {seconds:.0f} s")

    return cache.product("holmes-base", key_of(DEBIAN, PACKAGES, TAR_RECIPE, *LEFT_OUT), make) / "layer.tar"


def tools(cache: Cache, kubectl: Kubectl) -> Path:
    """kubectl, and what a package's installation scripts would have made: accounts, CA bundle, awk."""
    debian = base(cache)
    content = kubectl.path.read_bytes()

    def make(out: Path) -> None:
        say(f"HolmesGPT image: making the layer with kubectl ({kubectl.go or 'unknown Go'})")
        with LayerTar(out / "layer.tar") as layer:
            layer.file("usr/local/bin/kubectl", content, 0o755)
            layer.link("usr/bin/awk", "gawk")
            layer.file("etc/passwd", ACCOUNTS.encode())
            layer.file("etc/group", GROUPS.encode())
            layer.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
            layer.file("etc/ssl/certs/ca-certificates.crt", _authorities(debian))
            layer.folder("root", 0o700)
            layer.folder("tmp", 0o1777)
            layer.folder("app")

    digest = hashlib.sha256(content).hexdigest()
    return cache.product("holmes-tools", key_of(digest, debian.parent.name, ACCOUNTS, GROUPS), make) / "layer.tar"


def _authorities(debian: Path) -> bytes:
    folder = "usr/share/ca-certificates/"
    with tarfile.open(debian) as tar:
        names = sorted(name for name in tar.getnames() if name.startswith(folder) and name.endswith(".crt"))
        parts = [part.read() for name in names if (part := tar.extractfile(name)) is not None]
    return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in parts)


def server_files(variant: str) -> dict[str, Path]:
    """What goes below /app, by name: server.py, the shared contract and the variant's package."""
    package = HERE / "app" / "holmes_double"
    files = [package / "__init__.py", package / "contract.py", *sorted((package / variant).glob("*.py"))]
    return {"server.py": HERE / "app" / f"server_{variant}.py"} | {
        str(path.relative_to(HERE / "app")): path for path in files
    }


def server(cache: Cache, variant: str) -> Path:
    """Our own few files; `variant` is full or light."""
    files = server_files(variant)

    def make(out: Path) -> None:
        with LayerTar(out / "layer.tar") as layer:
            for name, path in files.items():
                layer.file(f"app/{name}", path.read_bytes())

    contents = [f"{name}\0{path.read_text()}" for name, path in files.items()]
    return cache.product(f"holmes-server-{variant}", key_of(TAR_RECIPE, *contents), make) / "layer.tar"
