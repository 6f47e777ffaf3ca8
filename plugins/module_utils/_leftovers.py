# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stays in a cluster after Helm has removed the release.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    RBAC,
    KubeError,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRD_SUFFIX = ".holmesgpt.dev"
OWNER_ANNOTATIONS = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")


def left_behind(client: Reader, namespace: str, name: str) -> list[str]:
    """Objects as ``kind/name``, in the words of kubectl; what may not be listed is left out."""
    found = [
        f"secret/{name_of(it)} -n {namespace}" for it in _list(client, path_of(CORE, "secrets", namespace)) if _kept(it)
    ]
    found += [f"crd/{name_of(it)}" for it in _list(client, CRDS) if name_of(it).endswith(CRD_SUFFIX)]
    for kind in ("clusterrole", "clusterrolebinding"):
        found += [
            f"{kind}/{name_of(it)}" for it in _list(client, path_of(RBAC, f"{kind}s")) if _owned(it, name, namespace)
        ]
    if _exists(client, path_of(CORE, "namespaces", name=namespace)):
        found.append(f"namespace/{namespace}")
    return found


def removed_check(client: Reader, namespace: str, name: str) -> Check:
    """The release is gone; says what Helm leaves and how to remove it. Raises KubeError if that cannot be read."""
    title = "Release removed"
    revisions = releases(client, namespace, name)
    if revisions:
        message = f"Helm still knows release '{name}' in namespace '{namespace}' ({revisions[-1].status})."
        return Check(
            "release.removed", title, FAIL, message, f"Run 'helm uninstall {name} -n {namespace}' and read its answer."
        )
    left = left_behind(client, namespace, name)
    rest = f" Helm leaves {', '.join(left)}; 'kubectl delete' removes what you no longer need." if left else ""
    message = f"Release '{name}' is gone from namespace '{namespace}'.{rest}"
    return Check("release.removed", title, PASS, message, evidence={"left_behind": left})


def _kept(secret: t.Mapping[str, t.Any]) -> bool:
    return secret.get("type") not in ("helm.sh/release.v1", "kubernetes.io/service-account-token")


def _owned(thing: t.Mapping[str, t.Any], name: str, namespace: str) -> bool:
    annotations = meta(thing).get("annotations") or {}
    return tuple(annotations.get(key) for key in OWNER_ANNOTATIONS) == (name, namespace)


def _list(client: Reader, path: str) -> list[dict[str, t.Any]]:
    try:
        return items(client, path)
    except KubeError as error:
        if error.status in (403, 404):
            return []
        raise


def _exists(client: Reader, path: str) -> bool:
    try:
        return bool(client.get(path))
    except KubeError as error:
        if error.status in (403, 404):
            return False
        raise
