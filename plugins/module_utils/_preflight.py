# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be true before anything is changed: Helm, the API server, the rights of this account.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check

# Helm 3.12 is the oldest with the upgrade behaviour kubernetes.core 6.6 relies on; 4.x is the newest line tried here.
HELM_OLDEST = (3, 12)
HELM_NEWEST_MAJOR = 4

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Right:
    """One thing the deploying account must be allowed to do."""

    verb: str
    resource: str
    group: str = ""
    namespaced: bool = True

    def __str__(self) -> str:
        name = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {name}"


# A function that answers an access review: True, False, or None when it could not be made.
Reviewer = t.Callable[[Right], t.Optional[bool]]


def needed_rights(*, create_namespace: bool, rbac_create: bool) -> list[Right]:
    """Rights for the objects of the chart, Helm's release Secrets and the Secrets of the role."""
    rights = [Right(verb, "secrets") for verb in ("get", "list", "create", "update", "patch", "delete")]
    for resource, group in (("configmaps", ""), ("services", ""), ("serviceaccounts", ""), ("deployments", "apps")):
        rights += [Right(verb, resource, group) for verb in ("get", "create", "patch")]
    if create_namespace:
        rights += [Right(verb, "namespaces", namespaced=False) for verb in ("get", "create")]
    if rbac_create:
        group = "rbac.authorization.k8s.io"
        for resource in ("clusterroles", "clusterrolebindings"):
            rights += [Right(verb, resource, group, namespaced=False) for verb in ("get", "create", "patch")]
    return rights


def check_helm(path: str | None, binary: str, output: str) -> Check:
    """Helm is there and in range. ``path`` is where it was found, ``output`` is ``helm version --template``'s text."""
    title = "Helm on this host"
    if path is None:
        message = f"The program '{binary}' was not found on this host."
        return Check(
            "host.helm", title, FAIL, message, "Install Helm 3 or 4 there, or set holmes_helm_binary to its path."
        )
    found = _VERSION.search(output)
    if not found:
        message = f"'{path}' did not answer with a Helm version."
        return Check("host.helm", title, FAIL, message, "Set holmes_helm_binary to a Helm 3 or 4 program.")
    version = (int(found.group(1)), int(found.group(2)))
    evidence = {"path": path, "version": found.group(0).lstrip("v")}
    if version < HELM_OLDEST or version[0] > HELM_NEWEST_MAJOR:
        message = f"Helm {evidence['version']} at '{path}' is out of range."
        oldest = ".".join(map(str, HELM_OLDEST))
        fix = f"Use {oldest} or newer, up to {HELM_NEWEST_MAJOR}.x; name it in holmes_helm_binary."
        return Check("host.helm", title, FAIL, message, fix, evidence)
    return Check("host.helm", title, PASS, f"Helm {evidence['version']}", evidence=evidence)


def check_rights(rights: list[Right], review: Reviewer, namespace: str) -> Check:
    """Every needed right is granted to the account in use; what is missing is named."""
    title = "Rights of this account"
    answers = {right: review(right) for right in rights}
    denied = [str(right) for right, allowed in answers.items() if allowed is False]
    unknown = [str(right) for right, allowed in answers.items() if allowed is None]
    if denied:
        message = f"This account may not: {', '.join(denied)} (namespace '{namespace}')."
        fix = "Ask for these rights, or use another account (holmes_kubeconfig, holmes_kube_context)."
        return Check("cluster.rights", title, FAIL, message, fix, {"denied": denied})
    if unknown:
        message = "The API server answered no access review, so the rights of this account are unknown."
        fix = "Allow 'create selfsubjectaccessreviews.authorization.k8s.io' for this account."
        return Check("cluster.rights", title, NOT_CHECKED, message, fix)
    return Check("cluster.rights", title, PASS, f"{len(rights)} rights are granted", evidence={"rights": len(rights)})


def check_api(host: str, version: str, verified: bool) -> Check:
    """The API server answered with ``version``; ``verified`` tells whether its certificate was checked.

    AWX switches the check off by itself if its credential has no CA (facts: AWX 24.6.1).
    """
    evidence = {"server": host, "version": version}
    if not verified:
        message = (
            f"Kubernetes {version} at {host}, but its certificate is not verified: anybody in between could read along."
        )
        fix = "Give its authority: holmes_kube_ca_cert, or the CA in the AWX credential (K8S_AUTH_SSL_CA_CERT)."
        return Check("cluster.api", "API server", WARN, message, fix, evidence)
    return Check("cluster.api", "API server", PASS, f"Kubernetes {version} at {host}", evidence=evidence)


def failed_api(host: str, message: str, fix: str) -> Check:
    """The API server did not answer."""
    return Check("cluster.api", "API server", FAIL, message, fix, {"server": host})
