#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_leftovers
short_description: List what Helm leaves of HolmesGPT, and remove it on request
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Says whether Helm still knows the release, and lists what stays in the cluster after C(helm uninstall), and whose
    it is.
  - Removes only what is asked for, and of that only what this collection made (label
    C(app.kubernetes.io/managed-by=holmesgpt.onprem)) or what carries the annotations of this very release.
  - As long as Helm knows the release, nothing is removed. What belongs to somebody else is left alone, with a warning.
  - The lock of the running change (a Lease) is not listed.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
  - holmesgpt.onprem._lock
options:
  namespace:
    description: Namespace of the release.
    type: str
    default: holmes
  release_name:
    description: Name of the release.
    type: str
    default: holmes
  secret_names:
    description: Names of the Secrets that the release was given, to say so of one that somebody else made.
    type: list
    elements: str
    default: []
  remove:
    description:
      - What is removed, of what is ours. Whatever the order here, it goes in the order of this list.
      - V(secrets) are the Secrets that M(holmesgpt.onprem.holmes_secret) made.
      - V(cluster_roles) are cluster roles and their bindings with the annotations of this release.
      - V(crds) are the CRDs of HolmesGPT's operator, if this collection made them, no object of these kinds exists in
        the whole cluster, and no other HolmesGPT runs there.
      - V(namespace) is the namespace, if this collection made it and nothing of anybody else is in it.
    type: list
    elements: str
    choices: [secrets, cluster_roles, crds, namespace]
    default: []
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: kubernetes.core.helm
"""

EXAMPLES = r"""
- name: Remove the release
  kubernetes.core.helm:
    name: holmes
    release_namespace: holmes
    state: absent
    wait: true

- name: What is left?
  holmesgpt.onprem.holmes_leftovers:
    namespace: holmes
    release_name: holmes

- name: Remove everything that is ours
  holmesgpt.onprem.holmes_leftovers:
    namespace: holmes
    release_name: holmes
    remove: [secrets, cluster_roles, crds, namespace]
"""

RETURN = r"""
removed:
  description: What was removed, in the words of kubectl; in check mode, what would be.
  returned: always
  type: list
  elements: str
  sample: [secret/holmes-secrets -n holmes]
left:
  description: What is left, whose it is (V(ours), V(this release's) or V(somebody else's)), and by what that is known.
  returned: always
  type: list
  elements: dict
  sample: [{what: namespace/holmes, owner: ours, why: it has our label}]
checks:
  description: C(release.removed) and C(release.leftovers), in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: release.removed, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    FAIL,
    Check,
    HolmesError,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers import Search
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers_remove import Removal, rows
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module


def ensure(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> tuple[dict[str, t.Any], list[Check]]:
    """Look and remove; returns the module's result, and the checks in it."""
    search = Search(cluster, params["namespace"], params["release_name"], params["secret_names"])
    removal = Removal(cluster, search, params["remove"], check_mode)
    removal.run()
    before, after = ["".join(f"{one.what}\n" for one in some) for some in (removal.before, removal.left)]
    result = {
        "changed": bool(removal.removed),
        "removed": [one.what for one in removal.removed],
        "left": rows(removal.left),
        "diff": {"before": before, "after": after},
        **summary(removal.checks),
    }
    return result, removal.checks


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "secret_names": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "remove": {
                "type": "list",
                "elements": "str",
                "choices": ["secrets", "cluster_roles", "crds", "namespace"],
                "default": [],
            },
            **_lease.OPTION,
        }
    )
    try:
        cluster = connect(module.params)
        _lease.keep(cluster, module.params, module.check_mode)
        result, checks = ensure(cluster, module.params, module.check_mode)
    except HolmesError as error:
        module.fail_json(**error.as_result())
    if any(check.status == FAIL for check in checks):
        module.fail_json(msg=failure_message(checks), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
