# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a program and reading all it says.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Not Ansible's ``run_command``: if a program writes and ends just after a second of silence, its last words are lost
(read in ansible-core 2.21; seen on a busy host as a Helm without a version).
"""

from __future__ import annotations

import os
import subprocess
import typing as t


def run(command: t.Sequence[str], environment: t.Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Return code, standard output, standard error. ``environment`` is added to that of this process.

    127 with a sentence if it cannot be run: a program for another architecture, a script without its interpreter.
    """
    try:
        done = subprocess.run(  # noqa: S603  # an argument list, without a shell
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        return 127, "", f"'{command[0]}' cannot be run: {error.strerror}"
    return done.returncode, done.stdout, done.stderr
