# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about the hosted Robusta platform.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# All five, or the token, sign the server in (holmes/core/supabase_dal.py; run without a route out with 0.45.0).
_STORE = ("ROBUSTA_ACCOUNT_ID", "STORE_URL", "STORE_API_KEY", "STORE_EMAIL", "STORE_PASSWORD")
_TRUE = re.compile(r"\s*(?:true|[1-9]\d*)\s*\Z", re.IGNORECASE)


@rule("values.robusta", "The hosted Robusta platform is not used", excusable=True)
def robusta(case: Case) -> t.Iterator[Finding]:
    told = fail if case.request.profile == AIRGAP else warn
    store = [name for name in _STORE if _is_set(case.values, name)]
    if _is_set(case.values, "ROBUSTA_UI_TOKEN"):
        message = "ROBUSTA_UI_TOKEN signs the server in to the hosted platform: with no way there it dies."
        yield told(message, "Remove ROBUSTA_UI_TOKEN.", subject="ROBUSTA_UI_TOKEN")
    if len(store) == len(_STORE):
        message = "ROBUSTA_ACCOUNT_ID and STORE_* sign the server in to the hosted platform: with no way there it dies."
        yield told(message, "Remove ROBUSTA_ACCOUNT_ID and STORE_*.", subject="STORE_URL")
    elif store:
        message = f"{', '.join(store)} alone has no effect: the platform needs all of {', '.join(_STORE)}."
        yield warn(message, f"Remove {', '.join(store)}.")
    if _TRUE.match(env_literal(case.values, "ROBUSTA_AI") or ""):
        message = "ROBUSTA_AI makes the hosted model 'Robusta' the default, before MODEL: chats without a model fail."
        yield told(message, "Set holmes_env: {ROBUSTA_AI: 'false'}, as the air-gap profile does.", subject="ROBUSTA_AI")
    if _is_set(case.values, "ROBUSTA_CONFIG_PATH"):
        message = "ROBUSTA_CONFIG_PATH names a file of Robusta; with a token in it the server would sign in or die."
        yield warn(message, "Remove ROBUSTA_CONFIG_PATH.")


def _is_set(values: Values, name: str) -> bool:
    """Whether a variable has a text that is not empty, or comes from elsewhere."""
    entry = env_entry(values, name)
    return bool(entry) and env_literal(values, name) != ""
