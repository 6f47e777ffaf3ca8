#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_rollback
short_description: Go back to a revision that Helm has recorded
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Chooses the revision, looks whether its images can still be pulled, and runs C(helm rollback). Helm makes a new
    revision of it.
  - Does nothing if that revision is the one that runs, also if it was gone back to before. So a repeated run is
    unchanged.
  - With O(after) it is what follows an upgrade that failed, and goes back only if the new revision is to blame.
  - Secrets and CRDs are no part of a revision and stay as they are.
  - It does not verify what runs then; M(holmesgpt.onprem.holmes_verify) does.
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
  revision:
    description:
      - The revision to go back to. V(0) is the last good one before the newest.
      - With O(after), V(0) means that there was no good one, as after a first installation.
    type: int
    default: 0
  after:
    description:
      - Set after an upgrade that failed, to what failed. V(helm) could not apply it, V(verification) found that it does
        not work.
    type: str
    choices: [helm, verification]
  failed_checks:
    description: With O(after), the checks of that verification.
    type: list
    elements: dict
    default: []
  since:
    description: With O(after), the newest revision before that upgrade; V(0) if there was none.
    type: int
    default: 0
  wanted_sha256:
    description: With O(after), the digest of the values that it was to apply.
    type: str
    default: ""
  enabled:
    description: With O(after), whether to go back at all, or only to say what was found.
    type: bool
    default: true
  helm_binary:
    description: Name or path of Helm on the host.
    type: str
    default: helm
  timeout:
    description: How long Helm may take, in its own notation.
    type: str
    default: 2m
  ca_file:
    description: Path on the host of a certificate authority for the image registry, PEM.
    type: path
  registry_ca_file:
    description: The same, if the registry has one of its own.
    type: path
  probe_timeout:
    description: Seconds that the image registry is given for an answer.
    type: int
    default: 10
  exceptions:
    description: Failures that are accepted by the id of their check, with reasons.
    type: dict
    default: {}
  pending_grace:
    description: Seconds from its start that a pending revision is given to finish before it counts as interrupted.
    type: int
    default: 300
  former:
    description: The run that this one took the lock from, as M(holmesgpt.onprem.holmes_change) returns it.
    type: dict
    default: {}
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: holmesgpt.onprem.holmes_release
"""

EXAMPLES = r"""
- name: Back to the last good revision
  holmesgpt.onprem.holmes_rollback:
    namespace: holmes
    release_name: holmes

- name: Back to a certain one
  holmesgpt.onprem.holmes_rollback:
    namespace: holmes
    release_name: holmes
    revision: 4
  register: rollback

- name: It works
  holmesgpt.onprem.holmes_verify:
    namespace: holmes
    release_name: holmes
    values_sha256: "{{ rollback.values_sha256 }}"
"""

RETURN = r"""
revision:
  description: The revision that was gone back to, or would be; V(0) if there is none.
  returned: always
  type: int
  sample: 4
blamed:
  description: With O(after), the ids of the failed checks for which the new revision is to blame.
  returned: with O(after)
  type: list
  elements: str
  sample: [verify.rollout]
stays:
  description:
    - With O(after), why nobody went back; empty if somebody did or tried to.
    - V(first), V(missing) and V(unwanted) are for a revision that does not serve; Helm has it as failed from then on.
  returned: with O(after)
  type: str
  choices: ["", not_begun, foreign, unverified, outside, first, missing, unwanted]
  sample: ""
problem:
  description: With O(after), why going back did not work; else empty.
  returned: with O(after)
  type: str
  sample: ""
chart:
  description: Name, version and sha256 of the chart of that revision.
  returned: when there is one
  type: dict
  sample: {name: holmes, version: 0.45.0, sha256: 2ba65f31}
values_sha256:
  description: Digest of the values of that revision.
  returned: when there is one
  type: str
  sample: 9b0f6a0c
checks:
  description: What was found and done, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: release.rollback, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _lease,
    _recovery,
    _release_record,
    _returned,
    _rollback,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    NOT_READY,
    Check,
    HolmesError,
    digest,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._helm import Helm
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect, connect_patiently
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import DEPLOYED, Release, releases

Found = tuple[dict[str, t.Any], list[Check]]


