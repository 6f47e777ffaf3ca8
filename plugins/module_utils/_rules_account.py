# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the pod's account: who makes it, and how far its rights reach.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._object_names import is_subdomain
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import (
    effective,
    on,
    truth,
    variable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import TOLD_SCOPE, text

CREATE, K8S_RBAC, SCOPED = ("createServiceAccount",), ("k8sRBAC",), ("namespaceScopedRBAC",)
SCOPE_ENV = "SCOPED_NAMESPACES"

# What changes only the account or the role that the chart makes.
_OF_THE_CHARTS = ("crdPermissions", "customClusterRoleRules", "openshift", "serviceAccount")


@rule("values.service_account", "The pod's account exists and has rights")
def service_account(case: Case) -> t.Iterator[Finding]:
    own = effective(case, "customServiceAccountName")
    if truth(own) and not (isinstance(own, str) and is_subdomain(own)):
        message = "The name of the own account (customServiceAccountName) is none that Kubernetes accepts."
        yield fail(message, "Correct holmes_service_account: only a-z, 0-9, '-' and '.', as text.")
        return
    if case.keys.knows(K8S_RBAC) and on(case, *K8S_RBAC):
        yield _no_role(case)
    if not on(case, *CREATE):
        yield from _not_created(case, own)
    elif own:
        yield from _created_and_named(case, own)
    else:
        yield good("The chart makes the account and its role")


def _no_role(case: Case) -> Finding:
    """k8sRBAC: true."""
    useless = _useless(case, "crdPermissions", "customClusterRoleRules", "namespaceScopedRBAC")
    message = (
        "k8sRBAC: true makes no role and turns the kubernetes toolsets off (issue #2436); it does not mean 'use RBAC'."
        + (f" So this has no effect: {', '.join(useless)}." if useless else "")
    )
    return warn(message, "Remove k8sRBAC.")


def _useless(case: Case, *keys: str) -> list[str]:
    """Of these keys those that were given, and that the chart would read."""
    return [key for key in keys if case.keys.knows((key,)) and _says_something(get(case.values, (key,)))]


def _says_something(value: t.Any) -> bool:
    return (
        any(map(_says_something, value.values()))
        if isinstance(value, dict) and value
        else value not in (None, {}, [], "", False)
    )


def _not_created(case: Case, own: t.Any) -> t.Iterator[Finding]:
    """createServiceAccount: false."""
    useless = _useless(case, *_OF_THE_CHARTS)
    if useless:
        message = (
            f"createServiceAccount: false makes no account and no role, so this has no effect: {', '.join(useless)}."
        )
        yield warn(message, "Bind the rights to your own account, and remove what has no effect.")
    account = own or str(view.holmes_pod(case.rendered, case.request).get("serviceAccountName") or "default")
    if account != "default" and own:
        yield good(f"Own account '{own}'; its rights are yours to bind")
    elif account != "default":
        message = (
            "createServiceAccount is false and no own account is named, but this chart lets the pod run as "
            f"'{account}', which nobody makes."
        )
        yield fail(message, "Set holmes_service_account, or holmes_rbac_create: true.")
    elif own:
        message = "The pod runs as the account 'default', whose rights every pod has that names no account."
        yield warn(message, "Set holmes_service_account to an account of HolmesGPT's own.")
    else:
        message = (
            "createServiceAccount is false and no own account is named: the pod runs as the namespace's 'default' "
            "account, which may read nothing."
        )
        yield warn(message, "Set holmes_service_account, or holmes_rbac_create: true.")


def _created_and_named(case: Case, own: str) -> t.Iterator[Finding]:
    """createServiceAccount: true together with an account's name: what comes of it depends on the chart."""
    made = [view.name_of(item) for item in view.of_kind(case.rendered, "ServiceAccount")]
    if case.rendered.done and own not in made:
        message = (
            f"The pod runs as '{own}', but the chart binds its role to an account of its own: HolmesGPT would see "
            "nothing."
        )
        fix = "Set holmes_rbac_create: false and bind the rights yourself, or remove holmes_service_account."
        yield fail(message, fix)
    elif own == "default":
        message = "The chart will try to create the account 'default', which every namespace has: Helm refuses."
        yield fail(message, "Remove holmes_service_account.")
    else:
        message = (
            f"The chart will try to create the account '{own}'; if it exists already, Helm refuses to take it over."
        )
        yield warn(message, "For an existing account set holmes_rbac_create: false.")


@rule("values.rbac_scope", "The rights reach as far as they were asked for")
def rbac_scope(case: Case) -> t.Iterator[Finding]:
    known = case.keys.knows(SCOPED)
    scoped, creates = known and on(case, *SCOPED), on(case, *CREATE)
    named = variable(case, SCOPE_ENV)
    if named is not None and not TOLD_SCOPE.holds(case.server):
        message = f"{SCOPE_ENV} has no effect before 0.42; this is HolmesGPT {text(case.server)}."
        yield warn(message, f"Use a newer version, or remove {SCOPE_ENV}.")
    if case.request.rbac.get("scope") == "namespace" and not scoped:
        yield from _by_hand(case, creates, named)
    elif scoped and creates:
        yield from _scoped(case, named)
    elif creates and named is not None:
        message = f"{SCOPE_ENV} only tells the model where to look; the role still reads the whole cluster."
        yield warn(message, "Set holmes_rbac_scope: namespace, or bind a Role to an account of your own.")
    else:
        yield good("The whole cluster can be read" if creates else "The rights are bound by hand")


def _by_hand(case: Case, creates: bool, named: t.Any) -> t.Iterator[Finding]:
    """Only one namespace was asked for, and the chart cannot do it or was told not to."""
    if creates:
        message = "holmes_rbac_scope is 'namespace', but the role will read the whole cluster: " + (
            "namespaceScopedRBAC is turned off."
            if case.keys.knows(SCOPED)
            else "this chart has no namespaceScopedRBAC."
        )
        fix = (
            "Make a ServiceAccount, a Role and a RoleBinding yourself, set holmes_rbac_create: false, "
            f"holmes_service_account, and from 0.42 on holmes_env: {{{SCOPE_ENV}: {case.request.namespace}}}."
        )
        yield fail(message, fix)
    elif named is None and TOLD_SCOPE.holds(case.server):
        message = "HolmesGPT is not told that it may read only some namespaces: it tries the whole cluster first."
        yield warn(message, f"Set holmes_env: {{{SCOPE_ENV}: {case.request.namespace}}}.")
    else:
        yield good("The rights are bound by hand")


def _scoped(case: Case, named: t.Any) -> t.Iterator[Finding]:
    """The chart makes a Role instead of a ClusterRole."""
    if any(isinstance(given, dict) and given.get("nonResourceURLs") for given in _own_rules(case)):
        message = "holmes_custom_cluster_role_rules has nonResourceURLs, which a Role of one namespace cannot have."
        yield fail(message, "Remove that rule, or set holmes_rbac_scope: cluster.")
    others = (
        {name.strip() for name in named.split(",")} - {case.request.namespace, ""} if isinstance(named, str) else set()
    )
    if others:
        message = f"{SCOPE_ENV} names {listed(sorted(others))}, but the Role reads only '{case.request.namespace}'."
        yield warn(message, f"Remove {SCOPE_ENV}, or bind Roles there to an account of your own.")
    account = str(view.holmes_pod(case.rendered, case.request).get("serviceAccountName"))
    for binding in view.of_kind(case.rendered, "ClusterRoleBinding"):
        if any(get(subject, ("name",)) == account for subject in items(binding.get("subjects"))):
            message = f"{view.title_of(binding)} still gives HolmesGPT rights in the whole cluster."
            yield warn(message, "Set holmes_openshift: false, if it is not needed.")
    yield good(f"Only the namespace '{case.request.namespace}' can be read")


def _own_rules(case: Case) -> list[t.Any]:
    return items(effective(case, "customClusterRoleRules"))
