# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the account in use may make the rendered roles and bindings.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Kubernetes lets nobody hand on what he does not have: who makes a role needs every right in it, or the verb ``escalate``
on the role; who makes a binding needs every right of its role, or the verb ``bind``.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from itertools import product

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    RBAC,
    KubeError,
    Object,
    Reader,
    meta,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import ALL, Account, Right, told
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

GROUP = "rbac.authorization.k8s.io"
_RESOURCES = {"ClusterRole": "clusterroles", "Role": "roles"}


@dataclass(frozen=True)
class Escalation:
    """By role or binding: the rights it would hand on that the account lacks.

    ``verbs``: what would do instead. ``unknown``: what could not be found out.
    """

    denied: t.Mapping[str, t.Sequence[Right]] = field(default_factory=dict)
    verbs: t.Mapping[str, Right] = field(default_factory=dict)
    unknown: t.Sequence[str] = ()

    def messages(self) -> list[str]:
        same: dict[str, list[str]] = {}
        for title, rights in self.denied.items():
            same.setdefault(listed(told(rights), 4), []).append(title)
        return [
            f"This account may not make {' and '.join(titles)}, because it lacks rights that it would hand on: "
            f"{lacking}."
            for lacking, titles in same.items()
        ]

    def fixes(self) -> list[str]:
        if not self.denied:
            return []
        wanted = [f"'{right.verb}' on {right.target} named {right.name}" for right in self.verbs.values()]
        return [
            f"Grant it {', '.join(dict.fromkeys(wanted))}; or let an administrator make account and role, and set "
            "holmes_rbac_create: false and holmes_service_account."
        ]

    def readable(self) -> str:
        return f"Grant the account {listed(self.unknown)}, or 'get' on these roles."


def escalation(
    reader: Reader, account: Account, rendered: Rendered, namespace: str, same: t.Collection[str] = ()
) -> Escalation:
    """Asks for ``escalate`` and ``bind``, and only where they are not granted for each right of the role.

    ``same`` are the titles of roles and bindings that stand there so already: Kubernetes looks at changes only.
    """
    rendered_ones = view.of_kind(rendered, *view.ROLE_KINDS, *view.BINDING_KINDS)
    found = [item for item in rendered_ones if view.title_of(item) not in same]
    verbs = {view.title_of(item): _instead(item, namespace) for item in found}
    answers = account.ask(verbs.values())
    lacking = {*answers.denied, *answers.unknown}
    roles = {(str(role.get("kind")), name_of(role)): role for role in view.of_kind(rendered, *view.ROLE_KINDS)}
    handed: dict[str, list[Right]] = {}
    unknown = []
    for item in found:
        title = view.title_of(item)
        if verbs[title] not in lacking:
            continue
        role = item if item.get("kind") in view.ROLE_KINDS else _role_of(reader, item, roles, namespace)
        if role is None:
            unknown.append(f"'{verbs[title].verb}' on {verbs[title].target} named {verbs[title].name}")
        else:
            handed[title] = rights_in(role, _place(item, namespace))
    asked = account.ask([right for rights in handed.values() for right in rights])
    unknown += told(asked.unknown)
    denied = {title: [right for right in rights if right in set(asked.denied)] for title, rights in handed.items()}
    denied = {title: rights for title, rights in denied.items() if rights}
    return Escalation(denied, {title: verbs[title] for title in denied}, unknown)


def rights_in(role: Object, namespace: str) -> list[Right]:
    """Every single right of a role, as asked for in ``namespace`` (empty: in the whole cluster)."""
    if role.get("aggregationRule"):  # nobody knows what will be in it, so Kubernetes wants everything
        return [Right(ALL, ALL, ALL), Right(ALL, url=ALL)]
    found = []
    for rule in (entry for entry in items(role.get("rules")) if isinstance(entry, dict)):
        verbs = _texts(rule, "verbs")
        found += [Right(verb, url=url) for url, verb in product(_texts(rule, "nonResourceURLs"), verbs)]
        whats = product(_texts(rule, "apiGroups"), _texts(rule, "resources"), _texts(rule, "resourceNames") or [""])
        found += [
            Right(verb, resource, group, namespace, name) for (group, resource, name), verb in product(whats, verbs)
        ]
    return list(dict.fromkeys(found))


def _texts(rule: Object, key: str) -> list[str]:
    return [str(item) for item in items(rule.get(key))]


def _place(item: Manifest, namespace: str) -> str:
    return "" if str(item.get("kind")).startswith("Cluster") else str(meta(item).get("namespace") or namespace)


def _instead(item: Manifest, namespace: str) -> Right:
    """The one verb that makes up for all rights in a role or behind a binding."""
    place = _place(item, namespace)
    if item.get("kind") in view.ROLE_KINDS:
        return Right("escalate", _RESOURCES[str(item.get("kind"))], GROUP, place, name_of(item))
    kind, name = _reference(item)
    return Right("bind", _RESOURCES.get(kind, "roles"), GROUP, place, name)


def _reference(binding: Manifest) -> tuple[str, str]:
    given = binding.get("roleRef") or {}
    return str(given.get("kind") or "ClusterRole"), str(given.get("name", ""))


def _role_of(
    reader: Reader, binding: Manifest, roles: t.Mapping[tuple[str, str], Manifest], namespace: str
) -> Object | None:
    """The role behind a binding, rendered or in the cluster; None if it cannot be read."""
    kind, name = _reference(binding)
    if (kind, name) in roles:
        return roles[kind, name]
    place = "" if kind == "ClusterRole" else _place(binding, namespace)
    try:
        return reader.get(path_of(RBAC, _RESOURCES.get(kind, "roles"), place, name))
    except KubeError as error:
        if error.status in (403, 404):
            return None
        raise
