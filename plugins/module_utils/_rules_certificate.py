# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about the private authority.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate_use, _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    broken,
    fail,
    good,
    repaired,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import endpoints
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, env_literal, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tls import winners
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import READ_ONLY_ROOT_WORKS, text


@rule("values.certificate", "The certificate authority can be used")
def certificate(case: Case) -> t.Iterator[Finding]:
    yield from broken(case, "values.certificate")
    if "values.certificate" in case.problems:
        return
    value = case.values.get("certificate")
    if not value and env_entry(case.values, "CERTIFICATE"):
        # As good as the chart's own key, which makes this variable.
        value = env_literal(case.values, "CERTIFICATE")
        if value is None:
            yield unclear("CERTIFICATE comes from a Secret, so it was not looked at.", "Set holmes_ca_file instead.")
            return
    if not value:
        yield good("No private authority is given")
    elif not isinstance(value, str):
        yield fail("The value 'certificate' must be text.", "Set holmes_ca_file to the PEM file instead.")
    else:
        yield from _given(case, value)


def _given(case: Case, value: str) -> t.Iterator[Finding]:
    judgements = _certificate_use.judge(value)
    hosts = sorted({endpoint.goal.host for endpoint in endpoints(case.values) if endpoint.goal.scheme == "https"})
    for judgement in judgements:
        yield Finding(judgement.status, judgement.message, judgement.fix, {"https_hosts": hosts, "bytes": len(value)})
    if judgements[0].status != FAIL:
        yield from repaired(case, "values.certificate")
    names = winners(case.values)
    if names:
        told = " and ".join(names)
        verb = "wins" if len(names) == 1 else "win"
        yield warn(f"{told} {verb} over 'certificate' for the model server's connection.", f"Remove {told}.")
    if _is_read_only(case) and not READ_ONLY_ROOT_WORKS.holds(case.server):
        message = (
            f"HolmesGPT {text(case.server)} dies at start over 'certificate' if its root file system is read-only "
            "(from 0.22.0 on it does not)."
        )
        fix = "Use a newer HolmesGPT, or remove holmes_ca_file and mount the authority and name it in SSL_CERT_FILE."
        yield fail(message, fix)


def _is_read_only(case: Case) -> bool:
    """Whether the container's root file system is read-only: as rendered, or else as the templates have it."""
    containers = _render_view.containers(_render_view.holmes_pod(case.rendered, case.request))
    own = [item for item in containers if item.get("name") == "holmes"]
    if own:
        return any(get(item, ("securityContext", "readOnlyRootFilesystem")) is True for item in own)
    return case.keys.writes("readOnlyRootFilesystem: true")
