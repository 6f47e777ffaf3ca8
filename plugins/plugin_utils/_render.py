# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import contextlib
import os

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._html import html
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._junit import junit
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, unready
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._store import dumped, write_whole

PAGE = "report.html"
# For --limit @FILE. Empty means that it is not there.
RETRY = "retry.txt"


def rendered(report: Report) -> dict[str, str]:
    """Text by file name; the same for the same report."""
    retry = "".join(f"{host}\n" for host in unready(report))
    return {"report.json": dumped(report), PAGE: html(report), "report.xml": junit(report), RETRY: retry}


def stored(folder: str, texts: dict[str, str]) -> dict[str, str]:
    """What the files hold now; a file that is missing is empty. Raises OSError as reading does."""
    found = {}
    for name in texts:
        try:
            with open(os.path.join(folder, name), encoding="utf-8", newline="") as stream:
                found[name] = stream.read()
        except FileNotFoundError:
            found[name] = ""
    return found


def write(folder: str, texts: dict[str, str]) -> None:
    """Write the files into the folder, each whole or not at all; an empty one is removed. Raises OSError."""
    for name, text in texts.items():
        path = os.path.join(folder, name)
        if text:
            write_whole(path, text)
            continue
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
