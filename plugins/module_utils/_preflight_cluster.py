# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks before an installation that the cluster itself answers: reading for each, and the list of them.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Nothing is changed: reads, access reviews, and dry runs of the API server.
"""

from __future__ import annotations

import os
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _chart,
    _crds,
    _preflight_admission,
    _preflight_collisions,
    _preflight_namespace,
    _preflight_nodes,
    _preflight_release,
    _preflight_rights,
    _preflight_room,
    _preflight_say,
    _preflight_served,
    _secret,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    APPS,
    CONNECT_TIMEOUT,
    CORE,
    KubeError,
    Object,
    items,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Account, reviewer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_escalation import escalation
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_growth import contains, growths
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Look
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_many import many
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import passed, unchecked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import masked

# Id to title of every check here; each has a section in docs/checks/cluster.md.
IDS = _preflight_say.IDS
# One task asks several things in turn, so it gets a small multiple of the time for one request.
PATIENCE = 3


def tasks(context: Context) -> list[Task]:
    """One task for each check. They share what they read."""
    look = Look(context)
    checks: dict[str, t.Callable[[Look], Check]] = {
        "cluster.version": _version,
        "cluster.rights": _rights,
        "cluster.verify_rights": _verify_rights,
        "cluster.namespace": _namespace,
        "cluster.pod_security": _pod_security,
        "cluster.quota": _quota,
        "cluster.nodes": _nodes,
        "cluster.admission": _admission,
        "cluster.proxy": _proxy,
        "release.conflict": _conflict,
        "cluster.release": _state,
        "release.gitops": _gitops,
    }
    # All wait for the one connection first.
    deadline = CONNECT_TIMEOUT + 5 + context.timeout * PATIENCE
    return [Task(check, IDS[check], _run(look, make), deadline) for check, make in checks.items()]


def _run(look: Look, make: t.Callable[[Look], Check]) -> t.Callable[[], list[Check]]:
    """Webhooks, and Helm about a failed release, may quote anything, so every text is masked."""
    return lambda: [masked(make(look), look.secrets)]


def _version(look: Look) -> Check:
    return _preflight_served.judge(look.version(), look.rendered(), look.kinds())


def _rights(look: Look) -> Check:
    context, rendered, kinds = look.context, look.rendered(), look.kinds()
    namespace = _seen(look) or None
    account = Account(reviewer(context.cluster()))
    must = _preflight_rights.for_namespace(context.namespace, context.create_namespace, namespace)
    existing = [item for item in look.live() if item.found]
    titles = {item.title for item in existing}
    must += _preflight_rights.needed(rendered, kinds, context.namespace, titles)
    if not context.skip_crds and context.chart:
        must += _preflight_rights.for_definitions(map(name_of, _crds.of_chart(_chart.read(context.chart))))
    wish = _preflight_rights.wished(rendered, kinds, context.namespace)
    wish = [right for right in wish if right not in must]
    same = {item.title for item in existing if contains(item.found, _handed(item.manifest))}
    passing_on = escalation(look.reader, account, rendered, context.namespace, same)
    lock = _preflight_rights.for_lock(context.namespace)
    return _preflight_rights.check(account, must, wish, passing_on, lock)


def _handed(manifest: Object) -> Object:
    """The part of a role or a binding that Kubernetes guards."""
    return {key: manifest[key] for key in ("rules", "roleRef", "subjects", "aggregationRule") if key in manifest}


def _seen(look: Look) -> Object | None:
    """The namespace; empty for an account that may not read it but perhaps may do all the rest."""
    try:
        return look.namespace()
    except KubeError as error:
        if not error.forbidden:
            raise
        return {}


def _verify_rights(look: Look) -> Check:
    version = _preflight_served.minor(look.version())
    rights = _preflight_rights.for_verification(look.context.namespace, version)
    answers = Account(reviewer(look.context.cluster())).ask(rights)
    return _preflight_rights.judge_verification(answers, len(rights))


def _namespace(look: Look) -> Check:
    name = look.context.namespace
    try:
        return _preflight_namespace.judge(name, look.namespace(), look.context.create_namespace)
    except KubeError as error:
        return _preflight_namespace.unreadable(_preflight_namespace.NAMESPACE, name, error)


def _pod_security(look: Look) -> Check:
    name, pods = look.context.namespace, _preflight_namespace.pods_of(look.rendered())
    try:
        return _preflight_namespace.judge_security(name, look.namespace(), pods)
    except KubeError as error:
        return _preflight_namespace.unreadable(_preflight_namespace.SECURITY, name, error)


def _quota(look: Look) -> Check:
    name = look.context.namespace
    found: dict[str, list[Object]] = {}
    unread = []
    for resource in ("resourcequotas", "limitranges"):
        try:
            found[resource] = items(look.reader, path_of(CORE, resource, name))
        except KubeError as error:
            if not error.forbidden:
                raise
            unread.append(error)
    if not any(found.values()) and not unread:
        return passed(_preflight_room.ID, f"Namespace '{name}' has no ResourceQuota and no LimitRange.")
    live = look.live()
    wanted = _preflight_room.demand(live, growths(live), name, len(look.context.secrets))
    rules = _preflight_room.Rules(found.get("resourcequotas", ()), found.get("limitranges", ()), unread)
    return _preflight_room.judge(name, rules, wanted)


def _nodes(look: Look) -> Check:
    wanted = growths(look.live())
    try:
        return _preflight_nodes.judge(_preflight_nodes.read(look.reader, wanted), wanted)
    except KubeError as error:
        return unchecked(_preflight_nodes.ID, error.msg, error.fix or "Grant 'list' on nodes, in a ClusterRole.")


def _admission(look: Look) -> Check:
    context = look.context
    live = look.live()
    if _seen(look) is None:
        return _preflight_admission.without_namespace(look.reader, context.namespace)
    send = _preflight_admission.sender(context.cluster(), context.timeout)
    wanted = _preflight_admission.attempts(live, context.namespace)
    tried = many(lambda one: _preflight_admission.attempt(send, *one), wanted)
    tried += [_preflight_admission.Tried(item.title, (), item.error) for item in live if item.error and item.namespace]
    return _preflight_admission.judge(tried)


def _proxy(look: Look) -> Check:
    return _preflight_served.judge_proxy(str(look.context.cluster().raw.configuration.host), os.environ)


def _conflict(look: Look) -> Check:
    context, reader, unread = look.context, look.reader, []
    live = look.live()
    deployments: list[Object] = []
    config_map: Object | None = None
    try:
        deployments = items(reader, path_of(APPS, "deployments", context.namespace))
        config_map = find(reader, path_of(CORE, "configmaps", context.namespace, _preflight_collisions.CONFIG_MAP))
    except KubeError as error:
        if not error.forbidden:
            raise
        unread.append(error)
    return _preflight_collisions.judge(live, deployments, config_map, context.release_name, context.namespace, unread)


def _state(look: Look) -> Check:
    context = look.context
    found = releases(look.reader, context.namespace, context.release_name)
    renewed = [name for name, texts in context.secrets.items() if found and _changes(look, name, texts)]
    return _preflight_release.judge(found, context.values, time.time(), context.pending_grace, renewed)


def _changes(look: Look, name: str, texts: t.Mapping[str, str]) -> bool:
    """Whether this run changes the Secret."""
    existing = find(look.reader, path_of(CORE, "secrets", look.context.namespace, name))
    return bool(_secret.patch_for(existing, _secret.opaque_data(texts)))


def _gitops(look: Look) -> Check:
    return _preflight_collisions.judge_keepers(look.live())
