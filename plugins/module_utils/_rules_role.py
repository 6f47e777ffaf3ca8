# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about the user's own rules for the role, before Helm sees them: a malformed one fails in the cluster only.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_RULES = ("customClusterRoleRules",)
_KEYS = ("apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs")
_OPTION = "holmes_custom_cluster_role_rules"
_EXAMPLE = "{apiGroups: [batch], resources: [jobs], verbs: [get, list, watch]}"


@rule("values.rbac_rules", "The own rules of the role are well-formed")
def rbac_rules(case: Case) -> t.Iterator[Finding]:
    given = effective(case, *_RULES) if case.keys.knows(_RULES) else None
    rules = items(given)
    for number, one in enumerate(rules, 1):
        for wrong in _wrong(one):
            yield fail(f"Rule {number} of {_OPTION} {wrong}.", f"Write it as {_EXAMPLE}.")
    yield good(f"{len(rules)} own rules")


def _wrong(one: t.Any) -> t.Iterator[str]:
    """What Kubernetes would refuse about a rule."""
    if not isinstance(one, dict):
        yield "is no mapping"
        return
    for key in sorted(set(map(str, one)) - set(_KEYS)):
        close = difflib.get_close_matches(key, _KEYS, 1)
        yield f"has the unknown key '{key}'" + (f" (did you mean '{close[0]}'?)" if close else "")
    for key in _KEYS:
        value = one.get(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            yield f"has {key} that are no list of texts"
    if not one.get("verbs"):
        yield "has no verbs"
    if one.get("nonResourceURLs"):
        if one.get("resources") or one.get("apiGroups"):
            yield "has both resources and nonResourceURLs"
    elif not one.get("resources"):
        yield "has no resources"
    elif not one.get("apiGroups"):
        yield 'has no apiGroups (the core group is "")'
