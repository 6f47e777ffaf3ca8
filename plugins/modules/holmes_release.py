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
  - Reads the release from Helm's Secrets, without calling Helm, and returns what it found as RV(revisions).
  - A release that stays pending blocks Helm for ever. If it does not move for O(pending_grace) seconds, its revision
    is marked failed, which is what Helm itself records when it may finish. Nothing is deleted, and the next upgrade
    goes on from the last good revision. If the run that left it is known to be over, nothing is waited for.
  - Objects that somebody edited by hand stay as they are, unless O(repair_drift) asks to put them back. Helm and
    M(kubernetes.core.helm) do not notice them.
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
  state:
    description: Whether the release is about to be applied, or to be removed.
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
  repair_drift:
    description: Whether objects that were edited or deleted by hand are put back as Helm recorded them.
    type: bool
    default: false
  former:
    description: The run that this one took the lock from, as M(holmesgpt.onprem.holmes_change) returns it.
    type: dict
    default: {}
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

- name: Put back what was edited by hand
  holmesgpt.onprem.holmes_release:
    namespace: holmes
    release_name: holmes
    chart: "{{ generated.chart }}"
    values: "{{ generated.chart_values }}"
    values_sha256: "{{ generated.values_sha256 }}"
    repair_drift: true

- name: May Helm remove it?
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
revision:
  description: The newest revision as it was found; V(0) if there is none.
  returned: with O(state=present)
  type: int
  sample: 3
revisions:
  description:
    - All that Helm has recorded of the release, oldest first, as it was found.
    - C(age) is in seconds since C(since); the values are there as a digest only.
  returned: always
  type: list
  elements: dict
  sample:
    - revision: 3
      status: deployed
      chart: holmes-0.45.0
      app_version: 0.45.0
      values_sha256: 9b0f6a0c
      since: "2026-11-23T06:00:00.123456789Z"
      age: 86400
      description: Upgrade complete
since:
  description:
    - Newer revisions than this are for this run to prove. RV(revision), or the one before it if an earlier run of this
      collection has applied just what is wanted, and was cut off before it saw that it works.
  returned: with O(state=present)
  type: int
  sample: 3
good_revision:
  description: The revision to go back to if this upgrade fails; V(0) if there is none.
  returned: with O(state=present)
  type: int
  sample: 3
repaired:
  description: What was put back, or would be.
  returned: with O(state=present)
  type: list
  elements: str
  sample: []
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

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _drift,
    _lease,
    _recovery,
    _release_history,
    _returned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError, digest, summary
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import unproven
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked


def recover(module: AnsibleModule, cluster: Cluster) -> _recovery.Recovered:
    """What an interrupted run left is made usable for what follows."""
    params = module.params
    return _recovery.recover(
        cluster,
        params["namespace"],
        params["release_name"],
        params["pending_grace"],
        params["former"],
        module.check_mode,
        lock=params["lock"],
        removal=params["state"] == "absent",
    )


def present(module: AnsibleModule, cluster: Cluster) -> dict[str, t.Any]:
    """Recover and repair if needed, then decide."""
    params = module.params
    recovered = recover(module, cluster)
    newest, revisions = recovered.newest, recovered.revisions
    repaired, checks = repair(module, cluster, revisions)
    decision = _recovery.decide(newest, params["chart"], params["values_sha256"] or digest(params["values"]))
    # An earlier run has applied just this, and was cut off before it saw that it works.
    cut_off = newest is not None and not decision.apply and unproven(newest)
    # An installation made by hand may have keys in clear among its values.
    before = masked(newest.config) if newest else {}
    return {
        "changed": recovered.changed or bool(repaired),
        "apply": decision.apply,
        "reason": decision.reason,
        "revision": newest.revision if newest else 0,
        "revisions": _release_history.rows(revisions, time.time()),
        "good_revision": _returned.good_before(revisions, newest.revision if cut_off and newest else 0),
        "since": newest.revision - cut_off if newest else 0,
        "repaired": repaired,
        "diff": {"before": before, "after": params["values"]} if decision.apply else {"before": {}, "after": {}},
        **summary([*recovered.checks, *checks, _recovery.state_check(newest, decision)]),
    }


def repair(module: AnsibleModule, cluster: Cluster, revisions: t.Sequence[Release]) -> tuple[list[str], list[Check]]:
    """What was put back, and the check that says so.

    What Helm recorded last as deployed counts: an edit by hand may be why a later revision failed.
    """
    recorded = next((one for one in reversed(revisions) if one.status == DEPLOYED), None)
    if not module.params["repair_drift"] or recorded is None:
        return [], []
    found = _drift.find(cluster, recorded)
    # What a later revision has made is not left over.
    orphans = recorded is revisions[-1]
    done = _drift.repair(cluster, found, recorded, orphans=orphans, check_mode=module.check_mode)
    return done, [_drift.repaired_check(recorded, done, found, module.check_mode)]


def absent(module: AnsibleModule, cluster: Cluster) -> dict[str, t.Any]:
    """kubernetes.core does not call Helm for a removal that was interrupted."""
    recovered = recover(module, cluster)
    revisions = _release_history.rows(recovered.revisions, time.time())
    return {"changed": recovered.changed, "revisions": revisions, **summary(recovered.checks)}


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "chart": {"type": "dict"},
            "values": {"type": "dict"},
            "values_sha256": {"type": "str"},
            "pending_grace": {"type": "int", "default": 300},
            "repair_drift": {"type": "bool", "default": False},
            "former": {"type": "dict", "default": {}},
            **_lease.OPTION,
        },
        required_if=[("state", "present", ("chart", "values"))],
    )
    params = module.params
    try:
        cluster = connect(params)
        _lease.keep(cluster, params, module.check_mode)
        module.exit_json(**(present if params["state"] == "present" else absent)(module, cluster))
    except HolmesError as error:
        module.fail_json(**error.as_result())


if __name__ == "__main__":
    main()
