# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging whether a registry answers. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _http as http
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_checks as checks
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_http as tls
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_checks import Finding, judged
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_survey import Fault, Survey

_ADDRESS = "Check host and port in holmes_image_registry; without a port, 443 is asked."
_CERTIFICATES = {
    tls.EXPIRED: ("has expired", "Renew it on the registry."),
    tls.EARLY: ("is not valid yet", "Set the clock of this host or of the registry right."),
    tls.NAME: (
        "is not for this name",
        "Name the registry in holmes_image_registry as its certificate does, or issue one with this name as a subject "
        "alternative name.",
    ),
    tls.UNTRUSTED: (
        "is signed by an authority that this host does not know",
        "Give the registry's certificate authority in holmes_registry_ca_file, and let the registry send its "
        "intermediate certificates.",
    ),
}
_FIXES = {
    http.REFUSED: _ADDRESS,
    http.TIMEOUT: f"{_ADDRESS} A firewall in between may drop what it does not allow.",
    registry.BUSY: "Try again later, or raise the limit of requests at the registry.",
    registry.SERVER: "Look at the registry's log.",
    registry.NOT_REGISTRY: f"{_ADDRESS} Registries answer at /v2/ of the host itself, whatever path the images have.",
}


def reachable(survey: Survey) -> Check:
    """``registry.reachable``: it answers as a registry, asked from this host."""
    host = survey.host
    if survey.plain:
        message = f"{host} speaks plain HTTP: images can be swapped on the way, and log-ins would travel in clear."
        fix = (
            "Give the registry a certificate. Else each node must be told: containerd in certs.d/"
            f'{host}/hosts.toml with server = "http://{host}".'
        )
        return judged(checks.REACHABLE, [Finding(WARN, message, fix)], "", **survey.evidence)
    asked = f"with {_authorities(survey)}"
    good = (
        f"{host} answers as a registry; it was asked from this host, not from the nodes. Its certificate was verified "
        f"{asked}; each node needs its authority too (containerd: certs.d/{host}/hosts.toml)."
    )
    found = [_unreachable(survey, survey.fault, asked)] if survey.fault else []
    return judged(checks.REACHABLE, found, good, **survey.evidence, kind=survey.fault.kind if survey.fault else "")


def unasked(survey: Survey) -> Finding:
    """For what cannot be known as long as the registry does not answer."""
    return Finding(NOT_CHECKED, f"{survey.host} could not be asked.", "Repair what registry.reachable says first.")


def _unreachable(survey: Survey, fault: Fault, asked: str) -> Finding:
    host = survey.host
    if fault.kind == http.DNS:
        message = (
            f"The name of {host} does not resolve on this host, so it was not asked; nodes may know it all the same."
        )
        fix = (
            "Correct holmes_image_registry, or let this host resolve the name. If the nodes redirect it to a mirror "
            "(containerd: certs.d), only the rollout can tell."
        )
        return Finding(NOT_CHECKED, message, fix)
    certificate = tls.certificate_fault(fault) if isinstance(fault, http.Unreachable) else ""
    if certificate:
        what, fix = _CERTIFICATES[certificate]
        # Nobody has told this host whom to trust; the nodes may know it.
        untold = certificate == tls.UNTRUSTED and not survey.told
        return Finding(
            NOT_CHECKED if untold else FAIL,
            f"The certificate of {host} {what} (asked from this host, {asked}).",
            f"{fix} Nodes refuse it just so, unless their own trust differs (containerd: certs.d/{host}/hosts.toml).",
        )
    status = NOT_CHECKED if fault.kind == registry.BUSY else FAIL
    return Finding(status, f"{host} is of no use from this host: {fault}.", _FIXES.get(fault.kind, _ADDRESS))


def _authorities(survey: Survey) -> str:
    own = "the authorities of this host"
    return f"{survey.ca_file} and {own}" if survey.ca_file else f"{own} (holmes_registry_ca_file is not set)"
