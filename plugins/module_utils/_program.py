# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a program and reading all it says.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Not Ansible's ``run_command``: if a program writes and ends just after a second of silence, its last words are lost
(read in ansible-core 2.21; seen on a busy host as a Helm without a version).
"""

from __future__ import annotations

import asyncio
import os
import typing as t

NOT_RUN, TOO_LONG = 127, 124


def run(
    command: t.Sequence[str], environment: t.Mapping[str, str] | None = None, patience: float | None = None
) -> tuple[int, str, str]:
    """Return code, standard output, standard error. ``environment`` is added to that of this process.

    127 with a sentence if it cannot be run: a program for another architecture, a script without its interpreter.
    124 if it has not ended after ``patience`` seconds; then it is ended.
    """
    try:
        return asyncio.run(_run(command, {**os.environ, **(environment or {})}, patience))
    except OSError as error:
        return NOT_RUN, "", f"'{command[0]}' cannot be run: {error.strerror}"


async def _run(command: t.Sequence[str], environment: dict[str, str], patience: float | None) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    program = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment
    )
    try:
        out, err = await asyncio.wait_for(program.communicate(), patience)
    except asyncio.TimeoutError:
        program.kill()
        await program.wait()
        return TOO_LONG, "", f"no answer within {patience:.0f} s"
    return program.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
