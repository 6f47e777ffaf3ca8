# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart archive that came with the arguments.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import hashlib
import os

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _whole_file
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_source import sha256
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError


def keep(content: str, dest: str, *, write: bool = True) -> tuple[str, str]:
    """The archive, in base64, at ``dest`` (0600): sha256 before (empty: no file) and after. Raises HolmesError."""
    data = base64.b64decode(content)
    try:
        before, after = sha256(dest) if os.path.isfile(dest) else "", hashlib.sha256(data).hexdigest()
        if write and before != after:
            _whole_file.put(dest, data)
    except OSError as error:
        message = f"The chart cannot be stored on this host: {error.strerror} ({error.filename or dest})."
        raise HolmesError(message, "Make room, or a folder that can be written, on this host.") from error
    return before, after
