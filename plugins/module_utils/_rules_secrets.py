# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about secrets that stand in clear.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import Literal, literals
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# Where the server fills in {{ env.NAME }}.
_TEMPLATED = ("modelList", "toolsets", "mcp_servers")


@rule("values.literal_secret", "No secret is written in clear")
def literal_secret(case: Case) -> t.Iterator[Finding]:
    for literal in literals(case.values):
        if literal.is_guess:
            message = f"The text at '{literal.label}' looks like a secret in clear."
            yield warn(message, f"If it is one: {_fix(literal)} If not, give it a name that does not say so.")
        elif literal.placeholder:
            message = f"'{literal.label}' holds a placeholder that nobody has replaced."
            yield fail(message, f"If a secret belongs there: {_fix(literal)} If the server wants none, write 'none'.")
        else:
            yield fail(f"'{literal.label}' holds a secret in clear.", _fix(literal), places=[literal.label])


def _fix(literal: Literal) -> str:
    """How the secret gets into the pod instead."""
    put = "Put it into a Secret"
    if literal.path[:1] in ENV_LISTS:
        return f"{put} and write holmes_env: {{NAME: {{secret: SECRET, key: KEY}}}}."
    if literal.path[0] in _TEMPLATED:
        return f"{put}, write holmes_env: {{NAME: {{secret: SECRET, key: KEY}}}}, and there '{{{{ env.NAME }}}}'."
    return f"{put}, and refer to that (valueFrom, or a volume)."
