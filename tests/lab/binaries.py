# SPDX-License-Identifier: GPL-3.0-or-later
"""Binaries that Debian does not have, built from Go modules into the cache, one product per version."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from . import gomod, versions
from .cache import Cache, key_of
from .errors import LabError
from .progress import run_logged, say

DATA = Path(__file__).parent / "data"


def _go_environment(out: Path) -> dict[str, str]:
    return os.environ | {"GOBIN": str(out), "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off"}


def go_install(cache: Cache, name: str, module: str, package: str, version: str, ldflags: str = "-s -w") -> Path:
    """`go install` one command of a module as `name`; returns the file in the cache."""

    def make(out: Path) -> None:
        say(f"building {name} {version}")
        command = ["go", "install", "-ldflags", ldflags, f"{module}{package}@{version}"]
        log = cache.logs / f"{name}.log"
        seconds = run_logged(command, what=f"{name} {version}", log=log, env=_go_environment(out))
        built = list(out.iterdir())
        if len(built) != 1:
            raise LabError(f"building {name} gave {len(built)} files instead of one", log)
        built[0].rename(out / name)
        say(f"  {name} {version}: built in {seconds:.0f} s")

    return cache.product(f"{name}-{version}", key_of(module, package, ldflags), make) / name


def kind(cache: Cache) -> Path:
    return go_install(cache, "kind", "sigs.k8s.io/kind", "", versions.KIND)


def coredns(cache: Cache) -> Path:
    return go_install(cache, "coredns", "github.com/coredns/coredns", "", versions.COREDNS)


def local_path(cache: Cache) -> Path:
    return go_install(
        cache, "local-path-provisioner", "github.com/rancher/local-path-provisioner", "", versions.LOCAL_PATH
    )


def helm(cache: Cache, major: int) -> Path:
    version = {3: versions.HELM3, 4: versions.HELM4}[major]
    module = f"helm.sh/helm/v{major}"
    ldflags = f"-s -w -X {module}/internal/version.version={version}"  # or `helm version` says only v3.22
    if major == 3:  # Helm 4 reads this from its own modules; without it templates see Kubernetes 1.20
        k8s, minor = versions.HELM3_KUBERNETES.split(".")
        for package in ("chartutil", "lint/rules"):
            path = f"{module}/pkg/{package}"
            ldflags += f" -X {path}.k8sVersionMajor={k8s} -X {path}.k8sVersionMinor={minor}"
    return go_install(cache, f"helm{major}", module, "/cmd/helm", version, ldflags)


def kubernetes(cache: Cache) -> Path:
    """The directory with kubeadm, kubelet, kubectl, the control plane, kube-proxy and etcd."""
    version = versions.KUBERNETES
    flags = gomod.version_flags(version)

    def make(out: Path) -> None:
        say(f"building Kubernetes {version} and etcd: 4 to 8 minutes on two cores, once")
        work = out / "work"
        work.mkdir()
        log = cache.logs / "kubernetes.log"
        own = _download(f"k8s.io/kubernetes@{version}", work)
        (work / "go.mod").write_text(gomod.generate(version, Path(own["GoMod"]).read_text()))
        env = _go_environment(out)
        # `tidy` fetches what only tests of dependencies need, too; it is what makes the list of modules complete
        run_logged(["go", "mod", "tidy"], what="Kubernetes: modules", log=log, cwd=work, env=env)
        build = ["go", "build", "-v", "-trimpath", "-ldflags", flags, "-o", f"{out}/", "tool"]
        log.unlink(missing_ok=True)

        def detail() -> str:
            done = sum(1 for entry in out.iterdir() if entry.is_file())
            compiled = len(log.read_text(errors="replace").splitlines())
            return f"{compiled} packages compiled, {done} of {len(gomod.COMMANDS) + 1} binaries done"

        seconds = run_logged(build, what="Kubernetes", log=log, cwd=work, env=env, detail=detail)
        (out / "server").rename(out / "etcd")
        say(f"  Kubernetes {version}: built in {seconds:.0f} s")

    return cache.product(f"kubernetes-{version}", key_of(flags, gomod.ETCD_PACKAGE, *gomod.COMMANDS), make)


def pause(cache: Cache) -> Path:
    """The process that holds a pod's namespaces, from our own few lines."""
    source = DATA / "pause.go"

    def make(out: Path) -> None:
        command = ["go", "build", "-ldflags", "-s -w", "-o", str(out / "pause"), str(source)]
        run_logged(command, what="pause", log=cache.logs / "pause.log", cwd=out, env=_go_environment(out))

    return cache.product("pause", key_of(source.read_text()), make) / "pause"


def kind_source(cache: Cache) -> Path:
    """kind's module as Go keeps it: the files of its node image are in there."""
    return Path(_download(f"sigs.k8s.io/kind@{versions.KIND}", cache.made)["Dir"])


def _download(module: str, cwd: Path) -> dict[str, str]:
    command = ["go", "mod", "download", "-json", module]
    env = os.environ | {"GOWORK": "off", "GOFLAGS": ""}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answer: dict[str, str] = json.loads(done.stdout)
    except ValueError:
        answer = {}
    if done.returncode or "Dir" not in answer:
        why = answer.get("Error") or done.stderr.strip() or "no answer"
        raise LabError(f"Go module {module} cannot be downloaded: {why.splitlines()[-1]}")
    return answer
