# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian root file systems, made by mmdebstrap into the cache."""

from __future__ import annotations

from pathlib import Path

from . import versions
from .cache import Cache, key_of
from .progress import run_logged, say

HOST_PACKAGES = [
    # kind's way to containers
    *("podman", "conmon", "runc", "netavark", "aardvark-dns", "iptables", "iproute2"),
    # the site's services; apache2-utils for htpasswd
    *("docker-registry", "skopeo", "nginx-light", "apache2-utils"),
    # tools; busybox becomes the helper image of the node
    *("curl", "ca-certificates", "procps", "util-linux", "busybox-static"),
]
NODE_PACKAGES = [
    *("systemd", "systemd-sysv", "containerd", "runc", "containernetworking-plugins", "iptables", "nftables"),
    *("iproute2", "conntrack", "kmod", "ethtool", "socat", "procps", "curl", "ca-certificates", "util-linux"),
    *("mount", "jq"),
]

CONTAINERS_CONF = """\
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
# crun refuses hybrid control groups: "cgroups in hybrid mode not supported"
runtime = "runc"
stop_timeout = 2
[containers]
# podman's defaults need CAP_SYS_RESOURCE: "setrlimit RLIMIT_NOFILE: Operation not permitted"
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
"""
STORAGE_CONF = """\
[storage]
driver = "overlay"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
[storage.options]
# the node image, shared read-only by all labs
additionalimagestores = ["/var/lib/node-image"]
"""


def bootstrap(root: Path, packages: list[str], what: str, log: Path) -> None:
    """Make a Debian root file system in the directory `root`.

    mmdebstrap mounts into the new root: it gets a mount and a pid namespace of its own, so that a killed run leaves no
    mount behind.
    """
    say(f"making {what}: Debian {versions.DEBIAN} with {len(packages)} packages and what they need")
    log.unlink(missing_ok=True)
    without = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale")]
    own_namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    arguments = ["--mode=root", "--variant=minbase", *without, f"--include={','.join(packages)}"]
    command = [*own_namespaces, "mmdebstrap", *arguments, versions.DEBIAN, str(root)]
    seconds = run_logged(command, what=what, log=log)
    say(f"  {what}: made in {seconds:.0f} s")


def host_root(cache: Cache) -> Path:
    """The root file system of the private host; labs lay an overlay on it."""

    def make(out: Path) -> None:
        root = out / "root"
        bootstrap(root, HOST_PACKAGES, "the private host", cache.logs / "host-root.log")
        for directory in ("lib/modules", "lab", "machine", "opt/lab/bin", "opt/lab/made"):
            (root / directory).mkdir(parents=True, exist_ok=True)
        for directory in ("containers", "node-image"):
            (root / "var/lib" / directory).mkdir(parents=True, exist_ok=True)
        (root / "usr/bin/docker").symlink_to("podman")  # `kind load docker-image` calls docker
        (root / "etc/containers/containers.conf").write_text(CONTAINERS_CONF)
        (root / "etc/containers/storage.conf").write_text(STORAGE_CONF)

    key = key_of(versions.DEBIAN, CONTAINERS_CONF, STORAGE_CONF, *HOST_PACKAGES)
    return cache.product("host", key, make) / "root"
