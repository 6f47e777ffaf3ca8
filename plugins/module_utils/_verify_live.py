# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs is what was meant: pods, ConfigMaps, Secrets, restarts, certificates of a running installation.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _live_certificates,
    _live_config,
    _live_headers,
    _live_pods,
    _live_restarts,
    _live_secrets,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import Forwards
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import (
    CERTIFICATES,
    CONFIG,
    HEADERS,
    IDS,
    PODS,
    RESTARTS,
    SECRETS,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import opener
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

__all__ = ["EXCUSABLE", "IDS", "tasks"]

# None of these is a matter of policy.
EXCUSABLE: tuple[str, ...] = ()
READING = 20.0
SLOW = "Look at the API server and the network in between."


def tasks(scene: Scene, forwards: Forwards = opener) -> list[Task]:
    """One for each check."""

    def task(check_id: str, make: t.Callable[[Scene], t.Iterator[Check]]) -> Task:
        return Task(check_id, IDS[check_id], lambda: make(scene), READING, slow=SLOW)

    return [
        task(PODS, _live_pods.check),
        task(CONFIG, _live_config.check),
        task(SECRETS, _live_secrets.check),
        task(RESTARTS, _live_restarts.check),
        Task(
            CERTIFICATES,
            IDS[CERTIFICATES],
            lambda: _live_certificates.check(scene, forwards),
            _live_certificates.DEADLINE,
            slow=SLOW,
        ),
        task(HEADERS, _live_headers.check),
    ]
