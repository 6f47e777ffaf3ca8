# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Kubernetes and OpenShift give to every account, so that it says nothing about this one.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.

Known are single rights, not names of roles: a role may be changed by anybody who may change roles, and what somebody
added to ``system:discovery`` is a finding like any other. Kubernetes' roles: bootstrappolicy/policy.go; OpenShift's:
openshift/cluster-openshift-apiserver-operator, bindata/v3.11.0/openshift-apiserver/rbac, commit 8299511.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import product

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import violation

_REVIEWS = "creates only reviews of its own rights"


@dataclass(frozen=True)
class Gift:
    """Rights beyond reading that a platform gives to everyone by a role, and why they are none to worry about."""

    why: str
    verbs: t.Collection[str] = ()
    groups: t.Collection[str] = ()
    resources: t.Collection[str] = ()


# OpenShift writes the group of its API and, for old clients, the empty one.
GIFTS = {
    "system:basic-user": Gift(
        _REVIEWS,
        ("create",),
        ("authorization.k8s.io", "authentication.k8s.io"),
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"),
    ),
    "system:discovery": Gift("reads only the list of APIs"),
    "system:public-info-viewer": Gift("reads only health and version"),
    "basic-user": Gift(
        _REVIEWS,
        ("create",),
        ("", "authorization.openshift.io", "authorization.k8s.io"),
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ),
    "self-access-reviewer": Gift(
        _REVIEWS,
        ("create",),
        ("", "authorization.openshift.io", "authorization.k8s.io"),
        ("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    ),
    "system:build-strategy-docker": Gift(
        "names how builds run, which it may not create",
        ("create",),
        ("", "build.openshift.io"),
        ("builds/docker", "builds/optimizeddocker"),
    ),
    "system:build-strategy-source": Gift(
        "names how builds run, which it may not create", ("create",), ("", "build.openshift.io"), ("builds/source",)
    ),
    "system:build-strategy-jenkinspipeline": Gift(
        "names how builds run, which it may not create",
        ("create",),
        ("", "build.openshift.io"),
        ("builds/jenkinspipeline",),
    ),
    "system:webhook": Gift(
        "starts builds whose webhook secret it knows",
        ("create", "get"),
        ("", "build.openshift.io"),
        ("buildconfigs/webhooks",),
    ),
    "system:oauth-token-deleter": Gift(
        "logs out log-ins whose token it knows",
        ("delete",),
        ("", "oauth.openshift.io"),
        ("oauthaccesstokens", "oauthauthorizetokens"),
    ),
    "system:scope-impersonation": Gift(
        "narrows its own rights by scopes",
        ("impersonate",),
        ("authentication.k8s.io",),
        ("userextras/scopes.authorization.openshift.io",),
    ),
}


def beyond(role: str, rules: t.Sequence[Object]) -> list[Object]:
    """The rules of a role that goes to everyone which a platform does not give; all of them for an unknown role."""
    gift = GIFTS.get(role)
    return [rule for rule in rules if violation(rule) and not _given(gift, rule)] if gift else list(rules)


def _given(gift: Gift, rule: Object) -> bool:
    lists = (rule.get("verbs") or [], rule.get("apiGroups") or [], rule.get("resources") or [])
    if rule.get("nonResourceURLs") or not all(lists):
        return False
    return all(
        verb in gift.verbs and group in gift.groups and resource in gift.resources
        for verb, group, resource in product(*lists)
    )
