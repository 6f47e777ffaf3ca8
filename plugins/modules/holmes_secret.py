#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_secret
short_description: Keep the Secret that the values of HolmesGPT refer to
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Creates or updates a Secret from plain text and returns a token that changes exactly when its content does.
  - Unlike a task with C(no_log), a failure still says what is wrong, and a diff still shows which keys change.
    No value is ever shown.
  - Keys of a Secret that somebody else made are added or replaced, never removed.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
  - holmesgpt.onprem._lock
options:
  namespace:
    description: Namespace of the Secret. It has to exist, except in check mode.
    type: str
    required: true
  name:
    description: Name of the Secret.
    type: str
    required: true
  data:
    description:
      - Mapping of key to text. Everything but text is refused with a sentence that names the key.
      - Taken as it is, because Ansible prints a value of a wrong type even of an option that it does not log.
    type: raw
  prune:
    description:
      - Whether keys that are not wanted any more are taken out of a Secret that this collection made.
      - Without it they stay and are returned as RV(obsolete), so that whoever still refers to them goes on working.
    type: bool
    default: true
  release_name:
    description: Name of the release that the Secret is for; only O(lock) needs it.
    type: str
    default: holmes
  registry:
    description:
      - Log-in of an image registry, for a Secret of type C(kubernetes.io/dockerconfigjson).
      - A mapping with V(host), V(username) and V(password).
    type: raw
requirements:
  - kubernetes >= 24.2.0
"""

EXAMPLES = r"""
- name: Key of the model server and of HolmesGPT's own API
  holmesgpt.onprem.holmes_secret:
    namespace: holmes
    name: holmes-secrets
    data:
      openai-api-key: "{{ vault_openai_api_key }}"
      holmes-api-key: "{{ vault_holmes_api_key }}"
  register: secret

- name: Pull secret of the site's registry
  holmesgpt.onprem.holmes_secret:
    namespace: holmes
    name: holmes-registry
    registry:
      host: registry.example:5000
      username: puller
      password: "{{ vault_registry_password }}"

- name: The token rolls the pods when the Secret changes
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes-0.45.0.tgz
    rollout_token: "{{ secret.token }}"
    models:
      gpt-oss-120b:
        model: gpt-oss-120b
    llm:
      api_base: http://vllm-server.inference.svc.cluster.local:8000/v1
"""

RETURN = r"""
secret_keys:
  description: Keys that the Secret holds now.
  returned: success
  type: list
  elements: str
  sample: [holmes-api-key, openai-api-key]
obsolete:
  description: Keys that are not wanted any more. With O(prune) they were taken out.
  returned: success
  type: list
  elements: str
  sample: []
token:
  description:
    - Opaque text that changes exactly when the content does.
    - V(assigned-on-creation) in check mode, if the Secret does not exist yet.
  returned: success
  type: str
  sample: 3f1c0a9be2d4477c8a5d0f6b1e29c073
"""

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _kube_write, _lease, _secret
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Cluster, Object, connect, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._module import cluster_module

TYPES = {"data": "Opaque", "registry": "kubernetes.io/dockerconfigjson"}


def wanted(params: dict[str, t.Any]) -> tuple[str, dict[str, str]]:
    """Type and base64 data of the Secret."""
    if params["registry"] is not None:
        return TYPES["registry"], _secret.registry_data(params["registry"])
    return TYPES["data"], _secret.opaque_data(params["data"])


def ensure(cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> Object:
    """Bring the Secret to the wanted content; returns the module's result."""
    kind, data = wanted(params)
    name, namespace = params["name"], params["namespace"]
    existing = _kube_write.find(cluster, path_of(CORE, "secrets", namespace, name))
    if existing and existing.get("type", kind) != kind:
        raise HolmesError(
            f"Secret '{name}' in namespace '{namespace}' exists with type {existing['type']}, but {kind} is needed.",
            "Choose another name, or delete that Secret if nothing uses it.",
        )
    whole = _secret.patch_for(existing, data)
    obsolete = sorted(key for key, text in whole.items() if text is None)
    changes = {key: text for key, text in whole.items() if params["prune"] or text is not None}
    before, after = _secret.masked(existing, changes)
    content = _secret.merged(existing, changes)
    uid = existing["metadata"]["uid"] if existing else ""
    if existing is None and not check_mode:
        metadata = {"name": name, "namespace": namespace, "labels": {_secret.OWNER_LABEL: _secret.OWNER}}
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind, "data": data}
        uid = _kube_write.create(cluster, path_of(CORE, "secrets", namespace), body)["metadata"]["uid"]
    elif changes and not check_mode:
        _kube_write.patch(cluster, path_of(CORE, "secrets", namespace, name), {"data": changes})
    return {
        "changed": existing is None or bool(changes),
        "secret_keys": sorted(content),
        "obsolete": obsolete,
        # Of what the Secret comes to, so that taking keys out later is no news.
        "token": _secret.rollout_token(uid, _secret.merged(existing, whole)) if uid else "assigned-on-creation",
        "diff": {"before": before, "after": after},
    }


def main() -> None:
    module = cluster_module(
        {
            "namespace": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "data": {"type": "raw", "no_log": True},
            "registry": {"type": "raw", "no_log": True},
            "prune": {"type": "bool", "default": True},
            "release_name": {"type": "str", "default": "holmes"},
            **_lease.OPTION,
        },
        mutually_exclusive=[("data", "registry")],
        required_one_of=[("data", "registry")],
    )
    try:
        cluster = connect(module.params)
        _lease.keep(cluster, module.params, module.check_mode)
        module.exit_json(**ensure(cluster, module.params, module.check_mode))
    except HolmesError as error:
        module.fail_json(**error.as_result())


if __name__ == "__main__":
    main()
