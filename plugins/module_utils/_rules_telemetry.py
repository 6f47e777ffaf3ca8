# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about what is sent home.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, variable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

SWITCH, ADDRESS = "ENABLE_TELEMETRY", "SENTRY_DSN"
_KEYS = {SWITCH: "enableTelemetry", ADDRESS: "sentryDSN"}
_OFF, _FIX = ("false", "0", "null"), "Set enableTelemetry: false and sentryDSN: ''."
# The server reads the switch as JSON, in any case.
_READABLE = (*_OFF, "true", "1")
# Sends questions and answers to a hosted service as soon as it is there.
_TRACER = "BRAINTRUST_API_KEY"


@rule("values.telemetry", "No telemetry is sent", excusable=True)
def telemetry(case: Case) -> t.Iterator[Finding]:
    for name, key in _KEYS.items():
        if variable(case, name) is not None:
            message = f"The variable {name} is set by hand and wins over the chart's {key}."
            yield warn(message, f"Remove {name} and set {key}.")
    switch, address = _in_force(case, SWITCH), _in_force(case, ADDRESS)
    on = not isinstance(switch, str) or switch.lower() not in _OFF
    if isinstance(switch, str) and switch.lower() not in _READABLE:
        message = f"enableTelemetry ends as {SWITCH}={switch!r}, which is not true or false: the server dies at start."
        yield fail(message, "Set enableTelemetry: false.", subject=SWITCH)
    elif on and address:
        told = fail if case.request.profile == AIRGAP else warn
        yield told("Telemetry is on and has an address: the server will try to reach Sentry.", _FIX, subject=ADDRESS)
    elif on:
        message = "enableTelemetry is not false, so it counts as on; only the missing address keeps it quiet."
        yield warn(message, "Set enableTelemetry: false.", subject=SWITCH)
    elif address:
        yield warn("Telemetry is off, but sentryDSN still names an address.", "Set sentryDSN: ''.", subject=ADDRESS)
    else:
        yield good("Telemetry is off")
    if variable(case, _TRACER) is not None:
        message = f"{_TRACER} turns on tracing to a hosted service, with questions and answers."
        yield warn(message, f"Remove {_TRACER}.", subject=_TRACER)


def _in_force(case: Case, name: str) -> t.Any:
    """The text that the server gets; a mapping for what comes from elsewhere; empty if it does not get any."""
    container = view.holmes_container(case.rendered, case.request)
    if container:
        found = [entry for entry in items(container.get("env")) if get(entry, ("name",)) == name]
        if not found:
            return "false" if name == SWITCH else ""
        last = found[-1]  # Kubernetes takes the last of several
        return last.get("value") or "" if "valueFrom" not in last else last
    by_hand = variable(case, name)
    if by_hand is not None:
        return by_hand
    key = _KEYS[name]
    if not case.keys.knows((key,)):
        return "false" if name == SWITCH else ""
    value = effective(case, key)
    # The helper of newer charts takes an absent key for true.
    return "true" if name == SWITCH and value is None else str("" if value is None else value)
