# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what the user wants (the typed options) to chart values, one layer per option.

Layers and messages bear the names of the role's variables, which is what an operator changes.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._intent_models import (
    API_BASE_ENV,
    API_KEY_ENV,
    endpoint,
    model_list,
    only_reference,
    variables,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._intent_pod import env_froms, security, server_tls
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_mark import ROLLOUT_ANNOTATION
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import CONTEXT_ENV, OUTPUT_ENV
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer, Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import MODEL_SELECTS, Version


def layers(request: Request, keys: ChartKeys, server: Version | None, problems: dict[str, HolmesError]) -> list[Layer]:
    """The values of every option that was given. What cannot be used is put into ``problems`` by the id of its check.

    Raises HolmesError for an option of the wrong shape; the sentence never repeats its content.
    """
    made = {
        "holmes_image_registry": _given("registry", request.registry.rstrip("/")),
        "holmes_image": _given("image", request.image),
        "holmes_image_pull_secrets": _pull_secrets(request.image_pull_secrets),
        "holmes_models": _given("modelList", model_list(request)),
        "holmes_llm_*, holmes_env and holmes_server_api_key": _environment(request, server),
        "holmes_env_from_secrets": env_froms(request.env_from_secrets, keys),
        "holmes_server_tls": server_tls(request.server_tls),
        "holmes_ca_file": _certificates(request, problems),
        **_rights(request.rbac, keys),
        "holmes_toolsets": _given("toolsets", _mapping(request.toolsets, "holmes_toolsets", "toolset: {enabled: …}")),
        "holmes_resources": _given("resources", request.resources),
        "holmes_pod_security": security(request, keys),
        "rollout_token": {"podAnnotations": {ROLLOUT_ANNOTATION: request.rollout_token}}
        if request.rollout_token
        else {},
    }
    return [Layer(label, values) for label, values in made.items() if values]


def _mapping(value: t.Any, option: str, form: str) -> Values:
    """A container that Ansible must not check: it would print the content of one of a wrong type."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise HolmesError(f"{option} must be a mapping.", f"Write '{form}'.")
    return t.cast(Values, value)


def _pull_secrets(given: t.Sequence[t.Any]) -> Values:
    """Names, or mappings with a name as the chart has them."""
    found = [item.get("name") if isinstance(item, dict) else item for item in given]
    if not all(isinstance(name, str) and name for name in found):
        raise HolmesError(
            "holmes_image_pull_secrets must be a list of names.", "Write the name of each pull secret, nothing else."
        )
    return {"imagePullSecrets": [{"name": name} for name in found]} if found else {}


def _environment(request: Request, server: Version | None) -> Values:
    """Everything that becomes a variable of the container. The user's own come last, so that they win."""
    made: dict[str, t.Any] = {}
    url = endpoint(request.llm, request.cluster_domain)
    if url:
        made[API_BASE_ENV] = url
    if url or request.llm.get("api_key"):
        key = request.llm.get("api_key")
        made[API_KEY_ENV] = only_reference(key, "holmes_llm_api_key") if key and key != "none" else "none"
    made.update(variables(request))
    for name, option in ((CONTEXT_ENV, "context_window"), (OUTPUT_ENV, "max_output_tokens")):
        if request.llm.get(option) is not None:
            made[name] = request.llm[option]
    if request.default_model and MODEL_SELECTS.holds(server):
        made["MODEL"] = request.default_model
    if request.holmes_api_key:
        made["HOLMES_API_KEY"] = only_reference(request.holmes_api_key, "holmes_server_api_key")
    made.update(_mapping(request.env, "holmes_env", "NAME: text' or 'NAME: {secret: …, key: …}"))
    found = [_variable(str(name), value) for name, value in made.items()]
    return {"additionalEnvVars": _ordered(found)} if found else {}


def _ordered(variables: list[Values]) -> list[Values]:
    """By name, so that the order of a mapping does not roll pods.

    Kubernetes fills ``$(NAME)`` from earlier ones only: what has such a part stays in its order, after all others.
    """
    dependent = {entry["name"] for entry in variables if "$(" in str(entry.get("value"))}
    return sorted(
        variables, key=lambda entry: (entry["name"] in dependent, "" if entry["name"] in dependent else entry["name"])
    )


def _variable(name: str, value: t.Any) -> Values:
    if isinstance(value, dict):
        reference = only_reference(value, f"holmes_env.{name}")
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": reference["secret"], "key": reference["key"]}}}
    if isinstance(value, bool):
        return {"name": name, "value": "true" if value else "false"}
    if value is None or isinstance(value, list):
        raise HolmesError(f"holmes_env.{name} must be text or a reference to a Secret.", "Give it a text, in quotes.")
    return {"name": name, "value": str(value)}


def _certificates(request: Request, problems: dict[str, HolmesError]) -> Values:
    if not request.ca_file:
        return {}
    try:
        return {"certificate": _certificate.from_file(request.ca_file)}
    except HolmesError as error:
        problems["values.certificate"] = error
        return {}


def _rights(rbac: Values, keys: ChartKeys) -> dict[str, Values]:
    """Values by the variable they come from."""
    rules = rbac.get("custom_cluster_role_rules")
    # A chart without the key would ignore it; values.rbac_scope speaks of that.
    scoped = rbac.get("scope") == "namespace" and keys.knows(("namespaceScopedRBAC",))
    return {
        "holmes_rbac_create": {"createServiceAccount": False} if rbac.get("create") is False else {},
        "holmes_rbac_scope": {"namespaceScopedRBAC": True} if scoped else {},
        "holmes_service_account": _given("customServiceAccountName", rbac.get("service_account")),
        "holmes_crd_permissions": _given("crdPermissions", rbac.get("crd_permissions")),
        "holmes_custom_cluster_role_rules": _given("customClusterRoleRules", rules),
        "holmes_openshift": _given("openshift", rbac.get("openshift")),
    }


def _given(key: str, value: t.Any) -> Values:
    return {key: value} if value else {}
