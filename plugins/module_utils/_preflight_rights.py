# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the account in use may do what an installation, and its verification, need.

Private to this collection: it may change in any release. Imports nothing of Ansible.

What Helm needs for an object: ``get`` (is it there, whose is it), ``create``, and ``patch`` (Helm 4 applies, Helm 3
patches); ``delete`` when a later version of the chart leaves the object out. It never updates (only ``--force`` does).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _crds
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import (
    Account,
    Answers,
    Right,
    rules,
    snippet,
    told,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_escalation import Escalation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import (
    Kinds,
    hooks,
    kind_of,
    named,
    place_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import (
    failed,
    listed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

INSTALL, VERIFY = "cluster.rights", "cluster.verify_rights"
# Secrets of Helm (one for each revision, the oldest is deleted) and of the role.
_SECRET_VERBS = ("get", "list", "create", "update", "patch", "delete")
FORWARD_CREATES = (1, 35)
_ACCOUNT = "or use another account (holmes_kubeconfig, holmes_kube_context)"
_ASK = "Allow 'create selfsubjectaccessreviews.authorization.k8s.io' for this account."
_RBAC = "rbac.authorization.k8s.io"
_NO_ANSWERS = Answers()


def needed(rendered: Rendered, kinds: Kinds, namespace: str, existing: t.Collection[str] = ()) -> list[Right]:
    """Rights without which Helm or the role stops, for every rendered object that the cluster knows.

    ``existing`` are the titles of those that are there already, which need not be made.
    """
    rights = [Right(verb, "secrets", "", namespace) for verb in _SECRET_VERBS]
    for manifest in named(rendered):
        kind = kinds.get(kind_of(manifest))
        if kind is None:
            continue
        place, name = place_of(manifest, kind, namespace), name_of(manifest)
        if title_of(manifest) not in existing:
            rights.append(Right("create", kind.resource, kind.group, place))
        rights += [Right(verb, kind.resource, kind.group, place, name) for verb in ("get", "patch")]
        if hooks(manifest):  # Helm waits for it, and removes it before the next time
            rights += [Right(verb, kind.resource, kind.group, place) for verb in ("list", "watch")]
            rights.append(Right("delete", kind.resource, kind.group, place, name))
    return list(dict.fromkeys(rights))


def wished(rendered: Rendered, kinds: Kinds, namespace: str) -> list[Right]:
    """Rights that only a later upgrade or a removal needs."""
    found = [(manifest, kinds[kind_of(manifest)]) for manifest in named(rendered) if kind_of(manifest) in kinds]
    return [
        Right("delete", kind.resource, kind.group, place_of(manifest, kind, namespace), name_of(manifest))
        for manifest, kind in found
    ]


def for_namespace(namespace: str, create: bool, found: Object | None) -> list[Right]:
    """Rights on the namespace itself, which the role leaves alone if it exists."""
    if not create:
        return []
    if found:
        # A Role in the namespace may allow it.
        return [Right("get", "namespaces", "", namespace, namespace)]
    return [Right("get", "namespaces", name=namespace), Right("create", "namespaces")]


def for_definitions(names: t.Iterable[str]) -> list[Right]:
    """Rights to bring the chart's CRDs by these names, with holmes_skip_crds: false."""
    where = _crds.RESOURCE, _crds.GROUP
    named_ones = [Right(verb, *where, "", name) for name in names for verb in ("get", "patch")]
    return [Right("create", *where), *named_ones] if named_ones else []


def for_lock(namespace: str) -> list[Right]:
    """Rights on the Lease by which two runs see each other. Without them the run works all the same."""
    return [Right(verb, "leases", "coordination.k8s.io", namespace) for verb in ("get", "create", "patch", "delete")]


def for_verification(namespace: str, version: tuple[int, int]) -> list[Right]:
    """What holmes_verify reads, the port-forward by which it asks HolmesGPT, and the token that tries to write.

    Not ``pods/exec``: whether an outside address is tried from inside a pod is a choice of its own.
    The Python client forwards over a websocket, which begins with a GET. From Kubernetes 1.35 on that needs ``create``
    as well (kubernetes/kubernetes#134577).
    """
    here = [("deployments", "apps"), ("replicasets", "apps"), ("pods", ""), ("services", ""), ("secrets", "")]
    rights = [Right("list", resource, group, namespace) for resource, group in (*here, ("events", ""))]
    rights += [Right("get", resource, "", namespace) for resource in ("pods/log", "configmaps", "pods/portforward")]
    rights += [Right("create", "pods/portforward", "", namespace)] if version >= FORWARD_CREATES else []
    rights += [Right("create", "serviceaccounts/token", "", namespace)]
    rights += [Right("list", f"{kind}bindings", _RBAC) for kind in ("clusterrole", "role")]
    return rights + [Right("get", f"{kind}s", _RBAC) for kind in ("clusterrole", "role")]


def judge(must: Answers, wish: Answers, passing_on: Escalation, asked: int, lock: Answers = _NO_ANSWERS) -> Check:
    """``cluster.rights`` from the answers about needed and wished rights, and about those in rendered roles.

    ``lock``: about the rights on the Lease.
    """
    evidence: dict[str, t.Any] = {
        "denied": told(must.denied),
        "wished": told([*wish.denied, *lock.denied]),
        "rules": rules([*must.denied, *wish.denied, *lock.denied]),
        "passing_on": {title: told(rights) for title, rights in passing_on.denied.items()},
    }
    if must.denied or passing_on.denied:
        sentences = _lacking(must.denied) + passing_on.messages()
        fixes = _granting(must.denied) + passing_on.fixes()
        return failed(INSTALL, " ".join(sentences), " ".join(fixes), **evidence)
    if must.unknown or passing_on.unknown:
        names = [*told(must.unknown), *passing_on.unknown]
        message = f"It is not known whether this account may: {listed(names)}."
        return unchecked(INSTALL, message, _ASK if must.unknown else passing_on.readable(), **evidence)
    if wish.denied or lock.denied:
        lacking = [*wish.denied, *lock.denied]
        message = f"This account may install, but {' '.join(_wanting(wish.denied, lock.denied))}"
        return warned(INSTALL, message, f"Grant {snippet(lacking)}, {_ACCOUNT}.", **evidence)
    return passed(INSTALL, f"All {asked} rights that the objects need are granted.", asked=asked)


def _wanting(wish: t.Sequence[Right], lock: t.Sequence[Right]) -> t.Iterator[str]:
    """What the lack of rights costs that are not needed to install."""
    if wish:
        yield f"not {'; '.join(told(wish))}: what a later chart leaves out stays, and nothing can be removed."
    if lock:
        yield f"{'It may ' if wish else ''}not {'; '.join(told(lock))}: two runs at once are not prevented."


def _lacking(rights: t.Sequence[Right]) -> list[str]:
    return [f"This account may not {'; '.join(told(rights))}."] if rights else []


def _granting(rights: t.Sequence[Right]) -> list[str]:
    told = [f"Grant {snippet(rights)}, {_ACCOUNT}."] if rights else []
    if any(right.resource == "namespaces" for right in rights):
        told.append("With holmes_create_namespace: false no right on the namespace is needed; then it has to exist.")
    return told


def judge_verification(answers: Answers, asked: int) -> Check:
    """``cluster.verify_rights``: what is missing costs checks after the installation, not the installation."""
    evidence = {"denied": told(answers.denied), "rules": rules(answers.denied)}
    if answers.denied:
        message = (
            f"This account may not {'; '.join(told(answers.denied))}: the verification cannot check what these show."
        )
        return warned(VERIFY, message, f"Grant {snippet(answers.denied)}, {_ACCOUNT}.", **evidence)
    if answers.unknown:
        return unchecked(VERIFY, "The API server answered no access review.", _ASK, **evidence)
    return passed(VERIFY, f"All {asked} rights that the verification needs are granted.", asked=asked)


def check(
    account: Account, must: list[Right], wish: list[Right], passing_on: Escalation, lock: t.Sequence[Right] = ()
) -> Check:
    """Ask and judge; ``passing_on`` has asked already, ``lock`` are the rights on the Lease."""
    asked = len({*must, *wish, *lock})
    return judge(account.ask(must), account.ask(wish), passing_on, asked, account.ask(lock))
