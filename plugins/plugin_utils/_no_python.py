# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host on which no module of ours can run, as a sentence. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import re
import typing as t

# The shell's: there is no such program, it cannot be run.
_NO_PROGRAM = (126, 127)
# Python's own when it reads text that is newer than it, and Ansible's of its least.
_TOO_OLD = re.compile(r"requires a minimum of Python|SyntaxError: |future feature annotations is not defined")


def told(result: t.Mapping[str, t.Any], interpreter: str, host: str) -> str:
    """What is wrong with Python on the host; empty if a module of ours ran and speaks for itself."""
    if not result.get("failed"):
        return ""
    python = interpreter.lstrip("#!") or "python3"
    if result.get("rc") in _NO_PROGRAM:
        return (
            f"There is no Python at '{python}' on the host {host}, and every step there needs one. Install Python 3.9 "
            "or newer there (Debian, RHEL: package python3), or set ansible_python_interpreter of this host to it."
        )
    said = " ".join(str(result.get(name) or "") for name in ("msg", "module_stdout", "module_stderr"))
    if _TOO_OLD.search(said):
        return (
            f"Python at '{python}' on the host {host} is too old for this ansible-core. Set ansible_python_interpreter "
            "of this host to Python 3.9 or newer."
        )
    return ""
