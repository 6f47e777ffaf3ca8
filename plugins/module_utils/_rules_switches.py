# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about variables that change how HolmesGPT talks to a model server.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, good, listed, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import (
    REQUEST_TIMEOUT,
    STRICT_SWITCH,
    STRIPS_FIELDS,
    text,
)

_SINCE = {
    "LLM_REQUEST_TIMEOUT": REQUEST_TIMEOUT,
    "HOLMES_DISABLE_STRICT_TOOL_CALLS": STRICT_SWITCH,
    "LLM_EXTRA_STRIP_MESSAGE_FIELDS": STRIPS_FIELDS,
}
_OLD_SWITCH = "LLMS_WITH_STRICT_TOOL_CALLS"


@rule("values.model_switch", "Switches for the model server have an effect")
def model_switch(case: Case) -> t.Iterator[Finding]:
    given = [name for name in _SINCE if env_entry(case.values, name)]
    for name in given:
        if not _SINCE[name].holds(case.server):
            since = text(_SINCE[name].version)
            message = f"HolmesGPT {text(case.server)} does not read {name}, which exists from {since} on."
            yield warn(message, f"Remove {name} from holmes_env, or use a newer HolmesGPT.")
    if env_entry(case.values, _OLD_SWITCH) and STRICT_SWITCH.holds(case.server):
        message = f"HolmesGPT reads no {_OLD_SWITCH} any more; tool schemas are strict for every model."
        fix = (
            'Remove it; if the model server refuses strict ones, set HOLMES_DISABLE_STRICT_TOOL_CALLS to "true" in '
            "holmes_env."
        )
        yield warn(message, fix)
    if env_entry(case.values, "FAST_MODEL"):
        message = "FAST_MODEL has long results of tools summed up by a model that takes nothing from modelList."
        yield warn(message, "Remove FAST_MODEL from holmes_env.")
    if given:
        yield good(f"{listed(given)} in use")
