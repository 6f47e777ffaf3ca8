# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values file on disk: compare, show, write.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import stat

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _whole_file, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import masked

MODE = 0o600


def current(path: str) -> str | None:
    """The text of the file, or None if there is none."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HolmesError(
            f"dest '{path}' cannot be read: {error.strerror}.", "Name a file, in a folder of this user."
        ) from None


def differs(path: str, text: str) -> bool:
    """Whether writing would change content or mode."""
    return current(path) != text or stat.S_IMODE(os.stat(path).st_mode) != MODE


def shown(text: str | None) -> str:
    """The text for a diff. Somebody may have written a secret into the file by hand."""
    if not text:
        return ""
    try:
        values, _duplicates = _yaml_text.load_mapping(text, "dest")
    except HolmesError:
        return "(not readable as YAML)\n"
    return _yaml_text.dump(masked(values))


def write(path: str, text: str) -> None:
    """Write the file in one step; at no moment can anybody else read it."""
    try:
        _whole_file.put(path, text.encode("utf-8"))
    except OSError as error:
        raise HolmesError(
            f"dest '{path}' cannot be written: {error.strerror}.", "Create its folder, or correct its permissions."
        ) from None
