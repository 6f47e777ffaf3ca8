# SPDX-License-Identifier: GPL-3.0-or-later
"""The node image, built without any registry: Debian root, Kubernetes' binaries, control-plane images preloaded.

The product is a podman store with that one image; every lab uses it read-only.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import binaries, debian, node_root, versions
from .cache import Cache, key_of, locked
from .host import PrivateHost, Roots, remove_tree
from .oci import build_archive
from .progress import say

BUSYBOX_APPLETS = ("sh", "mkdir", "rm", "chroot", "cat", "sleep", "ls", "nc", "ip", "httpd", "wget", "nslookup", "true")
XTABLES_NAMES = [f"ip{six}tables{tool}" for six in ("", "6") for tool in ("", "-save", "-restore")]
USED_LINK = "node-image"  # in a lab's state: the product that the lab runs on, so that it is not pruned
DATA = Path(__file__).parent / "data"
# systemd must not take the machine's cgroup2 root, or the next cluster fails ("Failed to attach ... to compat systemd
# cgroup"); a machine with nothing but cgroup v2 ignores the argument
START = '["/usr/local/bin/entrypoint","/sbin/init","systemd.legacy_systemd_cgroup_controller=1"]'
CHANGES = ("ENV container=podman", "STOPSIGNAL SIGRTMIN+3", f"ENTRYPOINT {START}")
PINS = (
    versions.KIND,
    versions.KUBERNETES,
    versions.COREDNS,
    versions.ETCD_TAG,
    versions.PAUSE_TAG,
    versions.LOCAL_PATH,
    versions.DEBIAN,
)


@dataclass(frozen=True)
class Sources:
    """What the node image is made of: directories and files in the cache."""

    kubernetes: Path
    coredns: Path
    local_path: Path
    pause: Path
    host_root: Path
    kind_module: Path


def sources(cache: Cache) -> Sources:
    return Sources(
        binaries.kubernetes(cache),
        binaries.coredns(cache),
        binaries.local_path(cache),
        binaries.pause(cache),
        debian.host_root(cache),
        binaries.kind_source(cache),
    )


def store(cache: Cache) -> Path:
    """The podman store with the node image, built if need be: about a minute and 1.2 GB."""
    data = [DATA / name for name in ("cni.sh", "cni.yaml", "crictl.sh", "pause.go", "preload.sh")]
    code = [Path(module).read_text() for module in (__file__, node_root.__file__)]
    key = key_of(*[path.read_text() for path in data], *code, *PINS, *debian.NODE_PACKAGES)
    image = cache.product(f"node-{versions.KUBERNETES}", key, lambda out: _make(cache, sources(cache), out))
    in_use = {link.resolve().parent for link in cache.labs.glob(f"*/{USED_LINK}")}
    cache.prune("node-", keep=in_use | {image.resolve()})
    return image / "store"


def _make(cache: Cache, parts: Sources, out: Path) -> None:
    started = time.monotonic()
    state = cache.labs / ".node-image"
    with locked(cache.labs / ".node-image.lock", "the node image is being built by another run"):
        workshop = PrivateHost("node-image", state)
        workshop.end()  # of a run that was killed
        root = state / "root"
        state.mkdir(parents=True)
        try:
            node_root.make_root(root, parts.kubernetes, parts.kind_module, cache.logs / "node-root.log")
            say("making the node's images and loading them")
            images = state / "images"
            images.mkdir()
            _control_plane(parts, images)
            _kube_proxy(parts, root, images)
            workshop.start(Roots(parts.host_root, cache.root, parts.pause))
            workshop.run(["/bin/bash", "/lab/preload.sh"], what="loading the node's images", log=_script(cache, state))
            say("importing the node image")
            changes = [word for change in CHANGES for word in ("--change", change)]
            command = ["podman", "import", "-q", *changes, "/lab/root.tar", versions.BUILT_NODE_IMAGE]
            workshop.run(command, what="importing the node image", log=cache.logs / "node-image.log")
        finally:
            workshop.groups.end()
        (state / "store/storage").rename(out / "store")
        remove_tree(state)
    say(f"  node image {versions.KUBERNETES}: built in {time.monotonic() - started:.0f} s")


def _script(cache: Cache, state: Path) -> Path:
    shutil.copy(DATA / "preload.sh", state / "preload.sh")
    log = cache.logs / "node-image.log"
    log.unlink(missing_ok=True)
    return log


def _image(name: str, tree: Path, images: Path, entrypoint: str) -> None:
    """Pack a directory as the image `name`."""
    file = images / re.sub(r"[^a-z0-9]+", "-", name)
    for directory in ("tmp", "etc", "run"):
        (tree / directory).mkdir(exist_ok=True)
    layer = file.with_suffix(".layer")
    with tarfile.open(layer, "w") as archive:
        archive.add(tree, arcname=".")
    build_archive(name, [layer], file.with_suffix(".tar"), entrypoint=[entrypoint])
    shutil.rmtree(tree)
    for used in images.glob(f"{layer.name}*"):
        used.unlink()


def _single(name: str, binary: Path, target: str, images: Path) -> None:
    tree = images / "tree"
    place = tree / target.lstrip("/")
    place.parent.mkdir(parents=True)
    shutil.copy(binary, place)
    _image(name, tree, images, target)


def _control_plane(parts: Sources, images: Path) -> None:
    """One image per program, from its binary alone."""
    registry, version = "registry.k8s.io", versions.KUBERNETES
    for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        _single(f"{registry}/{name}:{version}", parts.kubernetes / name, f"/usr/local/bin/{name}", images)
    _single(f"{registry}/etcd:{versions.ETCD_TAG}", parts.kubernetes / "etcd", "/usr/local/bin/etcd", images)
    _single(f"{registry}/coredns/coredns:{versions.COREDNS}", parts.coredns, "/coredns", images)
    _single(f"{registry}/pause:{versions.PAUSE_TAG}", parts.pause, "/pause", images)
    source = (parts.kind_module / "pkg/build/nodeimage/const_storage.go").read_text()
    _, provisioner, helper = node_root.storage_manifest(source)
    _single(provisioner, parts.local_path, "/usr/bin/local-path-provisioner", images)
    tree = images / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "host").mkdir()
    shutil.copy(parts.host_root / "bin/busybox", tree / "bin/busybox")
    for applet in BUSYBOX_APPLETS:
        (tree / "bin" / applet).symlink_to("busybox")
    _image(helper, tree, images, "/bin/sh")


def _kube_proxy(parts: Sources, root: Path, images: Path) -> None:
    """kube-proxy with iptables and conntrack out of the node's root.

    All xtables plugins come along with the libraries that they need (libm for one): without those, Services fail
    without a word.
    """
    tree = images / "tree"
    plugins = sorted(str(path.relative_to(root)) for path in root.glob("usr/lib/*/xtables/*.so"))
    programs = ["usr/sbin/xtables-nft-multi", "usr/sbin/conntrack", "usr/bin/kmod"]
    listed = subprocess.run(  # noqa: S603
        ["chroot", str(root), "ldd", *[f"/{name}" for name in programs + plugins]],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    libraries = {path.lstrip("/") for path in re.findall(r"(/lib\S+) \(0x", listed)}
    for name in [*programs, *plugins, *sorted(libraries)]:
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, place)
    for name in XTABLES_NAMES:
        (tree / "usr/sbin" / name).symlink_to("xtables-nft-multi")
    place = tree / "usr/local/bin/kube-proxy"
    place.parent.mkdir(parents=True)
    shutil.copy(parts.kubernetes / "kube-proxy", place)
    _image(f"registry.k8s.io/kube-proxy:{versions.KUBERNETES}", tree, images, "/usr/local/bin/kube-proxy")
