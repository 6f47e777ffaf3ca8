# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.rights``: which rules and bindings come and go, and whether a new one goes beyond reading. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_escalation import rights_in
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import READING_ROLES, violation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import RIGHTS, passed, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items

# Verbs in the order in which kubectl tells them.
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
# More of them make no sentence; the evidence has them all.
_MOST = 8


@dataclass(frozen=True)
class Change:
    """What a role or a binding gains and loses, and what of the gain goes beyond reading."""

    title: str
    gained: t.Sequence[str] = ()
    lost: t.Sequence[str] = ()
    beyond: t.Sequence[str] = ()


def judge(old: t.Sequence[Manifest], new: t.Sequence[Manifest]) -> Check:
    """Roles and bindings of the manifests before and after."""
    found = [*_roles(old, new), *_bindings(old, new)]
    evidence = {
        "gained": {one.title: list(one.gained) for one in found if one.gained},
        "lost": {one.title: list(one.lost) for one in found if one.lost},
    }
    if not found:
        return passed(RIGHTS, "The roles and bindings stay the same.", **evidence)
    beyond = {one.title: one.beyond for one in found if one.beyond}
    told = [f"{one.title}: {_sides(one)}" for one in found]
    message = f"{'; '.join(told)}."
    if beyond:
        reasons = "; ".join(f"{title} gains {', '.join(texts)}" for title, texts in beyond.items())
        fix = (
            "See that HolmesGPT needs it. Else turn off in holmes_values what brings it, or set holmes_rbac_create: "
            "false and holmes_service_account to an account that may only read."
        )
        message = f"More than reading: {reasons}. {message}"
        return warned(RIGHTS, message, fix, **evidence, beyond={title: list(texts) for title, texts in beyond.items()})
    return passed(RIGHTS, f"All that is new may only read. {message}" if evidence["gained"] else message, **evidence)


def _sides(change: Change) -> str:
    sides = (("+", change.gained), ("-", change.lost))
    return ", ".join(f"{sign} {', '.join(_short(some))}" for sign, some in sides if some)


def _short(texts: t.Sequence[str]) -> list[str]:
    """``get,list pods, nodes``; of many things only their API groups are told. ``texts`` are of :func:`_words`."""
    same: dict[str, list[str]] = {}
    for text in texts:
        verbs, _space, target = text.partition(" ")
        same.setdefault(verbs, []).append(target)
    return [f"{verbs} {_things(targets)}" for verbs, targets in same.items()]


def _things(targets: t.Sequence[str]) -> str:
    if len(targets) <= _MOST:
        return ", ".join(targets)
    groups = [target.split(" ")[0].partition(".")[2] or "core" for target in targets]
    return f"{len(targets)} resources of {listed(sorted(groups), _MOST)}"


def _roles(old: t.Sequence[Manifest], new: t.Sequence[Manifest]) -> t.Iterator[Change]:
    before, after = _by_title(old, view.ROLE_KINDS), _by_title(new, view.ROLE_KINDS)
    for title in sorted(before.keys() | after.keys()):
        had, has = before.get(title, {}), after.get(title, {})
        one, two = set(rights_in(had, "")), set(rights_in(has, ""))
        if one != two:
            gained = [] if has.get("aggregationRule") else _beyond(two - one)
            collects = bool(has.get("aggregationRule")) and not had.get("aggregationRule")
            beyond = ["the rules of other roles (aggregationRule)"] if collects else gained
            yield Change(title, _words(two - one), _words(one - two), beyond)


def _bindings(old: t.Sequence[Manifest], new: t.Sequence[Manifest]) -> t.Iterator[Change]:
    before, after = _by_title(old, view.BINDING_KINDS), _by_title(new, view.BINDING_KINDS)
    roles = _by_title(new, view.ROLE_KINDS)
    for title in sorted(before.keys() | after.keys()):
        had, has = _given(before.get(title, {})), _given(after.get(title, {}))
        if had != has:
            gained, lost = sorted(has - had), sorted(had - has)
            given = {role for role, _subject in gained}
            beyond = [text for role in sorted(given) for text in _of_role(role, roles)]
            yield Change(title, _told(gained), _told(lost), beyond)


def _told(given: t.Iterable[tuple[str, str]]) -> list[str]:
    return [f"{role} for {subject}" for role, subject in given]


def _by_title(manifests: t.Sequence[Manifest], kinds: t.Sequence[str]) -> dict[str, Manifest]:
    return {_title(one): one for one in manifests if one.get("kind") in kinds}


def _title(manifest: Manifest) -> str:
    """``ClusterRole holmes``, as kubectl describes it."""
    return f"{manifest.get('kind')} {view.name_of(manifest)}"


def _given(binding: Manifest) -> set[tuple[str, str]]:
    """Role and subject of everyone whom a binding gives something."""
    role = f"{get(binding, ('roleRef', 'kind'), '')} {get(binding, ('roleRef', 'name'), '')}"
    found = set()
    for subject in items(binding.get("subjects")):
        place = get(subject, ("namespace",))
        name = f"{place}/{get(subject, ('name',))}" if place else str(get(subject, ("name",)))
        found.add((role, f"{get(subject, ('kind',))} {name}"))
    return found


def _of_role(role: str, roles: t.Mapping[str, Manifest]) -> list[str]:
    """What of a bound role goes beyond reading; the rules of a role that the chart does not make are unknown."""
    if role in roles:
        return _beyond(rights_in(roles[role], ""))
    name = role.partition(" ")[2]
    return [] if name in READING_ROLES else [f"the role '{name}', which is not part of the chart"]


def _beyond(rights: t.Iterable[Right]) -> list[str]:
    """What :mod:`_rbac_rules` has against these rights, one text for each group of resources."""
    return [text for text in (violation(_rule(group)) for group in _grouped(rights)) if text]


def _rule(rights: t.Sequence[Right]) -> dict[str, t.Any]:
    first = rights[0]
    verbs = _sorted({right.verb for right in rights})
    if first.url:
        return {"verbs": verbs, "nonResourceURLs": sorted({right.url for right in rights})}
    names = {"resourceNames": sorted({right.name for right in rights})} if first.name else {}
    resources = sorted({right.resource for right in rights})
    return {"verbs": verbs, "apiGroups": [first.group], "resources": resources, **names}


def _grouped(rights: t.Iterable[Right]) -> list[list[Right]]:
    """Rights on one thing together."""
    found: dict[tuple[str, str], list[Right]] = {}
    for right in sorted(rights):
        found.setdefault((right.target, right.name), []).append(right)
    return list(found.values())


def _words(rights: t.Iterable[Right]) -> list[str]:
    """``get,list,watch pods.metrics.k8s.io``: things with the same verbs stand beside each other."""
    verbs: dict[str, list[str]] = {}
    for group in _grouped(rights):
        target = f"{group[0].target} named {group[0].name}" if group[0].name else group[0].target
        verbs.setdefault(",".join(_sorted({right.verb for right in group})), []).append(target)
    return [f"{text} {target}" for text, targets in sorted(verbs.items()) for target in targets]


def _sorted(verbs: t.Iterable[str]) -> list[str]:
    return sorted(verbs, key=lambda verb: (_VERBS.index(verb) if verb in _VERBS else len(_VERBS), verb))
