# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about the rights in the rendered chart: whatever HolmesGPT runs as may only read.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import (
    READING_ROLES,
    WRITING_ROLES,
    violation,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import is_own_role, origin
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import on_manifests
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_PROMISE = "HolmesGPT may only read, and no Secrets."


@rule("render.rbac_read_only", "No rendered role may write or read Secrets", excusable=True)
@on_manifests
def rbac_read_only(case: Case) -> t.Iterator[Finding]:
    for role in view.of_kind(case.rendered, *view.ROLE_KINDS):
        yield from _role(case, role)
    for binding in view.of_kind(case.rendered, *view.BINDING_KINDS):
        yield from _bound(case, binding)
        yield from _subjects(case, binding)
    rules = view.rules(case.rendered)
    yield good(f"{len(rules)} rules, all of them get, list and watch", rules=len(rules))


def _role(case: Case, role: Values) -> t.Iterator[Finding]:
    title = view.title_of(role)
    told = [(given, violation(given)) for given in items(role.get("rules")) if isinstance(given, dict)]
    wrong = [(given, text) for given, text in told if text]
    if wrong:
        message = f"{title} grants {'; '.join(text for _given, text in wrong)}. {_PROMISE}"
        fix = _fix(case, role, [given for given, _text in wrong])
        yield fail(message, fix, subject=title, roles=[title])
    if role.get("aggregationRule"):
        message = f"{title} collects rules of other roles in the cluster (aggregationRule), so nobody knows them here."
        yield fail(message, _fix(case, role, []), subject=title, roles=[title])


def _fix(case: Case, item: Values, wrong: list[Values]) -> str:
    """What to change, by where the object comes from. ``wrong`` are the rules that go too far."""
    name = view.name_of(item)
    source = origin(case, name)
    if source:
        return f"Set {source}.enabled: false."
    if not is_own_role(case, name):
        return f"Turn off what brings {view.title_of(item)}; the chart's own role has another name."
    given = items(effective(case, "customClusterRoleRules"))
    if any(one in given for one in wrong):
        return (
            "Correct holmes_custom_cluster_role_rules (customClusterRoleRules): only get, list and watch, no '*', no "
            "secrets."
        )
    return "This chart's own role goes that far: set holmes_rbac_create: false, and bind one that only reads."


def _bound(case: Case, binding: Values) -> t.Iterator[Finding]:
    """The role of a binding, if the chart does not make it."""
    role, title = str(get(binding, ("roleRef", "name"), "")), view.title_of(binding)
    made = {view.name_of(item) for item in view.of_kind(case.rendered, *view.ROLE_KINDS)}
    if role in made or role in READING_ROLES:
        return
    source = origin(case, view.name_of(binding))
    if role in WRITING_ROLES:
        fix = f"Set {source}.serviceAccount.clusterRole: view." if source else "Bind 'view' instead."
        yield fail(f"{title} gives the role '{role}', which may write.", fix, subject=title, roles=[title])
    else:
        message = f"{title} gives the role '{role}', which is not part of the chart; its rules are unknown here."
        yield warn(message, "See that it only reads.", subject=title)


def _subjects(case: Case, binding: Values) -> t.Iterator[Finding]:
    """Who else gets the rights."""
    title = view.title_of(binding)
    for subject in items(binding.get("subjects")):
        kind, name = str(get(subject, ("kind",), "")), str(get(subject, ("name",), ""))
        namespace = get(subject, ("namespace",), case.request.namespace)
        if kind in ("Group", "User"):
            message = f"{title} gives its rights to the {kind.lower()} '{name}', not to HolmesGPT alone."
            yield fail(message, f"Turn off what brings {title}.", subject=title, roles=[title])
        elif namespace != case.request.namespace:
            message = f"{title} gives its rights to the account '{name}' of another namespace, '{namespace}'."
            yield warn(message, f"See what brings {title}.", subject=title)
        elif name == "default":
            message = f"{title} gives its rights to the account 'default', and so to every pod that names no account."
            yield warn(message, "Set holmes_service_account to an account of HolmesGPT's own.", subject=title)
