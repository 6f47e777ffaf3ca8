# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rights a ServiceAccount really has, and whether they are read-only.

Private to this collection: it may change in any release. Imports nothing of Ansible. Judging is pure; reading is thin.
Rights come by every binding that names the account, the groups of service accounts, or all authenticated users.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rbac_rules
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    RBAC,
    KubeError,
    Object,
    Reader,
    items,
    meta,
    name_of,
    path_of,
)

EVERYONE = "system:authenticated"
# What Kubernetes gives to every authenticated user: rights about oneself and about the API's version.
KNOWN_FOR_EVERYONE = {
    "system:basic-user": "creates only reviews of its own rights",
    "system:discovery": "reads only the list of APIs",
    "system:public-info-viewer": "reads only health and version",
}
# The judgement over what they allow is the same as for rendered roles.
violations = _rbac_rules.violations


@dataclass(frozen=True)
class Grant:
    """What one binding gives. ``via`` is the subject that matched; ``rules`` is None for a role that is gone."""

    binding: str
    role: str
    namespace: str
    via: str
    rules: list[Object] | None


@dataclass(frozen=True)
class Rights:
    """Grants of an account. ``excluded``: bindings left out, with the reason; ``unread``: what could not be read."""

    grants: list[Grant] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def subject_match(binding: Object, namespace: str, account: str) -> str:
    """How a binding reaches the account (``ServiceAccount``, ``User`` or the group's name); empty if it does not."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", EVERYONE)
    for subject in binding.get("subjects") or []:
        kind, name = subject.get("kind"), subject.get("name")
        where = subject.get("namespace") or meta(binding).get("namespace")
        if kind == "ServiceAccount" and name == account and where == namespace:
            return "ServiceAccount"
        if kind == "User" and name == f"system:serviceaccount:{namespace}:{account}":
            return "User"
        if kind == "Group" and name in groups:
            return str(name)
    return ""


def rights_of(reader: Reader, namespace: str, account: str) -> Rights:
    """Every grant of the account; raises KubeError if ClusterRoleBindings cannot be read.

    If RoleBindings cannot be read in all namespaces, only those of ``namespace`` are, and ``unread`` says so.
    """
    rights = Rights()
    bindings = items(reader, path_of(RBAC, "clusterrolebindings"))
    try:
        bindings += items(reader, path_of(RBAC, "rolebindings"))
    except KubeError as error:
        if not error.forbidden:
            raise
        rights.unread.append(error.msg)
        bindings += items(reader, path_of(RBAC, "rolebindings", namespace))
    for binding in bindings:
        via = subject_match(binding, namespace, account)
        role = str((binding.get("roleRef") or {}).get("name", ""))
        if not via:
            continue
        if via == EVERYONE and role in KNOWN_FOR_EVERYONE:
            rights.excluded.append(f"{role}: for everyone, {KNOWN_FOR_EVERYONE[role]}")
            continue
        rights.grants.append(_grant(reader, binding, role, via))
    return rights


def _grant(reader: Reader, binding: Object, role: str, via: str) -> Grant:
    where = str(meta(binding).get("namespace") or "")
    kind = (binding.get("roleRef") or {}).get("kind")
    path = path_of(RBAC, "clusterroles", "", role) if kind == "ClusterRole" else path_of(RBAC, "roles", where, role)
    rules: list[Object] | None
    try:
        rules = list(reader.get(path).get("rules") or [])
    except KubeError as error:
        if error.status != 404:
            raise
        rules = None
    return Grant(name_of(binding), role, where, via, rules)
