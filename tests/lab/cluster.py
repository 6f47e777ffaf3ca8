# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster: kind's configuration for the site, creation, readiness, image archives."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from . import site_config
from .errors import LabError
from .progress import say
from .state import Files, Lab

KUBECTL_TIMEOUT = "--request-timeout=10s"
# on the nodes
RESOLV_CONF = "/etc/site-resolv.conf"
AUDIT_POLICY = "/etc/site-audit-policy.json"
AUDIT_LOG = "/var/log/site-audit"


class Runner(Protocol):
    """Where kind and kubectl run: the private host, or this machine for Docker and Podman."""

    def run(self, command: Sequence[str], *, what: str, log: Path) -> float: ...

    def output(self, command: Sequence[str], *, what: str, stdin: str | None = None, timeout: float = 120) -> str: ...


def kind_config(lab: Lab, site: str, cgroup_v1: bool) -> dict[str, Any]:
    """kind's configuration. `site` is the directory of the site's files as kind's host sees it.

    The kubelet gets its own resolv.conf, so that pods ask the site's DNS and inherit no search domain of the
    container engine. Without `failCgroupV1: false` a kubelet on a cgroup v1 machine never becomes healthy.
    The API server writes every request that could change something to the site's audit log.
    """
    kubelet: dict[str, Any] = {"kind": "KubeletConfiguration", "resolvConf": RESOLV_CONF}
    if cgroup_v1:
        kubelet["failCgroupV1"] = False
    mounts = [
        {"hostPath": f"{site}/certs.d", "containerPath": "/etc/containerd/certs.d", "readOnly": True},
        {"hostPath": f"{site}/resolv.conf", "containerPath": RESOLV_CONF, "readOnly": True},
    ]
    first = [
        {"hostPath": f"{site}/audit-policy.json", "containerPath": AUDIT_POLICY, "readOnly": True},
        {"hostPath": f"{site}/audit", "containerPath": AUDIT_LOG},
    ]
    roles = ["control-plane", *["worker"] * lab.workers]
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "networking": {"apiServerAddress": "127.0.0.1", "apiServerPort": lab.api_port},
        "kubeadmConfigPatches": [json.dumps(patch) for patch in (kubelet, *_audited())],
        "nodes": [
            {"role": role, "extraMounts": [*mounts, *(first if place == 0 else [])]} for place, role in enumerate(roles)
        ],
    }


def _audited() -> list[dict[str, Any]]:
    """kubeadm's part: an API server with an audit log, in both forms; kind uses the one of the Kubernetes it makes.

    In the newer form (Kubernetes 1.36 and later) the list replaces kind's own, which has only an empty argument.
    """
    arguments = {"runtime-config": "", "audit-policy-file": AUDIT_POLICY, "audit-log-path": f"{AUDIT_LOG}/audit.log"}
    volumes = [
        {"name": "audit-policy", "hostPath": AUDIT_POLICY, "mountPath": AUDIT_POLICY, "readOnly": True},
        {"name": "audit-log", "hostPath": AUDIT_LOG, "mountPath": AUDIT_LOG},
    ]
    forms: dict[str, Any] = {
        "v1beta3": arguments,
        "v1beta4": [{"name": name, "value": value} for name, value in arguments.items()],
    }
    return [
        {
            "apiVersion": f"kubeadm.k8s.io/{version}",
            "kind": "ClusterConfiguration",
            "apiServer": {"extraArgs": form, "extraVolumes": volumes},
        }
        for version, form in forms.items()
    ]


