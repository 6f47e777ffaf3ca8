# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of the run loses its rights in the namespace half-way through an upgrade.

Before Helm, or before the verification: the operator reads which account may not do what, and where. Nothing is taken
back, because nothing can be. With the rights back the next run of the same account takes over the lock that could not
be given back, recovers what is left, ends READY, and the pods served all the time.
"""

from __future__ import annotations

import base64
import json
import typing as t

import pytest

from tests.e2e.site_run import Place, Vars
from tests.faults.fault_run import changed, plain, ready, report, reporting, run_with
from tests.faults.probes import Probes

RBAC = "rbac.authorization.k8s.io"
# Outside of its namespace: HolmesGPT's own cluster role, and what the checks look at.
CLUSTER_RULES = [
    {"apiGroups": [RBAC], "resources": ["clusterroles", "clusterrolebindings"], "verbs": ["*"]},
    {"apiGroups": [RBAC], "resources": ["roles", "rolebindings"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["namespaces", "nodes"], "verbs": ["get", "list"]},
    {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["get", "list"]},
]
MODEL_RULES = [
    {"apiGroups": [""], "resources": ["pods", "services", "endpoints"], "verbs": ["get", "list"]},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["get", "create"]},
]


class Deployer:
    """An account that may do everything in the namespace of the place, and what it needs beyond."""

    def __init__(self, place: Place) -> None:
        self.place, self.site, self.name = place, place.site, f"{place.namespace}-deployer"
        here, model = {"namespace": place.namespace}, {"namespace": "inference"}
        subject = {"kind": "ServiceAccount", "name": self.name, **here}
        self.binding = self._object("RoleBinding", here, roleRef=self._role("cluster-admin"), subjects=[subject])
        self._apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": self.name, **here}},
            self._object("ClusterRole", {}, rules=CLUSTER_RULES),
            self._object("ClusterRoleBinding", {}, roleRef=self._role(self.name), subjects=[subject]),
            self._object("Role", model, rules=MODEL_RULES),
            self._object("RoleBinding", model, roleRef=self._role(self.name, "Role"), subjects=[subject]),
            self.binding,
        )

    @staticmethod
    def _role(name: str, kind: str = "ClusterRole") -> Vars:
        return {"apiGroup": RBAC, "kind": kind, "name": name}

    def _object(self, kind: str, scope: Vars, **content: t.Any) -> Vars:
        return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": {"name": self.name, **scope}, **content}

    def _apply(self, *objects: Vars) -> None:
        self.site.exec(
            "kubectl", "apply", "-f", "-", input=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        )

    def variables(self) -> Vars:
        """Of runs as this account."""
        config = json.loads(self.site.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        cluster = config["clusters"][0]["cluster"]
        authority = self.place.folder / "cluster-ca.crt"
        authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        token = self.site.kubectl("create", "token", self.name, "-n", self.place.namespace).strip()
        return {
            "holmes_kube_host": cluster["server"],
            "holmes_kube_api_key": token,
            "holmes_kube_ca_cert": str(authority),
        }

    def revocation(self) -> list[str]:
        return ["kubectl", "delete", "rolebinding", self.name, "-n", self.place.namespace]

    def grant(self) -> None:
        self._apply(self.binding)

    def remove(self) -> None:
        self.site.kubectl("delete", "clusterrole,clusterrolebinding", self.name, "--ignore-not-found")
        self.site.kubectl("delete", "role,rolebinding", self.name, "-n", "inference", "--ignore-not-found")


@pytest.fixture
def deployer(place: Place) -> t.Iterator[Deployer]:
    made = Deployer(place)
    yield made
    made.remove()


@pytest.mark.parametrize(
    "at",
    [
        "Release | Install or upgrade",
        "Verify | Rollout, read-only access, API and an answer with known content",
    ],
    ids=["before-helm", "before-verification"],
)
def test_rights_are_revoked_half_way(place: Place, deployer: Deployer, at: str) -> None:
    account = deployer.variables()
    ready(place, **account, **changed(0))
    with Probes(place) as probes:
        fault = {"at": at, "command": deployer.revocation()}
        run = run_with(place, fault, **reporting(place), **account, **changed(1))
        told = plain(run)
        place.site.say(f"  exit {run.code}, {report(place)['verdict']}")
        assert "Traceback" not in told
        subject = f"system:serviceaccount:{place.namespace}:{deployer.name}"
        assert subject in told and "cannot " in told and f'in the namespace "{place.namespace}"' in told
        assert report(place)["verdict"] != "ready" and "Revision 0 " not in told
        deployer.grant()
        run = ready(place, **account, **changed(1))
        assert "was taken over from a run that ended early" in plain(run)
        (env,) = {json.dumps(pod["spec"]["containers"][0]["env"]) for pod in place.pods()}
        assert '"name": "HOLMES_FAULTS_ROUND", "value": "1"' in env
        probes.expect_served()
