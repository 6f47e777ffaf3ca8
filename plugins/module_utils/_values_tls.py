# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which authorities HolmesGPT's pods trust, as far as variables decide it. Pure functions over values.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal

FALSE = re.compile(r"\s*(?:false|0|no|off)\s*\Z", re.IGNORECASE)
TRUE = re.compile(r"\s*(?:true|1|yes|on)\s*\Z", re.IGNORECASE)


def winners(values: Values) -> list[str]:
    """The variables that LiteLLM prefers to the authority in ``certificate``."""
    verify = env_literal(values, "SSL_VERIFY") or ""
    own_file = bool(verify) and not FALSE.match(verify) and not TRUE.match(verify)
    files = [name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if env_entry(values, name)]
    found = [name for name in files if env_literal(values, name) != ""]
    return (["SSL_VERIFY"] if own_file else []) + found
