# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private folder of a run on its host, and those that killed runs left behind.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A folder may hold a kubeconfig with a token, so none may stay. Each says in a file of its own which run made it; the
next run removes those whose process is gone.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE, UNKNOWN, Holder, holder_of, judge

PREFIX = "holmes."
OWNER = "owner"
# Of a run on another machine nothing is known; none takes a day.
PATIENCE = 24 * 3600


def make(holder: Holder, parent: str | None = None) -> str:
    """A new folder (0700) of this run; its path. Raises OSError."""
    path = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    with open(os.open(os.path.join(path, OWNER), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(holder, stream)
    return path


def left_behind(parent: str | None = None, now: float | None = None) -> list[str]:
    """Folders of this user whose run is over."""
    parent = parent or tempfile.gettempdir()
    now = time.time() if now is None else now
    with os.scandir(parent) as entries:
        return sorted(one.path for one in entries if one.name.startswith(PREFIX) and _is_over(one, now))


def _is_over(entry: os.DirEntry[str], now: float) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        if not os.listdir(entry.path):  # killed before it could say whose it is
            return now - found.st_mtime > PATIENCE
        with open(os.path.join(entry.path, OWNER), encoding="utf-8") as stream:
            owner = holder_of(json.load(stream))
    except (OSError, ValueError):
        return False
    state = judge(owner, _processes.machine(), _processes.alive).state
    return state == GONE or (state == UNKNOWN and now - found.st_mtime > PATIENCE)


def remove(paths: t.Iterable[str]) -> list[str]:
    """Remove folders; those that are gone."""
    gone = []
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
        if not os.path.exists(path):
            gone.append(path)
    return gone
