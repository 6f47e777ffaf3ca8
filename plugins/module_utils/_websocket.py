# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Python client says of a websocket that was not opened: only text.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re

# websocket-client's words for an answer that is no upgrade. A pod's name or a body may hold such numbers, too.
_REFUSED = re.compile(r"(?:\(0\) Reason: )?Handshake status 40[13]\b")


def reason(error: Exception) -> str:
    """The reason, on one line."""
    return " ".join(str(getattr(error, "reason", None) or error).split())


def forbidden(error: Exception) -> bool:
    """Whether the API server refused it to this account."""
    return bool(_REFUSED.match(reason(error)))
