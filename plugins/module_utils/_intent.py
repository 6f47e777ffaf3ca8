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
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._intent_models import (
    API_BASE_ENV,
    API_KEY_ENV,
    endpoint,
    model_list,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import CONTEXT_ENV, OUTPUT_ENV
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Layer, Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import MODEL_SELECTS, Version

ROLLOUT_ANNOTATION = "holmesgpt.onprem/secrets"


def layers(request: Request, server: Version | None, problems: dict[str, HolmesError]) -> list[Layer]:
    """The values of every option that was given. What cannot be used is put into ``problems`` by the id of its check.

    Raises HolmesError for an option of the wrong shape; the sentence never repeats its content.
    """
    made = {
        "holmes_image_registry": _given("registry", request.registry.rstrip("/")),
        "holmes_image": _given("image", request.image),
        "holmes_image_pull_secrets": _pull_secrets(request),
        "holmes_models": {"modelList": model_list(request)} if request.models else {},
        "holmes_llm_*, holmes_env and holmes_server_api_key": _environment(request, server),
        "holmes_ca_file": _certificates(request, problems),
        **_rights(request.rbac),
        "holmes_toolsets": _given("toolsets", request.toolsets),
        "holmes_resources": _given("resources", request.resources),
        "rollout_token": {"podAnnotations": {ROLLOUT_ANNOTATION: request.rollout_token}}
        if request.rollout_token
        else {},
    }
    return [Layer(label, values) for label, values in made.items() if values]


def _pull_secrets(request: Request) -> Values:
    return (
        {"imagePullSecrets": [{"name": name} for name in request.image_pull_secrets]}
        if request.image_pull_secrets
        else {}
    )


def _environment(request: Request, server: Version | None) -> Values:
    """Everything that becomes a variable of the container. The user's own come last, so that they win."""
    variables: dict[str, t.Any] = {}
    url = endpoint(request.llm)
    if url:
        variables[API_BASE_ENV] = url
    if url or request.llm.get("api_key"):
        variables[API_KEY_ENV] = request.llm.get("api_key") or "none"
    for name, option in ((CONTEXT_ENV, "context_window"), (OUTPUT_ENV, "max_output_tokens")):
        if request.llm.get(option) is not None:
            variables[name] = request.llm[option]
    if request.default_model and MODEL_SELECTS.holds(server):
        variables["MODEL"] = request.default_model
    if request.holmes_api_key:
        variables["HOLMES_API_KEY"] = _only_reference(request.holmes_api_key, "holmes_server_api_key")
    if API_KEY_ENV in variables and variables[API_KEY_ENV] != "none":
        variables[API_KEY_ENV] = _only_reference(variables[API_KEY_ENV], "holmes_llm_api_key")
    if not isinstance(request.env, dict):
        raise HolmesError(
            "holmes_env must be a mapping of names.", "Write 'NAME: text' or 'NAME: {secret: …, key: …}'."
        )
    variables.update(request.env)
    found = [_variable(str(name), value) for name, value in variables.items()]
    return {"additionalEnvVars": found} if found else {}


def _only_reference(value: t.Any, option: str) -> dict[str, str]:
    """A reference to a key of a Secret, never the key itself."""
    if (
        not isinstance(value, dict)
        or set(value) != {"secret", "key"}
        or not all(isinstance(part, str) and part for part in value.values())
    ):
        raise HolmesError(
            f"{option} must name a Secret and a key in it, never hold the key itself.",
            f"Write {option}: {{secret: holmes-secrets, key: NAME}} and put the text into that Secret (holmes_secrets "
            "of the role).",
        )
    return t.cast("dict[str, str]", value)


def _variable(name: str, value: t.Any) -> Values:
    if isinstance(value, dict):
        reference = _only_reference(value, f"holmes_env.{name}")
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


def _rights(rbac: Values) -> dict[str, Values]:
    """Values by the variable they come from."""
    rules = rbac.get("custom_cluster_role_rules")
    return {
        "holmes_rbac_create": {"createServiceAccount": False} if rbac.get("create") is False else {},
        "holmes_service_account": _given("customServiceAccountName", rbac.get("service_account")),
        "holmes_crd_permissions": _given("crdPermissions", rbac.get("crd_permissions")),
        "holmes_custom_cluster_role_rules": _given("customClusterRoleRules", rules),
        "holmes_openshift": _given("openshift", rbac.get("openshift")),
    }


def _given(key: str, value: t.Any) -> Values:
    return {key: value} if value else {}
