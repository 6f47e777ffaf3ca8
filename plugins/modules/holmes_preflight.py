#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_preflight
short_description: Check the prerequisites of an installation before anything is changed
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Helm is on the host and in range, the API server answers, and the account in use may do what an installation needs.
  - Changes nothing. A failed check fails the task with one sentence for each.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
options:
  namespace:
    description: Namespace of the installation.
    type: str
    default: holmes
  helm_binary:
    description: Name or path of Helm on the host.
    type: str
    default: helm
  create_namespace:
    description: Whether the installation creates the namespace.
    type: bool
    default: true
  rbac_create:
    description: Whether the chart creates the cluster role of HolmesGPT.
    type: bool
    default: true
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Could HolmesGPT be installed here?
  holmesgpt.onprem.holmes_preflight:
    namespace: holmes
"""

RETURN = r"""
checks:
  description: What was checked, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: host.helm, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

import contextlib
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY, Check, failure_message, summary
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError, connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import create
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def helm(module: AnsibleModule) -> Check:
    binary = module.params["helm_binary"]
    path = module.get_bin_path(binary)
    output = ""
    if path:
        with contextlib.suppress(OSError):  # a program for another architecture, a script without its interpreter
            command = [path, "version", "--template", "{{.Version}}"]
            _rc, output, _err = module.run_command(command, handle_exceptions=False)
    return _preflight.check_helm(path, binary, output)


def reviewer(cluster: Cluster, namespace: str) -> _preflight.Reviewer:
    """Asks the API server what this account may do; creates nothing that is stored."""

    def review(right: _preflight.Right) -> bool | None:
        attributes = {"verb": right.verb, "resource": right.resource, "group": right.group}
        if right.namespaced:
            attributes["namespace"] = namespace
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        try:
            return bool(create(cluster, REVIEWS, body)["status"]["allowed"])
        except KubeError as error:
            if error.forbidden:
                return None
            raise

    return review


def cluster_checks(params: dict[str, t.Any]) -> list[Check]:
    try:
        cluster = connect(params)
        version = str(cluster.get("/version").get("gitVersion", "of unknown version"))
        host = str(cluster.raw.configuration.host)
        verified = bool(getattr(cluster.raw.configuration, "verify_ssl", True))
        rights = _preflight.needed_rights(
            create_namespace=params["create_namespace"], rbac_create=params["rbac_create"]
        )
        review = reviewer(cluster, params["namespace"])
        return [
            _preflight.check_api(host, version, verified),
            _preflight.check_rights(rights, review, params["namespace"]),
        ]
    except KubeError as error:
        return [_preflight.failed_api(str(params.get("host") or ""), error.msg, error.fix)]


def main() -> t.NoReturn:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "helm_binary": {"type": "str", "default": "helm"},
            "create_namespace": {"type": "bool", "default": True},
            "rbac_create": {"type": "bool", "default": True},
        },
    )
    checks = [helm(module), *cluster_checks(module.params)]
    result = summary(checks)
    if result["verdict"] == NOT_READY:
        module.fail_json(msg=failure_message(checks), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
