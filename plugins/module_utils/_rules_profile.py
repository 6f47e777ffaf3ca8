# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about the air-gap profile.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _profile
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolset_names import HOSTED, ON_BY_THEMSELVES
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, on
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import has
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# values.telemetry and values.bash speak of these.
_ELSEWHERE = ("enableTelemetry ", "sentryDSN ", "toolsets.bash.")


@rule("values.profile", "The air-gap profile is kept", excusable=True)
def profile(case: Case) -> t.Iterator[Finding]:
    if case.request.profile != _profile.AIRGAP:
        yield good("The air-gap profile is not used")
        return
    for changed, reason in _profile.exceptions(case.chart, case.keys, case.values):
        if not changed.startswith(_ELSEWHERE):
            message = f"{changed}, against the air-gap profile. {reason}"
            yield warn(message, "Remove it, if that was not meant.", subject=changed.partition(" ")[0])
    for name, service in HOSTED.items():
        if on(case, "toolsets", name, "enabled"):
            message = f"The toolset '{name}' asks {service}, which a cut-off cluster cannot reach."
            yield warn(message, f"Set toolsets.{name}.enabled: false.", subject=name)
    yield from _by_themselves(case)


def _by_themselves(case: Case) -> t.Iterator[Finding]:
    """Toolsets of a server that is newer than its chart, which the profile therefore does not name."""
    for name, since in ON_BY_THEMSELVES.items():
        shipped = has(case.chart.values, ("toolsets", name))
        said = effective(case, "toolsets", name, "enabled") is not None
        if name != "bash" and not shipped and not said and since.holds(case.server):
            message = f"The toolset '{name}' is not in this chart, but this server turns it on by itself."
            yield warn(message, f"Set holmes_toolsets: {{{name}: {{enabled: false}}}}.", subject=name)
