#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_change
short_description: Begin and end a change of a release, so that two runs never change it at once
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Begins a change by taking a Lease in the namespace of the release, and ends it by deleting that Lease.
  - The Lease is taken over from a run that ended early, once that is known or its time to live has passed.
    All times are those of the API server.
  - Without the right to Leases the change begins with a warning.
  - The Lease is no change for Ansible; the namespace is, if this module makes it.
    An existing namespace is never touched.
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
    description: Whether a change is about to begin, or has ended.
    type: str
    choices: [begun, ended]
    default: begun
  create_namespace:
    description: Make the namespace if it does not exist.
    type: bool
    default: false
  seconds:
    description:
      - How long the Lease outlives this run, as numbers of seconds or durations of Helm (V(2m)) that are added up.
      - More than what may lie between two renewals; every module that works under the lock renews it.
    type: list
    elements: str
    default: ["900"]
  lock:
    description:
      - What O(state=begun) returned as RV(lock).
      - With O(state=ended) exactly that Lease is deleted; without it, the one of this run.
    type: dict
    default: {}
  proof:
    description:
      - With O(state=ended), C(verdict) and C(release) as M(holmesgpt.onprem.holmes_verify) returned them.
      - If it was good, the revision that it looked at is marked as verified in Helm's record, so that a later run
        prefers it when it has to go back.
    type: dict
    default: {}
  holder:
    description: Identity of this run. Internal, filled in by the action plugin.
    type: dict
    default: {}
  gone:
    description: The hold of a run that is known to have ended. Internal, filled in by the action plugin.
    type: dict
    default: {}
  plan:
    description: What RV(checks) of a check run returned as the plan. If anything has moved since, nothing is changed.
    type: str
  planned:
    description:
      - What this run would deploy. V(chart) and V(values_sha256) as M(holmesgpt.onprem.holmes_values) returns them,
        V(settings) is whatever else decides it.
    type: dict
  planned_secrets:
    description: The content of the Secrets that it would write, by their names. It goes through a slow digest.
    type: raw
  stop:
    description:
      - Why no change may begin any more, because of other hosts of the run. Then nothing is asked of the cluster.
    type: str
    default: ""
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: holmesgpt.onprem.holmes_release
"""

EXAMPLES = r"""
- name: Nobody else may change the release from here on
  holmesgpt.onprem.holmes_change:
    namespace: holmes
    release_name: holmes
    create_namespace: true
  register: change

- name: Others may go on
  holmesgpt.onprem.holmes_change:
    namespace: holmes
    release_name: holmes
    state: ended
    lock: "{{ change.lock }}"
"""

RETURN = r"""
namespace_created:
  description: Whether the namespace was made, or would be in check mode.
  returned: with O(state=begun)
  type: bool
  sample: false
lock:
  description: Who holds the Lease now; empty if there is none (check mode, no right, no namespace).
  returned: with O(state=begun)
  type: dict
  sample: {host: ops1, user: anna, pid: "4711", inventory_host: berlin}
former:
  description:
    - The hold that was taken over, with V(why) as V(expired) or V(gone).
    - Empty if there was none.
  returned: with O(state=begun)
  type: dict
  sample: {identity: "anna@ops1, process 4711, inventory host berlin", why: gone}
held:
  description: The hold of another run that stands in the way.
  returned: if there is one
  type: dict
  sample: {identity: "anna@ops1, process 4711, inventory host berlin", renewed: "2026-11-23T06:00:00.000000Z"}
checks:
  description: What was found and done, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: release.lock, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _change, _drift, _lease, _plan
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    FAIL,
    Check,
    HolmesError,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._duration import total
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    Cluster,
    connect,
    connect_patiently,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases


def begun(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    """The namespace, then the lock; ``failed`` if another run is at work."""
    namespace, release = params["namespace"], params["release_name"]
    planned = plan(cluster, params, check_mode)
    if any(check.status == FAIL for check in planned):
        return {"changed": False, "failed": True, "msg": failure_message(planned), **summary(planned)}
    space = _change.namespace(cluster, namespace, params["create_namespace"], check_mode)
    wanted = _change.Wanted(namespace, release, params["holder"], total(params["seconds"]), params["gone"])
    step = _change.lock(cluster, wanted, space.there, check_mode)
    if step.lock and planned and not space.created:
        # Nobody changes anything from now on; somebody may have until now.
        planned = plan(cluster, params, check_mode)
        if any(check.status == FAIL for check in planned):
            _lease.drop(cluster, namespace, release, step.lock)
            return {"changed": False, "failed": True, "msg": failure_message(planned), **summary(planned)}
    return {
        "changed": space.created,
        "namespace_created": space.created,
        "lock": step.lock,
        "former": step.former,
        **({"held": step.held} if step.held else {}),
        "diff": space.diff,
        "failed": step.check.status == FAIL,
        "msg": failure_message([step.check]),
        **summary([*planned, step.check]),
    }


def plan(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> list[Check]:
    """Whether this is the change that was planned; in check mode, which plan it makes."""
    given, planned = params["plan"] or "", params["planned"]
    if given and not planned:
        return [_plan.only_for_site()]
    if not planned or not (given or check_mode):
        return []
    secrets = params["planned_secrets"] or {}
    inputs = _plan.Inputs(
        str((planned.get("chart") or {}).get("sha256") or ""),
        str(planned.get("values_sha256") or ""),
        planned.get("settings") or {},
        secrets,
    )
    live = _plan.live_state(cluster, params["namespace"], params["release_name"], secrets)
    if inputs.settings.get("repair_drift"):
        live += drifts(cluster, params["namespace"], params["release_name"])
    return [_plan.check(_plan.token(inputs, live), given)]


def drifts(cluster: Cluster, namespace: str, release: str) -> list[list[str]]:
    """What would be put back of the objects that were edited by hand."""
    newest = releases(cluster, namespace, release)[-1:]
    found = _drift.find(cluster, newest[0]) if newest else []
    return [["drift", drift.named, *(one.told for one in drift.changes)] for drift in found]


def ended(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    """Say in Helm's record what was proven, then give the lock back.

    What others did in the meantime is no failure of this step.
    """
    place = params["namespace"], params["release_name"]
    holder = params["lock"] or params["holder"]
    said = []
    steps: list[t.Callable[[], object]] = [
        lambda: _change.prove(cluster, *place, params["proof"]),
        # If it cannot be given back, it expires by itself.
        lambda: _lease.drop(cluster, *place, holder),
    ]
    for step in [] if check_mode else steps:
        try:
            step()
        except HolmesError as error:
            said.append(error.msg)
    return {"changed": False, **({"msg": " ".join(said)} if said else {}), **summary([])}


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "state": {"type": "str", "choices": ["begun", "ended"], "default": "begun"},
            "create_namespace": {"type": "bool", "default": False},
            "seconds": {"type": "list", "elements": "str", "default": ["900"]},
            "lock": {"type": "dict", "default": {}},
            "holder": {"type": "dict", "default": {}},
            "gone": {"type": "dict", "default": {}},
            "proof": {"type": "dict", "default": {}},
            "plan": {"type": "str"},
            "planned": {"type": "dict"},
            "planned_secrets": {"type": "raw", "no_log": True},
            "stop": {"type": "str", "default": ""},
        },
    )
    begins = module.params["state"] == "begun"
    step, reach = (begun, connect) if begins else (ended, connect_patiently)
    try:
        result = step(reach(module.params), module.params, module.check_mode)
    except HolmesError as error:
        module.fail_json(**error.as_result())
    if result.pop("failed", False):
        module.fail_json(**result)
    if not result.get("msg"):
        result.pop("msg", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