class Cluster:
    """The kind cluster of one lab. `inside` is the state directory as the runner sees it."""

    def __init__(self, lab: Lab, files: Files, runner: Runner, inside: str, kubectl: Sequence[str] = ()) -> None:
        self.lab = lab
        self.files = files
        self.runner = runner
        self.inside = inside
        self._kubectl = kubectl or ["kubectl", f"--kubeconfig={inside}/kubeconfig"]

    def kubectl(self, *arguments: str) -> str:
        return self.runner.output([*self._kubectl, KUBECTL_TIMEOUT, *arguments], what="kubectl")

    def create(self, image: str, config: dict[str, Any]) -> None:
        """Create the cluster of the configuration and wait until it is usable. Raises LabError with the reason."""
        (self.files.state / "kind.json").write_text(json.dumps(config, indent=1))
        log = self.files.logs / "kind.log"
        log.unlink(missing_ok=True)
        command = ["kind", "create", "cluster", "--name", self.lab.name, "--image", image, "--retain"]
        command += ["--config", f"{self.inside}/kind.json", "--kubeconfig", f"{self.inside}/kubeconfig"]
        seconds = self.runner.run(command, what="kind create cluster", log=log)
        say(f"  kind: created in {seconds:.0f} s")
        self.files.kubeconfig.chmod(0o600)
        self.log_dns()
        self.wait(log)

    def log_dns(self) -> None:
        """Let the cluster's DNS log every question, in one pod so that there is one log to read.

        Done before the node is ready: the first CoreDNS that starts has it.
        """
        where = ["-n", "kube-system"]
        known = json.loads(self.kubectl(*where, "get", "configmap", "coredns", "-o", "json"))
        original = known["data"]["Corefile"]
        patch = json.dumps({"data": {"Corefile": site_config.corefile(original)}})
        self.kubectl(*where, "patch", "configmap", "coredns", "--type=merge", "-p", patch)
        self.kubectl(*where, "scale", "deployment", "coredns", "--replicas=1")
        self.kubectl(*where, "rollout", "restart", "deployment", "coredns")

    def wait(self, log: Path, patience: float = 120) -> None:
        """Wait for all nodes, the cluster's DNS, the storage class and the default service account."""
        wanted: dict[str, Callable[[], bool]] = {
            "nodes": self._nodes_ready,
            "coredns": lambda: self._rolled_out("kube-system", "coredns"),
            "local-path-provisioner": lambda: self._rolled_out("local-path-storage", "local-path-provisioner"),
            "default service account": self._service_account,
        }
        started = time.monotonic()
        told = started
        while wanted:
            name, ready = next(iter(wanted.items()))
            if ready():
                del wanted[name]
                continue
            now = time.monotonic()
            if now - started > patience:
                raise LabError(f"The cluster is not usable after {patience:.0f} s: {name} not ready", log)
            if now - told > 15:
                told = now
                say(f"  waiting for {name}: {now - started:.0f} s")
            time.sleep(0.5)

    def nodes(self) -> dict[str, str]:
        """Name of each node -> its version when it is Ready, "" when not."""
        answer = json.loads(self.kubectl("get", "nodes", "-o", "json"))
        found = {}
        for node in answer["items"]:
            conditions = {entry["type"]: entry["status"] for entry in node["status"].get("conditions", [])}
            version = str(node["status"].get("nodeInfo", {}).get("kubeletVersion", "?"))
            found[node["metadata"]["name"]] = version if conditions.get("Ready") == "True" else ""
        return found

    def _nodes_ready(self) -> bool:
        nodes = self.nodes()
        return len(nodes) == self.lab.workers + 1 and all(nodes.values())

    def _rolled_out(self, namespace: str, name: str) -> bool:
        deployment = json.loads(self.kubectl("-n", namespace, "get", "deployment", name, "-o", "json"))
        status, replicas = deployment["status"], deployment["spec"]["replicas"]
        return bool(
            status.get("observedGeneration") == deployment["metadata"]["generation"]
            and status.get("updatedReplicas") == status.get("availableReplicas") == status.get("replicas") == replicas
        )

    def _service_account(self) -> bool:
        return "default" in self.kubectl("get", "serviceaccount", "-o", "name")

    def load(self, archive: str) -> None:
        """Load an image archive, named as the runner sees it, into every node."""
        command = ["kind", "load", "image-archive", "--name", self.lab.name, archive]
        self.runner.run(command, what="kind load image-archive", log=self.files.logs / "load.log")
