# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the pod: its account, security context, telemetry, trusted certificates.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate, _profile, _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    broken,
    fail,
    good,
    repaired,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, get, has
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_repair import READ_ONLY_ROOT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case


def _effective(case: Case, *path: str) -> t.Any:
    """The given value, or the chart's default."""
    return get(case.values, path) if has(case.values, path) else get(case.chart.values, path)


@rule("values.service_account", "The pod's account exists and has rights")
def service_account(case: Case) -> t.Iterator[Finding]:
    create, own = _effective(case, "createServiceAccount"), _effective(case, "customServiceAccountName")
    if _effective(case, "k8sRBAC") is True:
        message = (
            "k8sRBAC: true makes no role and turns the kubernetes toolsets off (issue #2436); it does not mean 'use "
            "RBAC'."
        )
        yield warn(message, "Remove k8sRBAC.")
    if create is False:
        yield from _not_created(case, own)
    elif own:
        yield from _created_and_named(case, str(own))
    else:
        yield good("The chart makes the account and its role")


def _not_created(case: Case, own: t.Any) -> t.Iterator[Finding]:
    """createServiceAccount: false."""
    useless = [
        key
        for key in ("crdPermissions", "customClusterRoleRules")
        if case.keys.knows((key,)) and get(case.values, (key,))
    ]
    if useless:
        message = f"createServiceAccount: false makes no role, so this has no effect: {', '.join(useless)}."
        yield warn(message, "Bind the rights to your own account, and remove what has no effect.")
    if own:
        yield good(f"Own account '{own}'; its rights are yours to bind")
        return
    account = str(_render_view.holmes_pod(case.rendered, case.request).get("serviceAccountName") or "default")
    if account == "default":
        message = (
            "createServiceAccount is false and no own account is named: the pod runs as the namespace's 'default' "
            "account, which may read nothing."
        )
        yield warn(message, "Set holmes_service_account, or holmes_rbac_create: true.")
    else:
        message = (
            "createServiceAccount is false and no own account is named, but this chart lets the pod run as "
            f"'{account}', which nobody makes."
        )
        yield fail(message, "Set holmes_service_account, or holmes_rbac_create: true.")


def _created_and_named(case: Case, own: str) -> t.Iterator[Finding]:
    """createServiceAccount: true together with an account's name: what comes of it depends on the chart."""
    made = [_render_view.name_of(item) for item in _render_view.of_kind(case.rendered, "ServiceAccount")]
    if case.rendered.done and own not in made:
        message = (
            f"The pod runs as '{own}', but the chart binds its role to an account of its own: HolmesGPT would see "
            "nothing."
        )
        yield fail(
            message, "Set holmes_rbac_create: false and bind the rights yourself, or remove holmes_service_account."
        )
    else:
        message = (
            f"The chart will try to create the account '{own}'; if it exists already, Helm refuses to take it over."
        )
        yield warn(message, "For an existing account set holmes_rbac_create: false.")


@rule("values.security_context", "Security settings do not collide with the chart's")
def security_context(case: Case) -> t.Iterator[Finding]:
    yield from repaired(case, "values.security_context")
    if has(case.values, READ_ONLY_ROOT) and case.keys.writes("readOnlyRootFilesystem: true"):
        message = (
            "containerSecurityContext.readOnlyRootFilesystem is also written by the chart, as true; the key would "
            "stand there twice."
        )
        yield fail(message, "Remove it; HolmesGPT writes only below /tmp.")


@rule("values.profile", "The air-gap profile is kept")
def profile(case: Case) -> t.Iterator[Finding]:
    if case.request.profile != _profile.AIRGAP:
        yield good("The air-gap profile is not used")
        return
    for changed, reason in _profile.exceptions(case.chart, case.keys, case.values):
        if not changed.startswith(("enableTelemetry ", "sentryDSN ")):  # values.telemetry speaks of these
            yield warn(f"{changed}, against the air-gap profile. {reason}", "Remove it, if that was not meant.")


@rule("values.telemetry", "No telemetry is sent")
def telemetry(case: Case) -> t.Iterator[Finding]:
    switch, dsn = _effective(case, "enableTelemetry"), _effective(case, "sentryDSN")
    known = case.keys.knows(("enableTelemetry",))
    # The helper of newer charts takes an absent key for true; text is what a careless --set makes of it.
    on = known and str(switch).lower() != "false"
    if on and dsn:
        yield warn(
            "Telemetry is on and has an address: the server will try to reach Sentry.",
            "Set enableTelemetry: false and sentryDSN: ''.",
        )
    elif on:
        yield warn(
            "enableTelemetry is not false, so it counts as on; only the missing address keeps it quiet.",
            "Set enableTelemetry: false.",
        )
    elif dsn and case.keys.knows(("sentryDSN",)):
        yield warn("Telemetry is off, but sentryDSN still names an address.", "Set sentryDSN: ''.")
    else:
        yield good("Telemetry is off")


@rule("values.certificate", "The certificate authority can be used")
def certificate(case: Case) -> t.Iterator[Finding]:
    yield from broken(case, "values.certificate")
    value = case.values.get("certificate")
    if "values.certificate" in case.problems:
        return
    if not value:
        yield good("No private authority is given")
        return
    if not isinstance(value, str):
        yield fail("The value 'certificate' must be text.", "Set holmes_ca_file to the PEM file instead.")
        return
    judgement = _certificate.judge(value)
    yield Finding(judgement.status, judgement.message, judgement.fix)
    if judgement.status != FAIL:
        yield from repaired(case, "values.certificate")
    winners = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if env_entry(case.values, name)]
    if winners:
        yield warn(
            f"{' and '.join(winners)} wins over 'certificate' for the model server's connection.",
            f"Remove {' and '.join(winners)}.",
        )
