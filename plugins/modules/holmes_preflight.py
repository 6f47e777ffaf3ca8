#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_preflight
short_description: Know before any change whether cluster, registry and model server will do
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Asks the host, the API server, the image registry, the chart repository and the model server at the same time, each
    with a deadline of its own, and judges the answers against the values that are about to be deployed.
  - The model server gets requests as HolmesGPT sends them, with tools, one after the other. How many requests and
    tokens that will be is printed before it starts.
  - Changes nothing; what it sends to the API server are reads, access reviews, port-forwards and dry runs.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
options:
  chart:
    description: Path of the chart archive on the host. Without it only Helm and the API server are checked.
    type: path
  values_file:
    description: Path of the values on the host, as M(holmesgpt.onprem.holmes_values) wrote them.
    type: path
  namespace:
    description: Namespace of the installation.
    type: str
    default: holmes
  release_name:
    description: Name of the Helm release.
    type: str
    default: holmes
  create_namespace:
    description: Whether the installation creates the namespace.
    type: bool
    default: true
  cluster_domain:
    description: DNS domain of the cluster.
    type: str
    default: cluster.local
  helm_binary:
    description: Name or path of Helm on the host.
    type: str
    default: helm
  secret_name:
    description: Name of the Secret that the installation writes.
    type: str
    default: holmes-secrets
  secret_data:
    description: The texts that the installation writes into that Secret, by key. Never shown.
    type: raw
  registry_secret_name:
    description: Name of the pull Secret that the installation writes.
    type: str
    default: holmes-registry
  registry:
    description: Log-in of the image registry, as O(holmesgpt.onprem.holmes_secret#module:registry). Never shown.
    type: raw
  ca_file:
    description: PEM file on the host with the authorities of the site.
    type: path
  registry_ca_file:
    description: PEM file on the host with the authority of the image registry, beside O(ca_file).
    type: path
  chart_repo_url:
    description: URL of the chart repository, if the chart comes from one.
    type: str
  chart_repo_ca_file:
    description: PEM file on the host with the authority of the chart repository; Helm trusts it alone.
    type: path
  llm_probe:
    description:
      - How thoroughly the model server is asked. V(quick) are at most six requests for each model, V(full) asks for
        everything that HolmesGPT may do.
      - V(none) asks nothing; then the report says so.
    type: str
    choices: [quick, full, none]
    default: quick
  llm_timeout:
    description: Seconds that one request to the model server may take; all those to one model may take four times that.
    type: int
    default: 60
  autotune:
    description: Whether the installation takes over what is learned; a limit larger than the server's is a warning.
    type: bool
    default: false
  gate:
    description:
      - What a failed check means. V(strict) fails the task, V(warn) lets every failure pass as a warning, V(none)
        checks nothing. Helm and the API server are checked in any case by the role.
      - Anything but V(strict) is itself a warning in the report.
    type: str
    choices: [strict, warn, none]
    default: strict
  exceptions:
    description:
      - Failures that are accepted, by the id of the check, each with its reason. They become warnings.
      - Helm, the API server, rights, the namespace and foreign objects cannot be accepted.
    type: dict
    default: {}
  pending_grace:
    description: Seconds that a pending release is given to finish, as in M(holmesgpt.onprem.holmes_release).
    type: int
    default: 300
  timeout:
    description: Seconds for one request. A check that needs several ends after a small multiple of it.
    type: int
    default: 10
  chart_values:
    description: The values as M(holmesgpt.onprem.holmes_values) returns them. From these it is told, before anything is
      asked, how many requests and tokens the model server will be asked for. The checks themselves read O(values_file).
    type: dict
  skip_crds:
    description: Whether the chart's CRDs are left alone. If not, the rights for them are asked as well.
    type: bool
    default: true
  changes:
    description: Whether this run goes on to change the release. Then another run that holds its lock is a failure.
    type: bool
    default: false
  settles:
    description:
      - Whether it is also found out that nothing is left to be done, see RV(settled). Not for a run that plans, repairs
        objects that were edited by hand, or sees to CRDs.
    type: bool
    default: false
  gone:
    description: A hold of the lock whose run is known to be over. Filled in on the control node.
    type: dict
    default: {}
  shared:
    description:
      - Where answers of servers outside of the cluster lie that hosts of this run share. Filled in on the control node
        for a local connection.
    type: dict
    default: {}
requirements:
  - kubernetes >= 24.2.0
  - PyYAML
seealso:
  - module: holmesgpt.onprem.holmes_values
  - module: holmesgpt.onprem.holmes_verify
"""

EXAMPLES = r"""
- name: Generate the values
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes-0.45.0.tgz
    values_files: [/srv/values.yaml]
    dest: /srv/generated.yaml
  register: generated

- name: Will cluster, registry and model server do?
  holmesgpt.onprem.holmes_preflight:
    chart: /srv/holmes-0.45.0.tgz
    values_file: /srv/generated.yaml
    namespace: holmes
    chart_values: "{{ generated.chart_values }}"
    llm_probe: full
  register: preflight
"""

RETURN = r"""
checks:
  description: What was checked, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: llm.tool_call, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
learned:
  description: What each model server said of itself, by alias, for O(holmesgpt.onprem.holmes_values#module:learned).
  returned: always
  type: dict
  sample: {gpt-oss-120b: {max_model_len: 131072, strict: true}}
settled:
  description:
    - Returned if Secrets and release are just as wanted, were seen to work, and no run holds or has left a lock.
    - C(values_sha256) is the digest of the deployed values, C(checks) are those that a change would have given.
  returned: with O(settles)
  type: dict
  sample: {values_sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b, checks: []}
budget:
  description: How many requests and tokens the model server is asked for; empty if it is not asked.
  returned: always
  type: str
  sample: 6 requests, about 40000 tokens
"""

import typing as t
from dataclasses import replace

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease, _preflight_host, _program
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    FAIL,
    NOT_READY,
    WARN,
    Check,
    HolmesError,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module


def host(module: AnsibleModule) -> _preflight_host.Host:
    """What the checks need of the host: its Helm, and a way to run it."""
    binary = module.params["helm_binary"]
    return _preflight_host.Host(
        binary, module.get_bin_path(binary), _program.run, lambda: connect(module.params), module.tmpdir
    )


def judge(module: AnsibleModule) -> tuple[list[Check], dict[str, t.Any]]:
    """The checks, and what else is returned."""
    if not module.params["chart"]:
        checks = _preflight_host.alone(host(module), lambda cluster: lock(module, cluster))
        held = next((check.evidence["held"] for check in checks if check.evidence.get("held")), None)
        return checks, {"learned": {}, "budget": "", **({"held": held} if held else {})}
    # Only here: most of this collection comes with it, and it would double the time of the short form.
    from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight

    preflight = _preflight.prepare(module.params, host(module))
    checks, learned = preflight.run()
    more: dict[str, t.Any] = {"learned": learned, "budget": preflight.budget}
    if module.params["settles"]:
        more["settled"] = preflight.settled()
    if module._diff:
        more["diff"] = {"before": [], "after": preflight.difference()}
    return checks, more


def lock(module: AnsibleModule, cluster: Cluster) -> Check:
    """Another run is no harm for one that only looks."""
    params = module.params
    check = _lease.glance(cluster, params["namespace"], params["release_name"], gone=params["gone"])
    only_looks = module.check_mode or not params["changes"]
    return replace(check, status=WARN) if check.status == FAIL and only_looks else check


def harmless(registry: t.Any) -> set[str]:
    """What of the log-in may be shown, although Ansible hides all of it: sentences name the host."""
    if not isinstance(registry, dict):
        return set()
    shown = {str(registry.get(name)) for name in ("host", "username")}
    return shown - {
        text for name, text in registry.items() if name not in ("host", "username") and isinstance(text, str)
    }


def main() -> None:
    module = cluster_module(
        {
            "chart": {"type": "path"},
            "values_file": {"type": "path"},
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "create_namespace": {"type": "bool", "default": True},
            "cluster_domain": {"type": "str", "default": "cluster.local"},
            "helm_binary": {"type": "str", "default": "helm"},
            "secret_name": {"type": "str", "default": "holmes-secrets", "no_log": False},
            "secret_data": {"type": "raw", "no_log": True},
            "registry_secret_name": {"type": "str", "default": "holmes-registry", "no_log": False},
            "registry": {"type": "raw", "no_log": True},
            "ca_file": {"type": "path"},
            "registry_ca_file": {"type": "path"},
            "chart_repo_url": {"type": "str"},
            "chart_repo_ca_file": {"type": "path"},
            "llm_probe": {"type": "str", "choices": ["quick", "full", "none"], "default": "quick"},
            "llm_timeout": {"type": "int", "default": 60},
            "autotune": {"type": "bool", "default": False},
            "gate": {"type": "str", "choices": ["strict", "warn", "none"], "default": "strict"},
            "exceptions": {"type": "dict", "default": {}},
            "pending_grace": {"type": "int", "default": 300},
            "timeout": {"type": "int", "default": 10},
            "chart_values": {"type": "dict"},
            "skip_crds": {"type": "bool", "default": True},
            "changes": {"type": "bool", "default": False},
            "settles": {"type": "bool", "default": False},
            "gone": {"type": "dict", "default": {}},
            "shared": {"type": "dict", "default": {}},
        },
        required_together=[("chart", "values_file")],
        # Without its own word on the client it also says what else is missing.
        needs_client=False,
        # Nothing of the arguments goes to the system's log.
        no_log=True,
    )
    module.no_log_values.difference_update(harmless(module.params["registry"]))
    try:
        checks, more = judge(module)
    except HolmesError as error:
        module.fail_json(**error.as_result())
    result = {**summary(checks), **more}
    if result["verdict"] == NOT_READY:
        module.fail_json(msg=failure_message(checks), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
