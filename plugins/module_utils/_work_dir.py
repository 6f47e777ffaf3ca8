# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private folder of a run on its host, and those that killed runs left behind.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A folder may hold a kubeconfig with a token, so none may stay. Each says in a file of its own which run made it; the
next run removes those whose process is gone.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import tempfile
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holder import GONE, UNKNOWN, Holder, holder_of, judge

PREFIX = "holmes."
OWNER = "owner"
# Of a run on another machine nothing is known; none takes a day.
PATIENCE = 24 * 3600


def make(holder: Holder, parent: str | None = None, content: t.Mapping[str, str] | None = None) -> str:
    """A new folder (0700) of this run; its path. ``content`` are files (0600) in it, in base64. Raises OSError."""
    path = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
    try:
        _write(path, OWNER, json.dumps(holder).encode("utf-8"))
        for name, text in (content or {}).items():
            _write(path, name, base64.b64decode(text))
    except OSError:
        # A full disk: half a kubeconfig is of no use, and must not stay.
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path


def _write(folder: str, name: str, content: bytes) -> None:
    path = os.path.join(folder, os.path.basename(name))
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)


@dataclass(frozen=True)
class Folder:
    """A folder of this user. ``owner`` is empty if its run was killed before it could say whose it is."""

    path: str
    owner: Holder
    age: float

    @property
    def state(self) -> str:
        """Whether its run lives, as far as this machine can know it: gone, alive or unknown."""
        state = judge(self.owner, _processes.machine(), _processes.alive).state
        return GONE if state == UNKNOWN and self.age > PATIENCE else state


def folders(parent: str | None = None, now: float | None = None) -> list[Folder]:
    """All of this user, of whatever runs, by their paths."""
    parent = parent or tempfile.gettempdir()
    now = time.time() if now is None else now
    with os.scandir(parent) as entries:
        found = [_folder(one, now) for one in entries if one.name.startswith(PREFIX)]
    return sorted((one for one in found if one), key=lambda one: one.path)


def left_behind(parent: str | None = None, now: float | None = None) -> list[str]:
    """Those whose run is over."""
    return [one.path for one in folders(parent, now) if one.state == GONE]


def of_others(parent: str | None = None) -> list[Folder]:
    """Those of runs on other machines, of which only these can know whether they live."""
    return [one for one in folders(parent) if one.state == UNKNOWN and one.owner.get("pid")]


def _folder(entry: os.DirEntry[str], now: float) -> Folder | None:
    try:
        found = entry.stat(follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return None
        age = now - found.st_mtime
        if not os.listdir(entry.path):
            return Folder(entry.path, {}, age)
        with open(os.path.join(entry.path, OWNER), encoding="utf-8") as stream:
            return Folder(entry.path, holder_of(json.load(stream)), age)
    except (OSError, ValueError):
        return None


def is_ours(path: str) -> bool:
    """Whether a path looks like a work folder: nothing else is ever removed."""
    return os.path.isabs(path) and os.path.basename(os.path.normpath(path)).startswith(PREFIX)


def remove(paths: t.Iterable[str]) -> list[str]:
    """Remove folders; those that are gone."""
    gone = []
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
        if not os.path.exists(path):
            gone.append(path)
    return gone
