# SPDX-License-Identifier: GPL-3.0-or-later
"""The root file system of the node image: what kind's own images/base/Dockerfile does, from Debian packages.

kind's files come from its Go module; only what has no other source is a stand-in of ours (crictl, CNI).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import debian, versions
from .errors import LabError

DATA = Path(__file__).parent / "data"
UNWANTED_UNITS = (
    "etc/systemd/system/*.wants/*",
    *(f"lib/systemd/system/{target}.target.wants/*" for target in ("multi-user", "local-fs", "basic")),
    "lib/systemd/system/sockets.target.wants/*udev*",
    "lib/systemd/system/sockets.target.wants/*initctl*",
    "lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
)


def storage_manifest(source: str) -> tuple[str, str, str]:
    """(manifest, provisioner image, helper image) out of the Go source that holds kind's default storage class."""
    constants = dict(re.findall(r'^const (storage\w+Image) = "([^"]+)"$', source, re.MULTILINE))
    text = re.search(r"^const defaultStorageManifest = `\n(.*?)^`$", source, re.MULTILINE | re.DOTALL)
    if text is None or not {"storageProvisionerImage", "storageHelperImage"} <= set(constants):
        raise LabError(f"kind {versions.KIND} keeps its storage manifest in another form: adapt tests/lab/node_root.py")
    manifest = text.group(1)
    for name, image in constants.items():
        manifest = manifest.replace(f"` + {name} + `", image)
    return manifest, constants["storageProvisionerImage"], constants["storageHelperImage"]


def _inside(root: Path, command: list[str]) -> str:
    done = subprocess.run(["chroot", str(root), *command], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise LabError(f"{command[0]} failed in the root of the node image: {done.stderr.strip()}")
    return done.stdout


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    after = change(before)
    if after == before:
        raise LabError(f"{path.name} of kind {versions.KIND} is not as expected: adapt tests/lab/node_root.py")
    path.write_text(after)


def copy_kind_files(root: Path, base_files: Path) -> None:
    """Lay kind's files over the root and enable its units, as its Dockerfile does."""
    for source in base_files.rglob("*"):  # not copytree: it would copy the read-only modes of Go's module cache
        if source.is_file():
            place = root / source.relative_to(base_files)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
    for script in [*(root / "kind/bin").iterdir(), *(root / "usr/local/bin").iterdir()]:
        script.chmod(0o755)
    (root / "usr/local/bin/containerd").symlink_to("/usr/bin/containerd")
    for pattern in UNWANTED_UNITS:
        for unit in root.glob(pattern):
            unit.unlink()
    _inside(root, ["systemctl", "-q", "enable", "kubelet", "containerd", "undo-mount-hacks"])
    _inside(root, ["systemctl", "-q", "mask", "systemd-binfmt"])
    with (root / "etc/systemd/journald.conf").open("a") as conf:
        conf.write("ReadKMsg=no\n")
    spec = json.loads(_inside(root, ["ctr", "oci", "spec"]))
    spec["process"].pop("rlimits", None)
    spec["hooks"] = {"createContainer": [{"path": "/kind/bin/mount-product-files.sh"}]}
    (root / "etc/containerd/cri-base.json").write_text(json.dumps(spec))


def adapt_containerd(config: str) -> str:
    """containerd's configuration for the lab: no lowered OOM scores, our pause image, certificates by directory.

    Without CAP_SYS_RESOURCE nobody can lower an OOM score. `config_path` must be set for containerd 1.6, or it does
    not look at /etc/containerd/certs.d.
    """
    config = config.replace("restrict_oom_score_adj = false", "restrict_oom_score_adj = true")
    config = re.sub(r"pause:[0-9.]+\"", f'pause:{versions.PAUSE_TAG}"', config)
    return config + (
        '\n[plugins."io.containerd.grpc.v1.cri".registry]\n'
        '  # one directory per registry with a hosts.toml: the site\'s CA\n  config_path = "/etc/containerd/certs.d"\n'
    )


def install_kubernetes(root: Path, kubernetes: Path, kind_module: Path) -> None:
    """Kubernetes' binaries, the manifests kind applies, and the stand-ins."""
    for binary in ("kubeadm", "kubelet", "kubectl"):
        shutil.copy(kubernetes / binary, root / "usr/bin" / binary)
    for directory in ("kubernetes/manifests", "cni/net.d", "containerd/certs.d"):
        (root / "etc" / directory).mkdir(parents=True, exist_ok=True)
    for directory in ("opt/cni", "kind/manifests"):
        (root / directory).mkdir(parents=True, exist_ok=True)
    (root / "opt/cni/bin").symlink_to("/usr/lib/cni")
    (root / "kind/version").write_text(versions.KUBERNETES)
    shutil.copy(DATA / "crictl.sh", root / "usr/local/bin/crictl")
    shutil.copy(DATA / "cni.sh", root / "kind/bin/lab-cni.sh")
    manifest, _, helper = storage_manifest((kind_module / "pkg/build/nodeimage/const_storage.go").read_text())
    (root / "kind/manifests/default-storage.yaml").write_text(manifest)
    cni = (DATA / "cni.yaml").read_text().replace("HELPER_IMAGE", helper)
    (root / "kind/manifests/default-cni.yaml").write_text(cni)


def make_root(root: Path, kubernetes: Path, kind_module: Path, log: Path) -> None:
    """The whole root file system of a node, without the images."""
    debian.bootstrap(root, debian.NODE_PACKAGES, "the node's root", log)
    copy_kind_files(root, kind_module / "images/base/files")
    _rewrite(root / "etc/containerd/config.toml", adapt_containerd)
    # with equally many rules of both kinds take nft: the same iptables back end on every node and in kube-proxy
    _rewrite(root / "usr/local/bin/entrypoint", lambda text: text.replace('" -ge "', '" -gt "'))
    install_kubernetes(root, kubernetes, kind_module)
