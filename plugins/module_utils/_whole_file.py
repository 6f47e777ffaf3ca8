# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that is written whole or not at all.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import tempfile


def put(path: str, data: bytes) -> None:
    """Write the file (0600) in one step; at no moment can anybody else read it. Raises OSError."""
    handle, temporary = tempfile.mkstemp(prefix=".holmes-", dir=os.path.dirname(os.path.abspath(path)))  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
