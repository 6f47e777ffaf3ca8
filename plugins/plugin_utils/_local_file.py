# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of the control node, for action plugins: found as Ansible finds them, decrypted. Private to this collection."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError


def found(action: t.Any, variable: str, path: str, fix: str) -> str:
    """The file that ``variable`` names; raises HolmesError with ``fix``."""
    try:
        place = str(action._find_needle("files", path))
    except AnsibleError:
        place = ""
    if os.path.isfile(place):
        return place
    what = "is a folder" if place else "does not exist"
    raise HolmesError(f"{variable} names '{path}', which {what} on the control node.", fix)


def content(action: t.Any, variable: str, path: str, fix: str) -> bytes:
    """The content of that file, decrypted if ansible-vault encrypted it. Raises HolmesError."""
    place = found(action, variable, path, fix)
    real = place
    try:
        real = action._loader.get_real_file(place, decrypt=True)
        with open(real, "rb") as stream:
            return stream.read()
    except (AnsibleError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no vault password of this run opens it"
        raise HolmesError(f"{variable} names '{path}', which cannot be read: {reason}.", "Correct it.") from None
    finally:
        action._loader.cleanup_tmp_file(real)
