# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about what was taken over from the model server.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case


@rule("values.autotune", "The inventory fits what the model server says of itself")
def autotune(case: Case) -> t.Iterator[Finding]:
    for told in case.corrected:
        yield warn(f"Corrected for this run: {told}.", "Write it into the inventory.")
    if case.filled:
        yield good(f"Taken over: {'; '.join(case.filled)}", filled=list(case.filled))
    elif case.request.learned:
        yield good("Nothing had to be changed")
    else:
        yield good("Nothing is taken over (holmes_llm_autotune)")
