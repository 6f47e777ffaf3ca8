# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays in a cluster after Helm has removed the release, and whose it is.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from urllib.parse import quote

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    RBAC,
    KubeError,
    Object,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_collisions import keeper
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import SECRET_TYPE, releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._secret import is_ours
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import RELEASE_NAME, RELEASE_NAMESPACE

REMOVED = "release.removed"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRD_SUFFIX = ".holmesgpt.dev"
OURS, RELEASE, OTHERS = "ours", "this release's", "somebody else's"
# By what the user asks for.
SECRETS, CLUSTER_ROLES, CUSTOM, NAMESPACE = "secrets", "cluster_roles", "crds", "namespace"
# Made by Kubernetes or OpenShift in every namespace.
_USUAL = {
    "configmap": ("kube-root-ca.crt", "openshift-service-ca.crt"),
    "serviceaccount": ("default", "builder", "deployer"),
}
_TOKENS = ("kubernetes.io/service-account-token", "kubernetes.io/dockercfg")
_ACCOUNT = "kubernetes.io/service-account.name"

Identity = tuple[str, str]


@dataclass(frozen=True)
class Left:
    """Something that Helm leaves: its kind as kubectl has it, and whose it is. ``asked``: how its removal is asked."""

    kind: str
    name: str
    namespace: str
    owner: str
    why: str
    asked: str = ""
    path: str = ""
    thing: Object = field(default_factory=dict, repr=False)

    @property
    def what(self) -> str:
        where = f" -n {self.namespace}" if self.namespace else ""
        return f"{self.kind}/{self.name}{where}"

    @property
    def mine(self) -> bool:
        return self.owner != OTHERS


@dataclass
class Search:
    """One look at what is left. ``going``: kinds and names that Helm still has to remove (check mode)."""

    reader: Reader
    namespace: str
    release: str
    secret_names: t.Sequence[str] = ()
    going: t.Collection[Identity] = ()
    unseen: dict[str, KubeError] = field(default_factory=dict)

    def run(self) -> list[Left]:
        """Secrets, cluster roles and bindings, CRDs, then what else is in the namespace, and the namespace."""
        found = self._secrets() + self._roles() + self._crds()
        for kind, resource in (
            ("configmap", "configmaps"),
            ("serviceaccount", "serviceaccounts"),
            ("persistentvolumeclaim", "persistentvolumeclaims"),
        ):
            base = path_of(CORE, resource, self.namespace)
            found += [self._left(kind, base, it) for it in self._list(kind, base) if not usual(kind, it)]
        found = [one for one in found if (one.kind, one.name) not in self.going]
        return found + self._namespace()

    def _secrets(self) -> list[Left]:
        base = path_of(CORE, "secrets", self.namespace)
        return [
            self._left("secret", base, secret, SECRETS)
            for secret in self._list(SECRETS, base)
            if not usual("secret", secret) and not (self.going and self._revision(secret))
        ]

    def _roles(self) -> list[Left]:
        found = []
        for kind in ("clusterrolebinding", "clusterrole"):
            base = path_of(RBAC, f"{kind}s")
            mine = [it for it in self._list(CLUSTER_ROLES, base) if owned(it, self.release, self.namespace)]
            found += [self._left(kind, base, it, CLUSTER_ROLES) for it in mine]
        return found

    def _crds(self) -> list[Left]:
        some = [it for it in self._list(CUSTOM, CRDS) if name_of(it).endswith(CRD_SUFFIX)]
        return [self._left("crd", CRDS, it, CUSTOM) for it in some]

    def _namespace(self) -> list[Left]:
        path = path_of(CORE, "namespaces", name=self.namespace)
        try:
            thing = find(self.reader, path)
        except KubeError as error:
            self._remember(NAMESPACE, error)
            return []
        if thing is None:
            return []
        owner, why = (OURS, "it has our label") if is_ours(thing) else (OTHERS, "this collection did not make it")
        return [Left("namespace", self.namespace, "", owner, why, NAMESPACE, path, thing)]

    def _left(self, kind: str, base: str, thing: Object, asked: str = "") -> Left:
        place = "" if asked in (CUSTOM, CLUSTER_ROLES) else self.namespace
        owner, why = self._owner(thing)
        return Left(kind, name_of(thing), place, owner, why, asked, f"{base}/{quote(name_of(thing), safe=':')}", thing)

    def _owner(self, thing: Object) -> tuple[str, str]:
        if is_ours(thing):
            return OURS, "it has our label"
        if self._revision(thing):
            return RELEASE, f"Helm's record of it; 'helm uninstall {self.release} -n {self.namespace}' removes it"
        if owned(thing, self.release, self.namespace):
            return RELEASE, "it has the annotations of this release"
        notes = meta(thing).get("annotations") or {}
        if notes.get(RELEASE_NAME):
            return OTHERS, f"Helm release '{notes[RELEASE_NAME]}' of namespace '{notes.get(RELEASE_NAMESPACE)}'"
        if name_of(thing) in self.secret_names:
            return OTHERS, "this role uses it, but somebody else made it"
        return OTHERS, keeper(thing) or "this collection did not make it"

    def _revision(self, thing: Object) -> bool:
        labels = meta(thing).get("labels") or {}
        return thing.get("type") == SECRET_TYPE and labels.get("name") == self.release

    def _list(self, what: str, path: str) -> list[Object]:
        try:
            return items(self.reader, path)
        except KubeError as error:
            self._remember(what, error)
            return []

    def _remember(self, what: str, error: KubeError) -> None:
        if error.status == 404:
            return
        if not error.forbidden:
            raise error
        self.unseen.setdefault(what, error)


def usual(kind: str, thing: Object) -> bool:
    """Whether Kubernetes makes such an object by itself."""
    if kind == "secret":
        return thing.get("type") in _TOKENS and _ACCOUNT in (meta(thing).get("annotations") or {})
    return name_of(thing) in _USUAL.get(kind, ())


def owned(thing: t.Mapping[str, t.Any], name: str, namespace: str) -> bool:
    """Whether an object has Helm's annotations of this very release."""
    notes = meta(thing).get("annotations") or {}
    return (notes.get(RELEASE_NAME), notes.get(RELEASE_NAMESPACE)) == (name, namespace)


def removed_check(client: Reader, namespace: str, name: str, check_mode: bool = False) -> Check:
    """``release.removed``: Helm knows it no more. Raises KubeError if that cannot be read."""
    title = "Release removed"
    try:
        revisions = releases(client, namespace, name)
    except KubeError:
        raise
    except HolmesError as error:
        return Check(REMOVED, title, FAIL, error.msg, error.fix)
    if not revisions:
        return Check(REMOVED, title, PASS, f"Release '{name}' is gone from namespace '{namespace}'.")
    if check_mode:
        message = f"Helm would remove release '{name}' from namespace '{namespace}' ({revisions[-1].status})."
        return Check(REMOVED, title, NOT_CHECKED, message)
    message = f"Helm still knows release '{name}' in namespace '{namespace}' ({revisions[-1].status})."
    fix = f"Run 'helm uninstall {name} -n {namespace}' and read its answer."
    return Check(REMOVED, title, FAIL, message, fix)
