# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the report of a run goes. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import os

# Set for the callback, and as old as that.
GIVEN = "HOLMES_ONPREM_REPORT_DIR"
# ansible-runner, the engine of AWX, names the folder of a job's artifacts so to its own callback.
ARTIFACTS = "AWX_ISOLATED_DATA_DIR"


def report_folder(text: str) -> str:
    """The folder as an absolute path; empty if none is wanted.

    A relative one is below the folder where ansible-playbook was started. ansible-runner starts it in the project,
    which belongs to git: there it is below the artifacts of the job, which also come back from another machine.
    """
    if not text:
        return ""
    wanted = os.path.expanduser(text)
    return os.path.abspath(os.path.join(os.environ.get(ARTIFACTS) or os.curdir, wanted))