def chosen(module: AnsibleModule, cluster: Cluster) -> Found:
    """Back to the revision that somebody chose."""
    params = module.params
    place = params["namespace"], params["release_name"]
    former, lock = params["former"], params["lock"]
    recovered = _recovery.recover(cluster, *place, params["pending_grace"], former, module.check_mode, lock=lock)
    asked = {name: params[name] for name in ("ca_file", "registry_ca_file")}
    asked["timeout"] = params["probe_timeout"]
    going = _rollback.plan(cluster, *place, params["revision"], asked, Exceptions.from_option(params["exceptions"]))
    if going.apply and not module.check_mode:
        before = max(release.revision for release in releases(cluster, *place))
        try:
            Helm(module).rollback(going.revision)
        except HolmesError:
            _recovery.give_up(cluster, *place, before, going.values_sha256)
            raise
    result = {
        "changed": going.apply or recovered.changed,
        "revision": going.revision,
        "chart": going.chart,
        "values_sha256": going.values_sha256,
    }
    return result, [*recovered.checks, *going.checks]


def returned(module: AnsibleModule, cluster: Cluster) -> Found:
    """Back to what was good before an upgrade that failed. What it means for the run is told by the report."""
    params = module.params
    place = params["namespace"], params["release_name"]
    if params["after"] == "helm" and not module.check_mode:
        _recovery.give_up(cluster, *place, params["since"], params["wanted_sha256"])
    revisions = releases(cluster, *place)
    # One that was killed when it had recorded its success has not failed.
    finished = bool(revisions) and revisions[-1].status == DEPLOYED
    helm_failed = params["after"] == "helm" and not finished
    blamed = _returned.blames(params["failed_checks"], helm_failed)
    judged = helm_failed or bool(params["failed_checks"])
    why = _returned.stays(revisions, params["since"], params["wanted_sha256"], params["revision"], blamed, judged)
    if not why and not params["enabled"]:
        why = _returned.UNWANTED
    result: dict[str, t.Any] = {
        "changed": False,
        "applied": revisions[-1].revision if revisions else 0,
        "revision": params["revision"],
        "blamed": blamed,
        "stays": why,
        "problem": "",
    }
    if why:
        marked = why in _returned.BAD and mark(cluster, revisions[-1], blamed, module.check_mode)
        return {**result, "changed": marked}, []
    good = next(one for one in revisions if one.revision == params["revision"])
    result.update(chart={"name": good.chart_name, "version": good.chart_version}, values_sha256=digest(good.config))
    if not module.check_mode:
        try:
            Helm(module).rollback(good.revision)
        except HolmesError as error:
            _recovery.give_up(cluster, *place, result["applied"], result["values_sha256"])
            return {**result, "problem": error.msg}, []
    return {**result, "changed": True}, []


def mark(cluster: Cluster, stays: Release, blamed: list[str], check_mode: bool) -> bool:
    """What does not serve and stays is none to which a later run could go back. Whether that is new."""
    if stays.status != DEPLOYED:
        return False
    if not check_mode:
        _release_record.mark_failed(cluster, stays, _release_record.NOT_SERVING.format(ids=", ".join(blamed)))
    return True


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "revision": {"type": "int", "default": 0},
            "after": {"type": "str", "choices": ["helm", "verification"]},
            "since": {"type": "int", "default": 0},
            "wanted_sha256": {"type": "str", "default": ""},
            "failed_checks": {"type": "list", "elements": "dict", "default": []},
            "enabled": {"type": "bool", "default": True},
            "helm_binary": {"type": "str", "default": "helm"},
            "timeout": {"type": "str", "default": "2m"},
            "ca_file": {"type": "path"},
            "registry_ca_file": {"type": "path"},
            "probe_timeout": {"type": "int", "default": 10},
            "exceptions": {"type": "dict", "default": {}},
            "pending_grace": {"type": "int", "default": 300},
            "former": {"type": "dict", "default": {}},
            **_lease.OPTION,
        }
    )
    params = module.params
    try:
        cluster = (connect_patiently if params["after"] else connect)(params)
        _lease.keep(cluster, params, module.check_mode)
        result, checks = (returned if params["after"] else chosen)(module, cluster)
    except HolmesError as error:
        module.fail_json(**error.as_result())
    result.update(summary(checks))
    if result["verdict"] == NOT_READY:
        module.fail_json(msg=failure_message(checks), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
