# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the address of the model server.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_url as url
from ansible_collections.holmesgpt.onprem.plugins.module_utils._intent_models import API_BASE_ENV, endpoint
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_litellm import (
    ADDS_PATH,
    ELSEWHERE,
    ENDS_IN_V1,
    GOALS,
    PUBLIC_HOSTS,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_ENDINGS = {**dict.fromkeys(ENDS_IN_V1, url.V1), **dict.fromkeys(ADDS_PATH, url.NO_V1)}


@rule("values.api_base", "Every model has an endpoint of the right form")
def api_base(case: Case) -> t.Iterator[Finding]:
    for model in models.models(case.values):
        yield from _endpoint(case, model)
    given = endpoint(case.request.llm, case.request.cluster_domain)
    used = {item.name for item in models.references(models.model_list(case.values))}
    if given and API_BASE_ENV not in used:
        message = (
            "The endpoint (holmes_llm_api_base or holmes_llm_service) is used by no model: nothing in modelList "
            f"refers to {API_BASE_ENV}."
        )
        yield warn(message, "Name the models in holmes_models, or remove the endpoint.")


def _endpoint(case: Case, model: models.Model) -> t.Iterator[Finding]:
    provider = models.provider(case.values, model.entry)
    where, given = models.base(case.values, model)
    if given is None and models.PROVIDERS.get(provider, True):
        yield _no_address(case, model.where, provider)
    if not isinstance(given, str):
        # A hosted provider is for values.public_endpoint, another shape for values.model_field.
        return
    if any(not env_entry(case.values, item.name) for item in models.references(given)):
        return  # values.env_reference tells of it
    text = models.resolved(case.values, given)
    if text is None:
        yield unclear(
            f"{where} comes from a variable without a literal value, so its form was not checked.",
            "Write the URL in clear; it is no secret.",
        )
    else:
        yield from _judged(case, where, model.alias, text, _ENDINGS.get(provider, url.ANY))


def _no_address(case: Case, where: str, provider: str) -> Finding:
    fix = "Set holmes_llm_api_base or holmes_llm_service."
    if models.more_variables(case.values):
        return unclear(
            f"{where} has no api_base, unless a Secret that is mounted whole holds the variable for it.", fix
        )
    return fail(f"{where} has no api_base, so its chats would go to {GOALS.get(provider, ELSEWHERE)}.", fix)


def _judged(case: Case, where: str, alias: str, text: str, ending: str) -> t.Iterator[Finding]:
    domain, told = case.request.cluster_domain, url.shown(text)
    found = url.judge(text, ending, case.request.namespace, domain)
    if found.flaw:
        form = f"http://SERVICE.NAMESPACE.svc.{domain}:PORT{'' if ending == url.NO_V1 else '/v1'}"
        yield fail(f"{where} is '{told}', but {found.flaw}.", f"Write it as {form}")
    elif found.doubt:
        fix = f"Write SERVICE.NAMESPACE.svc.{domain} and the Service's port; the domain is holmes_cluster_domain."
        yield warn(f"{where} is '{told}', but {found.doubt}.", fix)
    else:
        yield good(f"{alias}: {told}", endpoints=[f"{alias}: {told}"], notes=list(found.remarks))


@rule("values.public_endpoint", "No model is a service on the internet", excusable=True)
def public_endpoint(case: Case) -> t.Iterator[Finding]:
    for model in models.models(case.values):
        where, given = models.base(case.values, model)
        provider, host = models.provider(case.values, model.entry), _host(case, given)
        if given is None and not models.PROVIDERS.get(provider, True):
            message = f"{model.where} uses the hosted provider '{provider}'"
        elif any(f".{host}".endswith(f".{name}") for name in PUBLIC_HOSTS):
            message = f"{where} names {host}"
        else:
            continue
        if case.request.profile == AIRGAP:
            fix = "Use a model server of the site, or accept it in holmes_exceptions if there is a way out."
            yield fail(f"{message}, which cannot be reached without the internet.", fix, subject=model.alias)
        else:
            yield good(f"{message}, on the internet, which the profile allows.")


def _host(case: Case, given: t.Any) -> str:
    """The host of an address, as far as it is known."""
    address = url.parse(models.resolved(case.values, given) or "") if isinstance(given, str) else ""
    return "" if isinstance(address, str) else address.host
