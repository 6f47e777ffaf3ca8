# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that deploys into one namespace, with just the rights that it is given."""

from __future__ import annotations

import base64
import json
import typing as t

from tests.e2e.site_run import Place, Vars

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
    """An account that may do everything in the namespace of the place, or what ``rules`` say, and the least beyond."""

    def __init__(self, place: Place, rules: t.Sequence[Vars] = ()) -> None:
        self.place, self.site, self.name = place, place.site, f"{place.namespace}-deployer"
        here, model = {"namespace": place.namespace}, {"namespace": "inference"}
        subject = {"kind": "ServiceAccount", "name": self.name, **here}
        role = self._role(self.name, "Role") if rules else self._role("cluster-admin")
        self.binding = self._object("RoleBinding", here, roleRef=role, subjects=[subject])
        self._apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.namespace}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": self.name, **here}},
            self._object("ClusterRole", {}, rules=CLUSTER_RULES),
            self._object("ClusterRoleBinding", {}, roleRef=self._role(self.name), subjects=[subject]),
            self._object("Role", model, rules=MODEL_RULES),
            self._object("RoleBinding", model, roleRef=self._role(self.name, "Role"), subjects=[subject]),
            *([self._object("Role", here, rules=list(rules))] if rules else []),
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
