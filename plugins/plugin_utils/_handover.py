# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the fragments come from the workers of Ansible to the callback: a private folder, named in the environment.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import KEY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._store import dumped, write_whole

# Set by the callback at the start of a run; workers are forked later and inherit it.
VARIABLE = "_HOLMES_ONPREM_RUN"
_SHARED = "shared"


def make_place(folder: str) -> str:
    """A private folder of a run, below ``folder``; it has one for what its hosts share."""
    place = tempfile.mkdtemp(prefix="holmes-report-", dir=folder)
    os.mkdir(os.path.join(place, _SHARED), 0o700)
    with open(os.path.join(place, _SHARED, KEY), "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as key:
        key.write(os.urandom(32))
    return place


def shared(host: str) -> dict[str, str]:
    """What the modules of a local connection need to share answers; empty if this run has no folder."""
    folder = os.path.join(os.environ.get(VARIABLE, ""), _SHARED)
    return {"folder": folder, "host": host} if os.path.isdir(folder) else {}


def hand_over(fragment: Fragment, folder: str) -> bool:
    """Leave a fragment for the callback; whether there is one. ``folder`` is where the host wants its report, or empty.

    Raises OSError.
    """
    place = os.environ.get(VARIABLE)
    if place and os.path.isdir(place):
        # The name says the order, and that of two workers differs.
        name = f"{time.time_ns():020d}-{os.getpid()}.json"
        write_whole(os.path.join(place, name), dumped({"folder": folder, "fragment": fragment}))
        return True
    return False


def taken(place: str) -> tuple[list[Fragment], dict[str, str]]:
    """The fragments in the order in which they came, and the wanted report folder of each host that wants one."""
    fragments, folders = [], {}
    for name in sorted(os.listdir(place)):
        if name.endswith(".json"):
            with open(os.path.join(place, name), encoding="utf-8") as stream:
                found: dict[str, t.Any] = json.load(stream)
            fragments.append(found["fragment"])
            if found["folder"]:
                folders[found["fragment"]["host"]] = str(found["folder"])
    return fragments, folders
