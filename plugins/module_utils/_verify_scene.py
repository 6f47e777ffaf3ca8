# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks of a running installation may look at.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, Reader
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import Intent
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, current_pods


@dataclass(frozen=True)
class Scene:
    """One installation as it was found when its rollout was looked at.

    ``reader`` is a :class:`~_kube.Cluster` outside of tests. ``release`` is Helm's newest revision, None if there is
    none or it may not be read. ``workload`` is None if there is no Deployment.
    """

    reader: Reader
    intent: Intent
    workload: Workload | None = None
    release: Release | None = None
    rolled_out: bool = False
    # What must never be shown.
    secrets: t.Sequence[str] = field(default=(), repr=False)

    @property
    def pods(self) -> list[Object]:
        """Pods of the Deployment's current revision that are neither being deleted nor over."""
        return current_pods(self.workload) if self.workload else []
