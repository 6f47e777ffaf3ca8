# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a rule of a role only reads. The one judgement for rendered roles and for those of a running cluster.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

READ_VERBS = frozenset(("get", "list", "watch"))
# A get on these is more than reading: it runs commands, opens connections, or reaches the kubelet.
# Kubernetes takes "*" before the slash, too.
ACTING = frozenset(
    (
        *("pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy", "nodes/proxy"),
        *("*/exec", "*/attach", "*/portforward", "*/proxy"),
    )
)
# Verbs by which an account gives itself more rights than it has (approve and sign: a certificate for any name), and
# what makes tokens of other accounts or lets their certificates through.
ESCALATING = frozenset(("bind", "escalate", "impersonate", "approve", "sign"))
TOKENS = frozenset(("serviceaccounts/token", "*/token"))
APPROVAL = frozenset(("certificatesigningrequests/approval", "*/approval"))
# What holds credentials beside Secrets: the pull secrets of an image stream (OpenShift).
SECRET_VIEWS = frozenset(("imagestreams/secrets", "*/secrets"))
# OpenShift's profiles that take rights away from a pod. To "use" one reads and writes nothing; it lets the account's
# pods start with it. OpenShift gives restricted-v2 (before 4.11 restricted) to every account.
SCC_GROUP, SCC = "security.openshift.io", "securitycontextconstraints"
HARMLESS_SCC = frozenset(("restricted", "restricted-v2", "restricted-v3", "nonroot", "nonroot-v2"))
# Kubernetes before 1.25 gives every account a PodSecurityPolicy to use, in the older API or the newer one.
PSP_GROUPS, PSP = frozenset(("policy", "extensions")), "podsecuritypolicies"
# Roles of Kubernetes and OpenShift that only read and leave Secrets out.
READING_ROLES = frozenset(
    ("view", "cluster-monitoring-view", "system:basic-user", "system:discovery", "system:public-info-viewer")
)
WRITING_ROLES = frozenset(("admin", "cluster-admin", "edit", "system:aggregate-to-admin", "system:aggregate-to-edit"))


def violations(rules: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """What goes beyond get, list and watch without Secrets, one text per offending rule."""
    return [told for told in map(violation, rules) if told]


def violation(rule: t.Mapping[str, t.Any]) -> str:
    """What one rule grants beyond reading, for example ``verbs create on pods (core)``; empty if nothing."""
    parts = [rule.get(key) or [] for key in ("verbs", "resources", "apiGroups", "nonResourceURLs")]
    if not all(isinstance(part, list) for part in parts):
        return "something that is no list of verbs, resources, apiGroups or nonResourceURLs"
    verbs, resources, groups, urls = ({str(item) for item in part} for part in parts)
    if profiles(rule) or admits(rule):
        return ""
    core = "" in groups or "*" in groups
    told = []
    if verbs - READ_VERBS:
        told.append(f"verbs {', '.join(sorted(verbs - READ_VERBS))}{_gain(verbs, resources, groups)}")
    if "*" in groups or any("*" in item.split("/") for item in resources) or urls & {"*", "/*"}:
        told.append("a wildcard (*), which includes Secrets" if core and "*" in resources else "a wildcard (*)")
    if core and any(item.split("/")[0] == "secrets" for item in resources):
        told.append("Secrets")
    if resources & SECRET_VIEWS and groups & {"", "*", "image.openshift.io"}:
        told.append("pull secrets")
    if core and resources & ACTING:
        told.append("more than reading")
    return f"{' and '.join(told)} on {_named(groups, resources or urls)}" if told else ""


def profiles(rule: t.Mapping[str, t.Any]) -> list[str]:
    """The restricting profiles of OpenShift that pods may use by this rule; empty if it grants anything else."""
    use = {"verbs": ["use"], "apiGroups": [SCC_GROUP], "resources": [SCC]}
    names = rule.get("resourceNames")
    if not isinstance(names, list) or any(rule.get(key) != value for key, value in use.items()):
        return []
    return names if set(map(str, names)) <= HARMLESS_SCC and not rule.get("nonResourceURLs") else []


def admits(rule: t.Mapping[str, t.Any]) -> bool:
    """Whether a rule only lets pods start with a PodSecurityPolicy, whichever: that reads and writes nothing."""
    groups = rule.get("apiGroups")
    only = rule.get("verbs") == ["use"] and rule.get("resources") == [PSP] and not rule.get("nonResourceURLs")
    return only and isinstance(groups, list) and bool(groups) and set(map(str, groups)) <= PSP_GROUPS


def _gain(verbs: set[str], resources: set[str], groups: set[str]) -> str:
    """What a reader of the message may not know: these end in any right there is."""
    tokens = groups & {"", "*"} and resources & TOKENS and verbs & {"create", "*"}
    approval = groups & {"certificates.k8s.io", "*"} and resources & APPROVAL and verbs & {"update", "patch", "*"}
    # From Kubernetes 1.35 on there are narrower ones, such as impersonate:user-info.
    further = any(verb.partition(":")[0] in ESCALATING for verb in verbs)
    return " (a way to further rights)" if further or tokens or approval else ""


def _named(groups: set[str], resources: set[str]) -> str:
    where = ", ".join(sorted(group or "core" for group in groups)) or "URLs"
    return f"{', '.join(sorted(resources)) or 'nothing'} ({where})"
