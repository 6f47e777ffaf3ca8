# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rights a ServiceAccount really has, and whether they are read-only.

Private to this collection: it may change in any release. Imports nothing of Ansible. Judging is pure; reading is thin.
Rights come by every binding that names the account, the groups of service accounts, or all authenticated users; and by
those for requests without any credentials, which every pod can make.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rbac_rules
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_everyone import GIFTS, beyond
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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import RELEASE_NAME

EVERYONE = "system:authenticated"
ANYBODY, NOBODY = "system:unauthenticated", "system:anonymous"
# The judgement over what they allow is the same as for rendered roles.
violations = _rbac_rules.violations


@dataclass(frozen=True)
class Grant:
    """What one binding gives. ``via`` is the subject that matched; ``rules`` is None for a role that is gone.

    ``release``: the Helm release that the binding says it is of.
    """

    binding: str
    role: str
    namespace: str
    via: str
    rules: list[Object] | None
    release: str = ""


@dataclass(frozen=True)
class Rights:
    """Grants of an account. ``excluded``: bindings left out, with the reason; ``unread``: what could not be read."""

    grants: list[Grant] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def subject_match(binding: Object, namespace: str, account: str) -> str:
    """How a binding reaches the account (``ServiceAccount``, ``User`` or the group's name); empty if it does not.

    Of several ways the narrowest.
    """
    groups = [f"system:serviceaccounts:{namespace}", "system:serviceaccounts", EVERYONE, ANYBODY]
    user = f"system:serviceaccount:{namespace}:{account}"
    found = set()
    for subject in binding.get("subjects") or []:
        kind, name = subject.get("kind"), subject.get("name")
        where = subject.get("namespace") or meta(binding).get("namespace")
        if kind == "ServiceAccount" and name == account and where == namespace:
            found.add("ServiceAccount")
        elif kind == "User" and name in (user, NOBODY):
            found.add("User" if name == user else NOBODY)
        elif kind == "Group" and name in groups:
            found.add(name)
    return next((way for way in ("ServiceAccount", "User", *groups, NOBODY) if way in found), "")


def rights_of(reader: Reader, namespace: str, account: str) -> Rights:
    """Every grant of the account; raises KubeError if nothing at all can be seen.

    What may not be read is told in ``unread``, and the rest is looked at all the same. If RoleBindings cannot be read
    in all namespaces, those of ``namespace`` are.
    """
    rights, roles = Rights(), _Roles(reader)
    for binding in _bindings(reader, namespace, rights.unread):
        via = subject_match(binding, namespace, account)
        if not via:
            continue
        try:
            grant = roles.grant(binding, via)
        except KubeError as error:
            if not error.forbidden:
                raise
            rights.unread.append(error.msg)
            continue
        kept = _without_gifts(grant, rights.excluded)
        if kept:
            rights.grants.append(kept)
    return rights


def _without_gifts(grant: Grant, excluded: list[str]) -> Grant | None:
    """The grant without what a platform gives to everyone; None if that is all. What was left out is told."""
    rules = grant.rules or []
    if grant.via in (EVERYONE, ANYBODY, NOBODY) and grant.role in GIFTS:
        excluded.append(f"{grant.role}: for everyone, {GIFTS[grant.role].why}")
        rules = beyond(grant.role, rules)
    used = [name for rule in rules for name in _rbac_rules.profiles(rule)]
    if used:
        excluded.append(f"{grant.role}: lets its pods use OpenShift's profile {', '.join(used)}, which restricts them")
        rules = [rule for rule in rules if not _rbac_rules.profiles(rule)]
    if any(map(_rbac_rules.admits, rules)):
        excluded.append(f"{grant.role}: lets its pods start with a PodSecurityPolicy, which reads and writes nothing")
        rules = [rule for rule in rules if not _rbac_rules.admits(rule)]
    return None if len(rules) < len(grant.rules or []) and not rules else replace(grant, rules=grant.rules and rules)


def _bindings(reader: Reader, namespace: str, unread: list[str]) -> list[Object]:
    """All bindings that can be read, complaints into ``unread``; the first refusal is raised if there is none."""
    found, refused = [], []
    for path, instead in (
        (path_of(RBAC, "clusterrolebindings"), ""),
        (path_of(RBAC, "rolebindings"), path_of(RBAC, "rolebindings", namespace)),
    ):
        for place in filter(None, (path, instead)):
            try:
                found.append(items(reader, place))
                break
            except KubeError as error:
                if not error.forbidden:
                    raise
                refused.append(error)
    if not found:
        raise refused[0]
    unread.extend(error.msg for error in refused)
    return [binding for some in found for binding in some]


class _Roles:
    """Roles, each read once: a group may be bound to the same one in hundreds of namespaces."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, list[Object] | None] = {}

    def grant(self, binding: Object, via: str) -> Grant:
        reference, where = binding.get("roleRef") or {}, str(meta(binding).get("namespace") or "")
        role = str(reference.get("name", ""))
        cluster = reference.get("kind") == "ClusterRole"
        path = path_of(RBAC, "clusterroles", "", role) if cluster else path_of(RBAC, "roles", where, role)
        if path not in self._known:
            self._known[path] = self._rules(path)
        release = str((meta(binding).get("annotations") or {}).get(RELEASE_NAME) or "")
        return Grant(name_of(binding), role, where, via, self._known[path], release)

    def _rules(self, path: str) -> list[Object] | None:
        try:
            return list(self._reader.get(path).get("rules") or [])
        except KubeError as error:
            if error.status != 404:
                raise
            return None
