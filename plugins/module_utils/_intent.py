# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what the user wants (the typed options) to chart values, one layer per option.

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
        "registry and image": _image(request),
        "image_pull_secrets": _pull_secrets(request),
        "models": {"modelList": model_list(request)} if request.models else {},
        "llm, env and holmes_api_key": _environment(request, server),
        "ca_file": _certificates(request, problems),
        "rbac": _rights(request.rbac),
        "toolsets": {"toolsets": request.toolsets} if request.toolsets else {},
        "resources": {"resources": request.resources} if request.resources else {},
        "rollout_token": {"podAnnotations": {ROLLOUT_ANNOTATION: request.rollout_token}}
        if request.rollout_token
        else {},
    }
    return [Layer(f"the option {name}", values) for name, values in made.items() if values]


def _image(request: Request) -> Values:
    return {
        key: value for key, value in (("registry", request.registry.rstrip("/")), ("image", request.image)) if value
    }


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
        variables["HOLMES_API_KEY"] = _only_reference(request.holmes_api_key, "holmes_api_key")
    if API_KEY_ENV in variables and variables[API_KEY_ENV] != "none":
        variables[API_KEY_ENV] = _only_reference(variables[API_KEY_ENV], "llm.api_key")
    if not isinstance(request.env, dict):
        raise HolmesError(
            "The option env must be a mapping of names.", "Write 'NAME: text' or 'NAME: {secret: …, key: …}'."
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
            f"The option {option} must name a Secret and a key in it, never hold the key itself.",
            f"Write {option}: {{secret: holmes-secrets, key: NAME}} and put the text into that Secret (holmes_secrets "
            "of the role).",
        )
    return t.cast("dict[str, str]", value)


def _variable(name: str, value: t.Any) -> Values:
    if isinstance(value, dict):
        reference = _only_reference(value, f"env.{name}")
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": reference["secret"], "key": reference["key"]}}}
    if isinstance(value, bool):
        return {"name": name, "value": "true" if value else "false"}
    if value is None or isinstance(value, list):
        raise HolmesError(
            f"The option env.{name} must be text or a reference to a Secret.", "Give it a text, in quotes."
        )
    return {"name": name, "value": str(value)}


def _certificates(request: Request, problems: dict[str, HolmesError]) -> Values:
    if not request.ca_file:
        return {}
    try:
        return {"certificate": _certificate.from_file(request.ca_file)}
    except HolmesError as error:
        problems["values.certificate"] = error
        return {}


def _rights(rbac: Values) -> Values:
    values: Values = {}
    if rbac.get("create") is False:
        values["createServiceAccount"] = False
    if rbac.get("service_account"):
        values["customServiceAccountName"] = rbac["service_account"]
    if rbac.get("crd_permissions"):
        values["crdPermissions"] = rbac["crd_permissions"]
    if rbac.get("custom_cluster_role_rules"):
        values["customClusterRoleRules"] = rbac["custom_cluster_role_rules"]
    if rbac.get("openshift"):
        values["openshift"] = True
    return values
