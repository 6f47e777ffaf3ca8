# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host itself needs: Helm in range, and an API server that answers.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task, run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CONNECT_TIMEOUT, Cluster, KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context

IDS = {"host.helm": "Helm on this host", "cluster.api": "API server"}

# Helm 3.12 is the oldest with the upgrade behaviour kubernetes.core 6.6 relies on; 4.x is the newest line tried here.
HELM_OLDEST = (3, 12)
HELM_NEWEST_MAJOR = 4

# Runs an argument list; answers return code, standard output, standard error.
Run = t.Callable[[list[str]], tuple[int, str, str]]
# Looks at the lock of the release.
Lock = t.Callable[[Cluster], Check]

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Host:
    """What a module knows of its host. ``path`` is where Helm is, None if it is not there."""

    helm: str
    path: str | None
    run: Run
    connect: t.Callable[[], Cluster]
    folder: str | None = None

    def version(self) -> tuple[str | None, str]:
        """Where Helm is, and what it says of its version."""
        if not self.path:
            return None, ""
        return self.path, self.run([self.path, "version", "--template", "{{.Version}}"])[1]


def tasks(context: Context, host: Host) -> list[Task]:
    def helm() -> list[Check]:
        path, output = host.version()
        return [check_helm(path, host.helm, output)]

    return [
        Task("host.helm", IDS["host.helm"], helm, late=FAIL),
        Task("cluster.api", IDS["cluster.api"], lambda: [_api(context)], deadline=CONNECT_TIMEOUT + 5, late=FAIL),
    ]


def alone(host: Host, lock: Lock | None = None) -> list[Check]:
    """Only Helm and the API server, before there is a chart, and whether another run is in the way.

    ``lock`` looks at the lock of the release; it is told only if somebody else holds it.
    """

    def nothing() -> t.NoReturn:
        raise HolmesError("There is no chart yet.")

    def in_the_way() -> list[Check]:
        try:
            check = lock(context.cluster()) if lock else None
        except KubeError:  # cluster.api says why
            return []
        return [check] if check and check.evidence.get("held") else []

    context = Context(cluster=Once(host.connect), rendered=nothing)
    look = Task("release.lock", "Lock of the release", in_the_way, deadline=CONNECT_TIMEOUT + 5)
    return run_all([*tasks(context, host), look])


def check_helm(path: str | None, binary: str, output: str) -> Check:
    """Helm is there and in range. ``path`` is where it was found, ``output`` is ``helm version --template``'s text."""
    title = IDS["host.helm"]
    if path is None:
        message = f"The program '{binary}' was not found on this host."
        return Check(
            "host.helm", title, FAIL, message, "Install Helm 3 or 4 there, or set holmes_helm_binary to its path."
        )
    found = _VERSION.search(output)
    if not found:
        message = f"'{path}' did not answer with a Helm version."
        return Check("host.helm", title, FAIL, message, "Set holmes_helm_binary to a Helm 3 or 4 program.")
    version = (int(found.group(1)), int(found.group(2)))
    evidence = {"path": path, "version": found.group(0).lstrip("v")}
    if version < HELM_OLDEST or version[0] > HELM_NEWEST_MAJOR:
        message = f"Helm {evidence['version']} at '{path}' is out of range."
        oldest = ".".join(map(str, HELM_OLDEST))
        fix = f"Use {oldest} or newer, up to {HELM_NEWEST_MAJOR}.x; name it in holmes_helm_binary."
        return Check("host.helm", title, FAIL, message, fix, evidence)
    return Check("host.helm", title, PASS, f"Helm {evidence['version']}", evidence=evidence)


def _api(context: Context) -> Check:
    """Whether there is a connection at all; what needs one says only that it could not be checked."""
    title = IDS["cluster.api"]
    try:
        cluster = context.cluster()
        version = str(cluster.get("/version").get("gitVersion", "of unknown version"))
    except KubeError as error:
        return Check("cluster.api", title, FAIL, error.msg, error.fix or "Check holmes_kubeconfig and K8S_AUTH_*.")
    host = str(cluster.raw.configuration.host)
    return Check(
        "cluster.api", title, PASS, f"Kubernetes {version} at {host}", "", {"server": host, "version": version}
    )
