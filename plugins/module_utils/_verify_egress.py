# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing leaves the site: what a running installation names, what it would ask, and what it can reach.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _egress_named, _egress_probe, _egress_switches
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_exec import Execute, executor
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_say import BLOCKED, IDS, NAMED, SWITCHES
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

__all__ = ["EXCUSABLE", "IDS", "tasks"]

# A way out may be meant; a model server that is not reached never is.
EXCUSABLE = (NAMED, SWITCHES, BLOCKED)
READING = 20.0
SLOW = "Look at the API server and the network in between."

# Makes what runs a command in a pod.
Executors = t.Callable[[t.Any], Execute]


def tasks(scene: Scene, executors: Executors = executor) -> list[Task]:
    """One for what is written, one for what is switched, one for what is tried (two checks)."""

    def execute(*given: t.Any) -> t.Any:
        # Only now: a reader without a client has its own sentence for it.
        return executors(scene.reader)(*given)

    def probe() -> t.Iterator[t.Any]:
        return _egress_probe.check(scene, execute)

    return [
        Task(NAMED, IDS[NAMED], lambda: _egress_named.check(scene), READING, slow=SLOW),
        Task(SWITCHES, IDS[SWITCHES], lambda: _egress_switches.check(scene), READING, slow=SLOW),
        Task(BLOCKED, IDS[BLOCKED], probe, _egress_probe.DEADLINE, slow=SLOW),
    ]
