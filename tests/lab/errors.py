# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception whose text a user reads."""

from __future__ import annotations

from pathlib import Path


class LabError(Exception):
    """Something went wrong that one sentence explains; `log` is the file with the details, if there is one."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(f"{message} (log: {log})" if log else message)
        self.log = log
