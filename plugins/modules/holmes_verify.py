#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_verify
short_description: Prove that a HolmesGPT release runs as meant, answers truthfully and can only read
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Looks at a running release and reports one check per question. Nothing is changed, in or out of check mode.
  - Waits for the rollout, but gives up within seconds on what cannot heal (image pull refused, Secret key gone, crash
    with a known cause, refused by quota or admission), and says why.
  - Reaches HolmesGPT through a port-forward to a pod behind its Service, made by the Python client, or by O(url).
  - Asks HolmesGPT for the pods of its own namespace and compares tool output and answer with what the API server says,
    because HolmesGPT reports a refused tool call as a success.
  - What no option gives an expectation for is V(not_checked), never a pass. So is what the account may not read.
  - Compares what runs with what Helm recorded, proves with a short-lived token of the pods' ServiceAccount that the API
    server refuses to let it write, and tries from inside a pod that no outside address can be reached.
  - "Rights used beyond reading workloads, logs and RBAC in the namespace: list Secrets (Helm's release), get and create
    C(pods/portforward) (or C(services/proxy)) and C(pods/exec), create C(serviceaccounts/token), list
    C(clusterrolebindings) and C(rolebindings) of all namespaces. Impersonation options do not apply to the
    port-forward."
  - Rolling out is followed while it happens; the action plugin of the same name shows each change as a line, from the
    command line and in AWX.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.info
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
  chart:
    description: The chart that should be deployed, as M(holmesgpt.onprem.holmes_values) returns it.
    type: dict
    suboptions:
      name:
        description: Name of the chart.
        type: str
      version:
        description: Version of the chart.
        type: str
      app_version:
        description: Not compared; accepted so that the whole dictionary can be passed on.
        type: str
      sha256:
        description: Digest of the archive, which M(holmesgpt.onprem.holmes_values) writes into the values.
        type: str
  values_sha256:
    description: Digest of the values that should be deployed, as M(holmesgpt.onprem.holmes_values) returns it.
    type: str
  models:
    description:
      - Aliases that HolmesGPT should offer, no more and no less.
      - Without it they are taken from the model list in the live ConfigMap.
    type: list
    elements: str
  default_model:
    description: Alias that the chat uses. Without it the first of O(models), or of the live list.
    type: str
  image_registry:
    description:
      - Registry, and path if wanted, that every image must come from, for example V(registry.example:5000/holmesgpt).
    type: str
  image_digests:
    description:
      - Digests that images must have, a mapping of a reference to V(sha256:...).
      - A reference that carries a digest itself is compared with that.
    type: dict
    default: {}
  limits:
    description: Token limits that should be in force, as M(holmesgpt.onprem.holmes_values) returns them.
    type: dict
    suboptions:
      context_window:
        description: Context size of the model, in tokens.
        type: int
      max_output_tokens:
        description: What an answer may take of it, in tokens.
        type: int
  holmes_api_key:
    description:
      - HolmesGPT's own API key, if it has one. Sent as a bearer token.
      - Not to be confused with O(api_key), which is the token for the Kubernetes API server.
    type: str
  holmes_api_key_from:
    description:
      - The Secret in O(namespace) that holds this key. It is read on the host, and counts before O(holmes_api_key).
    type: dict
    suboptions:
      secret:
        description: Name of the Secret.
        type: str
      key:
        description: Key in it.
        type: str
  url:
    description: Address of HolmesGPT, instead of a port-forward. V(http://HOST:PORT) or V(https://HOST:PORT).
    type: str
  ca_file:
    description:
      - PEM file on the host that runs the module, to verify HolmesGPT's certificate with.
      - Default are the system's authorities.
    type: path
  chat:
    description: Whether to ask a question. Without it, four checks are V(not_checked).
    type: bool
    default: true
  chat_timeout:
    description: Seconds within which the chat must be answered, retries included.
    type: int
    default: 180
  rollout_timeout:
    description: Seconds that a rollout which may still succeed is waited for.
    type: int
    default: 300
  egress_probe:
    description: Whether C(python3) is run in a pod of HolmesGPT, to try whether an outside address can be reached.
    type: bool
    default: true
  exceptions:
    description:
      - Failures that are meant, a mapping of a check's id to the reason. They become warnings.
      - Only what is a matter of policy can be accepted (images, rights, egress); a failed check says so. Names of other
        checks are ignored here.
    type: dict
    default: {}
  watch:
    description:
      - What the previous call remembered of a rollout that is followed; an empty mapping begins.
      - With it the module comes back at every change, with RV(watch) instead of checks. The action plugin does so.
    type: dict
    suboptions:
      started:
        description: Reading of the host's clock at the first look.
        type: float
      first_seen:
        description: Seconds after which each reason was seen first.
        type: dict
      history:
        description: Every change so far.
        type: list
        elements: dict
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: holmesgpt.onprem.holmes_values
  - module: holmesgpt.onprem.holmes_release
  - module: kubernetes.core.k8s_info
"""

EXAMPLES = r"""
- name: Verify a release against what was generated for it
  holmesgpt.onprem.holmes_verify:
    namespace: holmes
    release_name: holmes
    chart: "{{ generated.chart }}"
    values_sha256: "{{ generated.values_sha256 }}"
    models: "{{ generated.models }}"
    default_model: "{{ generated.default_model }}"
    limits: "{{ generated.limits }}"
    image_registry: registry.example:5000/holmesgpt
    holmes_api_key: "{{ vault_holmes_api_key }}"

- name: Look at an installation that somebody else made
  holmesgpt.onprem.holmes_verify:
    namespace: holmes
    release_name: holmes
  register: verification
  failed_when: false

- name: Verify without spending tokens, over an ingress
  holmesgpt.onprem.holmes_verify:
    url: https://holmes.example
    ca_file: /etc/pki/site-ca.crt
    chat: false
"""

RETURN = r"""
checks:
  description: One entry per question, in the shape that all modules of this collection share.
  returned: always, except when the cluster cannot be reached
  type: list
  elements: dict
  contains:
    id:
      description: Stable name of the check; C(docs/checks/verify.md) has a section for each.
      type: str
    title:
      description: The check in words.
      type: str
    status:
      description: V(pass), V(warn), V(fail) or V(not_checked).
      type: str
    message:
      description: What was found.
      type: str
    fix:
      description: The variable, flag or command to change.
      type: str
    evidence:
      description: What the judgement stands on, without secrets.
      type: dict
    seconds:
      description: How long it took.
      type: float
  sample:
    - id: verify.ground_truth
      title: The answer is true
      status: pass
      message: Tool output and answer name holmes-holmes-7d9c5b6f4-x2x7k, which exists.
      fix: ""
      evidence: {}
      seconds: 1.4
verdict:
  description: V(ready), V(ready_with_limitations) (something is not a pass) or V(not_ready) (something failed).
  returned: always, except when the cluster cannot be reached
  type: str
  sample: ready
watch:
  description: What is to be handed to the next call, because the rollout goes on. Seen only without the action plugin.
  returned: when O(watch) is given and the rollout has changed but is not over
  type: dict
  sample: {started: 4711.5, first_seen: {pods: 0.1}, history: [{seconds: 0.1, message: "0 of 1 updated"}]}
release:
  description: The revision that was looked at, and whether Helm's record says already that it was verified.
  returned: always, except when the cluster cannot be reached
  type: dict
  sample: {revision: 3, verified: true}
pods:
  description: Pods of the current revision.
  returned: always, except when the cluster cannot be reached
  type: list
  elements: dict
  sample:
    - name: holmes-holmes-7d9c5b6f4-x2x7k
      node: worker-1
      phase: Running
      ready: true
      restarts: 0
      images:
        - container: holmes
          image: registry.example:5000/holmesgpt/holmes:0.45.0
          image_id: registry.example:5000/holmesgpt/holmes@sha256:4f0c
chat:
  description: The chat, if there was one. The analysis is cut to 500 characters.
  returned: always, except when the cluster cannot be reached
  type: dict
  sample:
    seconds: 1.4
    analysis: "Pods in namespace holmes (1): holmes-holmes-7d9c5b6f4-x2x7k"
    tools: [{name: kubernetes_tabular_query, toolset: kubernetes/core, status: success, hidden_error: ""}]
    limits: {context_window: 131072, max_output_tokens: 8192}
"""

import time
import typing as t
from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _api_key, _lease, _portforward
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import PASS, HolmesError, failure_message, summary
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, connect, connect_patiently
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Memory
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify import Verification
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import Intent

CHART = {name: {"type": "str"} for name in ("name", "version", "app_version", "sha256")}
KEY_FROM = {"secret": {"type": "str", "no_log": False}, "key": {"type": "str", "no_log": False}}
LIMITS = {"context_window": {"type": "int"}, "max_output_tokens": {"type": "int", "no_log": False}}

WATCH = {
    "started": {"type": "float"},
    "first_seen": {"type": "dict"},
    "history": {"type": "list", "elements": "dict"},
}


def own_key(module: AnsibleModule, cluster: Cluster) -> str | None:
    """The key of HolmesGPT's own API, hidden from now on in whatever this module returns."""
    params = module.params
    key = _api_key.read(cluster, params["namespace"], params["holmes_api_key_from"] or {}) or params["holmes_api_key"]
    if key:
        module.no_log_values.add(key)
    return key or None


def intent_of(params: dict[str, t.Any], key: str | None = None) -> Intent:
    """The module's options as an intent; ``key`` is that of HolmesGPT's own API."""
    return Intent(
        namespace=params["namespace"],
        release=params["release_name"],
        chart=params["chart"] or {},
        values_sha256=params["values_sha256"] or "",
        models=tuple(params["models"] or ()),
        default_model=params["default_model"] or "",
        image_registry=params["image_registry"] or "",
        image_digests=params["image_digests"],
        limits=params["limits"] or {},
        api_key=key,
        url=params["url"] or "",
        ca_file=params["ca_file"] or "",
        chat=params["chat"],
        chat_timeout=params["chat_timeout"],
        rollout_timeout=params["rollout_timeout"],
        egress_probe=params["egress_probe"],
        exceptions=params["exceptions"],
    )


def memory_of(watch: dict[str, t.Any] | None) -> Memory | None:
    """The option ``watch`` as a memory; None if nobody watches."""
    if watch is None:
        return None
    known = {key: value for key, value in watch.items() if value is not None}
    return Memory(**{"started": time.monotonic(), **known})


def keep_lock(module: AnsibleModule, cluster: Cluster) -> None:
    """A verification takes long, and what it finds may have to be taken back. It changes nothing itself."""
    try:
        _lease.keep(cluster, module.params, module.check_mode)
    except HolmesError as error:
        module.warn(error.msg)


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "default": "holmes"},
            "release_name": {"type": "str", "default": "holmes"},
            "chart": {"type": "dict", "options": CHART},
            "values_sha256": {"type": "str"},
            "models": {"type": "list", "elements": "str"},
            "default_model": {"type": "str"},
            "image_registry": {"type": "str"},
            "image_digests": {"type": "dict", "default": {}},
            "limits": {"type": "dict", "options": LIMITS},
            "holmes_api_key": {"type": "str", "no_log": True},
            "holmes_api_key_from": {"type": "dict", "options": KEY_FROM, "no_log": False},
            "url": {"type": "str"},
            "ca_file": {"type": "path"},
            "chat": {"type": "bool", "default": True},
            "chat_timeout": {"type": "int", "default": 180},
            "rollout_timeout": {"type": "int", "default": 300},
            "egress_probe": {"type": "bool", "default": True},
            "exceptions": {"type": "dict", "default": {}},
            "watch": {"type": "dict", "options": WATCH},
            **_lease.OPTION,
        }
    )
    try:
        # Of a run that has changed something an answer is worth waiting for.
        cluster = (connect_patiently if module.params["lock"] else connect)(module.params)
        keep_lock(module, cluster)
        watched = memory_of(module.params["watch"])
        intent = intent_of(module.params, own_key(module, cluster))
        run = Verification(cluster, intent, _portforward.opener(cluster), watched=watched)
        run.run()
    except HolmesError as error:
        module.fail_json(**error.as_result())
    if run.news:
        module.exit_json(changed=False, watch=asdict(run.news.memory))
    result = {"changed": False, "pods": run.pods, "chat": run.chat, "release": run.seen, **summary(run.checks)}
    told = failure_message(run.checks)
    if not told and not any(check.status == PASS for check in run.checks):
        told = "Nothing could be verified: this account may read nothing of it. Use another account, see the checks."
    if told:
        module.fail_json(msg=told, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
