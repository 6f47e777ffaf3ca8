#!/usr/bin/python
# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: holmes_values
short_description: Make and judge the Helm values of HolmesGPT for a chart and a site without internet
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Turns what is wanted (a model server, models, a registry) and given values files into values for this very chart.
  - Finds what Helm would ignore silently and what would break later; every rule has an id and a section in the docs.
  - Renders the chart offline with C(helm template) and judges the result. Needs neither a cluster nor a network.
  - The order is profile, O(values_files) one after the other, the other options, O(values); the later wins. Maps are
    merged. Lists with names (C(additionalEnvVars), C(imagePullSecrets)) are merged by name, unlike Helm's own C(-f).
  - A failed check fails the task with one sentence for each. Secrets written in clear fail and are never repeated.
  - Messages name the variables of the role holmes, for example C(holmes_llm_context_window) for O(llm.context_window).
extends_documentation_fragment:
  - holmesgpt.onprem._attributes
  - holmesgpt.onprem._attributes.full
options:
  chart:
    description: Path of the chart on the host, an archive or a directory.
    type: path
    required: true
  chart_sha256:
    description: Expected sha256 of the archive.
    type: str
  release_name:
    description: Name of the release.
    type: str
    default: holmes
  namespace:
    description: Namespace of the release.
    type: str
    default: holmes
  values_files:
    description: Paths of values files on the host. The server's C({{ env.NAME }}) in them is left as it is.
    type: list
    elements: path
    default: []
  values:
    description: Values that win over everything else. A mapping; C({{ env.NAME }}) in it has to be C(!unsafe).
    type: raw
  profile:
    description: V(airgap) starts from defaults for a site without internet, V(none) from the chart's. With V(none)
      images from outside O(registry) are only a warning.
    type: str
    choices: [airgap, none]
    default: airgap
  registry:
    description: Registry and path of the image, as in the chart. The pod runs C(registry/image). Images from another
      host are a failure.
    type: str
  image:
    description: Name and tag, or digest, of the image, as in the chart.
    type: str
  image_pull_secrets:
    description: Names of pull secrets in the namespace.
    type: list
    elements: raw
    default: []
  llm:
    description: The model server of all models that do not name one of their own.
    type: dict
    suboptions:
      api_base:
        description: Its URL, ending in C(/v1). Excludes O(llm.service).
        type: str
      service:
        description: The model server's Service in this cluster, a mapping of C(name), C(namespace), C(port), and
          optionally C(scheme) (V(http) or V(https)) and C(path) (V(/v1)). The URL is made of them and of
          O(cluster_domain).
        type: dict
      api_key:
        description: Reference to its key, a mapping of C(secret) and C(key). Without it the text V(none) is sent.
        type: raw
      context_window:
        description: Largest context in tokens (vLLM C(--max-model-len)).
        type: int
      max_output_tokens:
        description: How much of it an answer may take, in tokens.
        type: int
  cluster_domain:
    description: DNS domain of the cluster, in which O(llm.service) is named.
    type: str
    default: cluster.local
  models:
    description:
      - Mapping of alias to a mapping with C(model), the name under which the model server serves it or
        C(provider/name), and any further field of LiteLLM, such as C(temperature).
      - A model on a server of its own has C(api_base), or C(service) in the form of O(llm.service). Its key is
        C(api_key), a mapping of C(secret) and C(key), or C(api_key_env), the name of a variable of O(env).
      - C(context_window) and C(max_output_tokens) limit this model, where it differs from O(llm.context_window) and
        O(llm.max_output_tokens).
    type: raw
  default_model:
    description: Alias that answers requests without a model. A single alias is the default by itself.
    type: str
  env:
    description: Further environment, a mapping of a variable's name to its text, or to a mapping of C(secret) and
      C(key).
    type: raw
  env_from_secrets:
    description: Names of Secrets in the namespace, each key of which becomes a variable.
    type: list
    elements: str
    default: []
  holmes_api_key:
    description: Reference to the key that HolmesGPT asks of its users, a mapping of C(secret) and C(key). From 0.27 on.
    type: raw
  server_tls:
    description: Secret with the certificate of HolmesGPT's own server, a mapping of C(secret), and optionally
      C(password_key) and C(client_ca_key), which name keys in it. From 0.36 on, where the chart has it.
    type: dict
  ca_file:
    description: Path on the host of the certificate authority of the model server or a proxy, PEM.
    type: path
  rbac:
    description: Rights of HolmesGPT.
    type: dict
    suboptions:
      create:
        description: Whether the chart makes the account and its read-only role.
        type: bool
        default: true
      scope:
        description: V(cluster) lets it read the whole cluster, V(namespace) only its own namespace, where the chart
          has it.
        type: str
        choices: [cluster, namespace]
        default: cluster
      service_account:
        description: Name of an existing account to use instead. With O(rbac.create=false).
        type: str
      crd_permissions:
        description: Which custom resources may be read, the chart's C(crdPermissions), name to yes or no.
        type: dict
      custom_cluster_role_rules:
        description: Further rules of the role. Only get, list and watch.
        type: list
        elements: dict
      openshift:
        description: Whether the cluster is OpenShift.
        type: bool
        default: false
  toolsets:
    description: Toolsets of HolmesGPT, as in the chart.
    type: raw
  resources:
    description: Resources of the pod, as in the chart.
    type: dict
    default: {}
  pod_security:
    description: V(restricted) adds the security contexts that a namespace with the Pod Security level C(restricted)
      wants, V(chart) leaves them to the chart.
    type: str
    choices: [chart, restricted]
    default: chart
  exceptions:
    description:
      - Failures that are meant. A mapping of the id of a check, or of C(ID:SUBJECT) for one thing that it names, to the
        reason. They become warnings.
      - What cannot work is never accepted.
    type: dict
    default: {}
  rollout_token:
    description: Opaque text, such as RV(holmesgpt.onprem.holmes_secret#module:token). The pods are replaced when it
      changes.
    type: str
  learned:
    description:
      - What the model servers said of themselves, as RV(holmesgpt.onprem.holmes_preflight#module:learned).
      - Limits that are unset are filled in, larger ones are lowered, and O(env) gets the switch for a server that
        refuses strict tools.
    type: dict
  helm_binary:
    description: Name or path of Helm on the host. Without Helm the rendered chart is not judged.
    type: path
    default: helm
  dest:
    description: Path on the host of the values file to write, with mode 0600.
    type: path
requirements:
  - PyYAML
seealso:
  - module: holmesgpt.onprem.holmes_release
  - module: holmesgpt.onprem.holmes_verify
"""

EXAMPLES = r"""
- name: Values for vLLM in the same cluster
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes-0.45.0.tgz
    registry: registry.example:5000/holmesgpt
    image: holmes:0.45.0
    llm:
      service:
        name: vllm-server
        namespace: inference
        port: 8000
      context_window: 131072
      max_output_tokens: 8192
    models:
      gpt-oss-120b:
        model: gpt-oss-120b
        temperature: 1
    dest: /srv/holmes-values.yaml

- name: An existing values file, with the key of the model server from a Secret
  holmesgpt.onprem.holmes_values:
    chart: /srv/holmes-0.45.0.tgz
    values_files:
      - /srv/values.yaml
    env:
      OPENAI_API_KEY:
        secret: holmes-secrets
        key: openai-api-key
  register: generated

- name: Show what would be deployed
  ansible.builtin.debug:
    var: generated.chart_values
"""

RETURN = r"""
chart_values:
  description: The values. They hold no secret.
  returned: success
  type: dict
  sample: {enableTelemetry: false}
values_sha256:
  description: sha256 over RV(chart_values), whatever the order of keys.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
chart:
  description: Name, version, app_version and sha256 of the chart. For a directory the sha256 is one over its files.
  returned: success
  type: dict
  sample: {name: holmes, version: 0.45.0, app_version: 0.45.0, sha256: 2ba65f31524ff284}
models:
  description: The aliases.
  returned: success
  type: list
  elements: str
  sample: [gpt-oss-120b]
default_model:
  description: The alias that answers requests without a model; empty if that is not known.
  returned: success
  type: str
  sample: gpt-oss-120b
limits:
  description: The limits in force for the default model, in tokens; null where none is set.
  returned: success
  type: dict
  sample: {context_window: 131072, max_output_tokens: 8192}
images:
  description: Every image of the rendered chart.
  returned: success
  type: list
  elements: str
  sample: ["registry.example:5000/holmesgpt/holmes:0.45.0"]
rbac_rules:
  description: Every rule of the rendered roles, each with kind and name of its role.
  returned: success
  type: list
  elements: dict
  sample: [{kind: ClusterRole, name: holmes-holmes-cluster-role, apiGroups: [""], resources: [nodes], verbs: [get]}]
checks:
  description: What was checked, in the shape that all modules of this collection share.
  returned: always
  type: list
  elements: dict
  sample: [{id: values.unknown_key, status: pass}]
verdict:
  description: V(ready), V(ready_with_limitations) or V(not_ready).
  returned: always
  type: str
  sample: ready
"""

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _program, _python_needs, _values, _values_file
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import (
    NOT_READY,
    HolmesError,
    failure_message,
    summary,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_module import ValuesModule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request


def build(module: ValuesModule) -> _values.Outcome:
    """Values and checks, rendered with the host's Helm."""
    helm = module.get_bin_path(module.params["helm_binary"])
    return _values.build(Request.from_options(module.params), _values.renderer(helm, _program.run, module.tmpdir))


def main() -> None:
    module = ValuesModule()
    lacking = _python_needs.missing(["yaml"])
    if lacking:
        module.fail_json(**_python_needs.refusal(lacking).as_result())
    try:
        outcome = build(module)
        judged = summary(outcome.checks)
        if judged["verdict"] == NOT_READY:
            module.fail_json(msg=failure_message(outcome.checks), **judged)
        dest, changed, diff = module.params["dest"], False, {}
        if dest:
            changed = _values_file.differs(dest, outcome.text)
            before, after = _values_file.shown(_values_file.current(dest)), _values_file.shown(outcome.text)
            diff = {"before": before, "after": after, "before_header": dest, "after_header": dest}
            if changed and not module.check_mode:
                _values_file.write(dest, outcome.text)
        module.exit_json(changed=changed, diff=diff, **judged, **outcome.result)
    except HolmesError as error:
        module.fail_json(**error.as_result())


if __name__ == "__main__":
    main()
