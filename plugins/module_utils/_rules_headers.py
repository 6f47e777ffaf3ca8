# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about request headers, which the server passes on to its tools.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import BLOCKED_HEADERS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, good, rule, unclear, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import REFUSES_HEADERS

_HEADERS = "HOLMES_PASSTHROUGH_BLOCKED_HEADERS"
# The server's own list, in whose place the variable steps.
_OWN_HEADERS = ("authorization", "cookie", "set-cookie")


@rule("values.headers", "Request headers cannot break the tools")
def headers(case: Case) -> t.Iterator[Finding]:
    entry, given = env_entry(case.values, _HEADERS), env_literal(case.values, _HEADERS)
    fix = f"Set holmes_env: {{{_HEADERS}: '{BLOCKED_HEADERS}'}}."
    if entry and given is None:
        yield unclear(f"{_HEADERS} comes from elsewhere, so its names were not looked at.", f"Write it in clear: {fix}")
        return
    blocked = {name.strip().lower() for name in given.split(",")} if given is not None else set(_OWN_HEADERS)
    lost = [name for name in _OWN_HEADERS if name not in blocked]
    if lost:
        message = f"{_HEADERS} takes the place of the server's own list, so {', '.join(lost)} would reach the tools."
        yield warn(message, fix, lost=lost)
    rendered, _more = _render_view.environment(case.rendered, case.request)
    has_key = bool(env_entry(case.values, "HOLMES_API_KEY")) or "HOLMES_API_KEY" in rendered
    needed = ("accept", "user-agent", "content-type", *(("x-api-key",) if has_key else ()))
    missing = [name for name in needed if name not in blocked]
    if missing and REFUSES_HEADERS.holds(case.server):
        message = (
            f"The request headers {', '.join(missing)} reach the kubernetes tools, and these refuse every call if one "
            "has a shell character, such as curl's 'Accept: */*'."
        )
        yield warn(message, fix, missing=missing)
    elif not lost:
        yield good("Such headers are not passed on" if not missing else "This version takes any header")
