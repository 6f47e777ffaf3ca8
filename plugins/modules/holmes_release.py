#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_release
short_description: Decide whether Helm has to run, and recover a release that an interrupted run left behind
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Reads the release from Helm's Secrets, without calling Helm.
  - A release that stays pending blocks Helm for ever. If it does not move for O(pending_grace) seconds, its revision
    is marked failed, which is what Helm itself records when it may finish. Nothing is deleted, and the next upgrade
    goes on from the last good revision.
  - With O(state=absent) it only reports what is left after C(helm uninstall).
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
options:
  namespace:
    description: Namespace of the release.
    type: str
    default: holmes
  release_name:
    description: Name of the release.
    type: str
    default: holmes
  state:
    description: Whether the release is about to be applied, or has been removed.
    type: str
    choices: [present, absent]
    default: present
  chart:
    description:
      - Name and version of the wanted chart, as M(holmesgpt.onprem.holmes_values) returns them.
      - Required with O(state=present).
    type: dict
  values:
    description:
      - The wanted values, as M(holmesgpt.onprem.holmes_values) returns them.
      - Required with O(state=present).
    type: dict
  values_sha256:
    description:
      - Digest of the wanted values, as M(holmesgpt.onprem.holmes_values) returns it; without it that of O(values).
      - Give it, because O(values) shows stars where a text looks like a secret, and O(values) is only what is shown.
    type: str
  pending_grace:
    description:
      - Seconds from its start that a pending release is given to finish before it counts as interrupted.
      - The default is how long C(helm --wait) waits unless told otherwise. Lower it if nobody else runs Helm here.
    type: int
    default: 300
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: kubernetes.core.helm
  - module: holmesgpt.onprem.holmes_values
"""

EXAMPLES = r"""
- name: Does Helm have to run?
  holmesgpt.onprem.holmes_release:
    namespace: holmes
    release_name: holmes
    chart: "{{ generated.chart }}"
    values: "{{ generated.chart_values }}"
    values_sha256: "{{ generated.values_sha256 }}"
  register: release

- name: Install or upgrade
  kubernetes.core.helm:
    name: holmes
    release_namespace: holmes
    chart_ref: /srv/holmes-0.45.0.tgz
    values_files: [/srv/values.yaml]
  when: release.apply

- name: What is left after an uninstall?
  holmesgpt.onprem.holmes_release:
    namespace: holmes
    release_name: holmes
    state: absent
"""

RETURN = r"""
apply:
  description: Whether Helm has to run.
  returned: with O(state=present)
  type: bool
  sample: true
reason:
  description: Why it has to, or why not.
  returned: with O(state=present)
  type: str
  sample: there is no release yet
checks:
  description: What was found and done, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: release.state, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _leftovers, _recovery
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    HolmesError,
    digest,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import PENDING
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked


def present(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    """Recover if needed, then decide."""
    newest = _recovery.settle(cluster, params["namespace"], params["release_name"], params["pending_grace"])
    checks = []
    interrupted = newest is not None and newest.status in PENDING
    if newest is not None and interrupted:
        if not check_mode:
            _recovery.mark_failed(cluster, newest)
        checks.append(_recovery.recovered_check(newest, check_mode))
    decision = _recovery.decide(newest, params["chart"], params["values_sha256"] or digest(params["values"]))
    checks.append(_recovery.state_check(newest, decision))
    # An installation made by hand may have keys in clear among its values.
    before = masked(newest.config) if newest else {}
    return {
        "changed": interrupted,
        "apply": decision.apply,
        "reason": decision.reason,
        "diff": {"before": before, "after": params["values"]} if decision.apply else {"before": {}, "after": {}},
        **summary(checks),
    }


def main() -> t.NoReturn:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "chart": {"type": "dict"},
            "values": {"type": "dict"},
            "values_sha256": {"type": "str"},
            "pending_grace": {"type": "int", "default": 300},
        },
        required_if=[("state", "present", ("chart", "values"))],
    )
    params = module.params
    try:
        cluster = connect(params)
        if params["state"] == "present":
            module.exit_json(**present(cluster, params, module.check_mode))
        check = _leftovers.removed_check(cluster, params["namespace"], params["release_name"])
        if check.status == "fail":
            module.fail_json(msg=failure_message([check]), **summary([check]))
        module.exit_json(changed=False, **summary([check]))
    except HolmesError as error:
        module.fail_json(**error.as_result())


if __name__ == "__main__":
    main()
