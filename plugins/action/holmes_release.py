# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kubernetes.core's lookup of the kubeconfig on the control node, and the diff of the values with ``--diff``.

Ansible shows a diff only of a task that changed something. Here the module decides and Helm changes in the next task,
whose own diff would need the plugin helm-diff on every host.
"""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._diff import values_diff

display = Display()


class ActionModule(ClusterAction):
    """Runs the module on the host, then shows what Helm would change."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        diff = result.pop("diff", None)
        if diff and self._task.diff:
            host = (task_vars or {}).get("inventory_hostname", "")
            lines = values_diff(diff["before"], diff["after"], f"{host} | values")
            if lines:
                display.display("\n".join(lines))
        return result
