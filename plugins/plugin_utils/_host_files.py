# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that variables name on the control node, on their way to a host that is another machine.

Private to this collection. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import os
import typing as t
from dataclasses import dataclass, field

# The content of the file that a variable names; raises HolmesError.
Read = t.Callable[[str, str], bytes]
# A path, or several.
Given = t.Any


@dataclass
class Push:
    """What goes to a host. ``content`` is in base64, by the names that the files have in the run's folder there."""

    read: Read
    content: dict[str, str] = field(default_factory=dict)

    def take(self, variable: str, given: Given) -> Given:
        """Read what a variable names; the same with the names in the folder."""
        return each(lambda path: self._one(variable, path) if path else "", given)

    def add(self, name: str, content: bytes) -> str:
        """A file that is made here."""
        self.content[name] = base64.b64encode(content).decode("ascii")
        return name

    def _one(self, variable: str, path: str) -> str:
        # Both stand in the name, because sentences of modules tell it.
        name, number = f"{variable}-{os.path.basename(path)}", 1
        while name in self.content:
            number += 1
            name = f"{variable}-{number}-{os.path.basename(path)}"
        return self.add(name, self.read(variable, path))


def each(of: t.Callable[[str], str], given: Given) -> Given:
    """What becomes of a path, or of each of several."""
    return [of(str(path)) for path in given] if isinstance(given, list) else of(str(given))


def placed(folder: str, given: Given) -> Given:
    """Names in the folder as paths; nothing stays nothing."""
    return each(lambda name: os.path.join(folder, name) if name else "", given)
