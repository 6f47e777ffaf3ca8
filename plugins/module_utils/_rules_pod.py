# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about how the pod runs: its security contexts, and TLS of its server.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    repaired,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, is_number, on
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, has
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_repair import READ_ONLY_ROOT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import SERVES_TLS, text

POD, CONTAINER = "podSecurityContext", "containerSecurityContext"
# Fields that exist only in the other one of the two.
_MISPLACED = {
    POD: ("allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem"),
    CONTAINER: ("fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy", "sysctls"),
}
_NUMBERS = ("fsGroup", "runAsGroup", "runAsUser")
_SWITCHES = ("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem", "runAsNonRoot")


@rule("values.security_context", "Security settings can be applied")
def security_context(case: Case) -> t.Iterator[Finding]:
    yield from repaired(case, "values.security_context")
    if has(case.values, READ_ONLY_ROOT) and case.keys.writes("readOnlyRootFilesystem: true"):
        message = (
            "containerSecurityContext.readOnlyRootFilesystem is also written by the chart, as true; the key would "
            "stand there twice."
        )
        yield fail(message, "Remove it; HolmesGPT writes only below /tmp.")
    contexts: dict[str, Values] = {}
    for name in (POD, CONTAINER):
        given = effective(case, name) if case.keys.knows((name,)) else {}
        contexts[name] = given if isinstance(given, dict) else {}
        yield from _fields(name, contexts[name])
    yield from _user(case, {**contexts[POD], **contexts[CONTAINER]})


def _fields(name: str, given: Values) -> t.Iterator[Finding]:
    other = CONTAINER if name == POD else POD
    for field in _MISPLACED[name]:
        if field in given:
            yield fail(f"{name}.{field} does not exist: Kubernetes refuses it.", f"Move it to {other}.")
    for field, value in given.items():
        if field in _NUMBERS and value is not None and not (is_number(value) and value >= 0):
            yield fail(f"{name}.{field} is no whole number.", f"Write {name}.{field}: 10001, without quotes.")
        if field in _SWITCHES and not isinstance(value, (bool, type(None))):
            yield fail(f"{name}.{field} is not true or false.", "Write true or false, without quotes.")


def _user(case: Case, merged: Values) -> t.Iterator[Finding]:
    """``merged``: the container's own settings win over the pod's."""
    if merged.get("runAsNonRoot") is not True:
        return
    user = merged.get("runAsUser")
    if user == 0:
        yield fail("runAsNonRoot is true and runAsUser is 0: the pod would never start.", "Set runAsUser: 10001.")
    elif user is None and not on(case, "openshift"):
        message = "runAsNonRoot is true without runAsUser, but the image runs as root: the pod would never start."
        yield fail(message, "Set holmes_pod_security: restricted, or runAsUser: 10001 beside it.")


@rule("values.server_tls", "TLS of HolmesGPT's server can be used")
def server_tls(case: Case) -> t.Iterator[Finding]:
    if not case.keys.knows(("tls",)):
        if case.request.server_tls or get(case.values, ("tls", "enabled")):
            fix = "Use a newer chart, or let an ingress serve TLS, and remove holmes_server_tls."
            yield fail("holmes_server_tls is set, but the server of this chart cannot serve TLS.", fix)
        return
    given = effective(case, "tls")
    given = given if isinstance(given, dict) else {}
    if on(case, "tls", "enabled"):
        yield from _enabled(case, given)
    elif any(value for key, value in given.items() if key != "enabled"):
        message = "A Secret for TLS is given, but tls.enabled is not true: the server answers in clear text."
        yield warn(message, "Set holmes_server_tls, which turns it on, or remove the keys of tls.")
    else:
        yield good("The server answers in clear text, inside the cluster")


def _enabled(case: Case, given: Values) -> t.Iterator[Finding]:
    if not SERVES_TLS.holds(case.server):
        message = f"tls.enabled needs HolmesGPT 0.36; {text(case.server)} answers in clear text and fails its probes."
        yield fail(message, "Use a newer image, or remove holmes_server_tls.")
    if not isinstance(given.get("secretName"), str) or not given["secretName"]:
        message = "tls.enabled is true, but no Secret holds the certificate: the chart refuses to render."
        yield fail(message, "Set holmes_server_tls.secret to the name of a TLS Secret in the namespace.")
    elif given.get("caCertsSecretKey"):
        message = (
            "The server will ask every caller for a certificate (mTLS): the probes only try the port, and the "
            "verification cannot speak to it without one."
        )
        yield warn(message, "Remove holmes_server_tls.client_ca_key, unless every caller has a certificate.")
    else:
        yield good(f"The certificate comes from the Secret '{given['secretName']}'")


# Moves to _rules_certificate.py.
