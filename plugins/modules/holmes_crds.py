#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_crds
short_description: Keep the CRDs of HolmesGPT's chart in a cluster
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Creates the custom resource definitions in C(crds/) of a chart, and updates those that differ from it, which Helm
    never does. Waits until the API server serves them.
  - Only the specification is written. Labels, annotations and status stay, and a definition that somebody else made
    gets no label of this collection.
  - Refuses, before anything is written, what would make stored objects unreadable. Deletes nothing.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
  - holmesgpt.onprem._lock
options:
  chart:
    description: Path of the chart archive or directory on the host.
    type: path
    required: true
  namespace:
    description: Namespace of the release that needs the definitions; noted on those that are created.
    type: str
    default: holmes
  release_name:
    description: Name of the release that needs the definitions; noted on those that are created.
    type: str
    default: holmes
requirements:
  - kubernetes >= 24.2.0
  - PyYAML
seealso:
  - module: holmesgpt.onprem.holmes_preflight
"""

EXAMPLES = r"""
- name: Definitions for the operator of the chart
  holmesgpt.onprem.holmes_crds:
    chart: /srv/holmes-0.45.0.tgz
    namespace: holmes
"""

RETURN = r"""
crds:
  description: Each definition of the chart, and whether it was V(created), V(updated) or is V(unchanged).
  returned: always
  type: list
  elements: dict
  sample: [{name: healthchecks.holmesgpt.dev, action: created}]
checks:
  description: What was checked, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: release.crds, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _crds_apply, _lease
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    NOT_READY,
    Check,
    HolmesError,
    failure_message,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module


def main() -> None:
    module = cluster_module(
        {
            "chart": {"type": "path", "required": True},
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            **_lease.OPTION,
        },
    )
    made_for = f"{module.params['namespace']}/{module.params['release_name']}"
    try:
        cluster = connect(module.params)
        _lease.keep(cluster, module.params, module.check_mode)
        result = _crds_apply.ensure(cluster, module.params["chart"], made_for, module.check_mode)
    except HolmesError as error:
        module.fail_json(**error.as_result())
    if result["verdict"] == NOT_READY:
        module.fail_json(msg=failure_message([Check(**check) for check in result["checks"]]), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
