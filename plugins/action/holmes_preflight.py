# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what the model server is about to be asked; looks the kubeconfig up on the control node, hides the arguments."""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction

display = Display()


class ActionModule(ClusterAction):
    """Runs the module of the same name on the host, first only to hear what it would cost the model server."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        arguments = dict(self._task.args)
        if arguments.get("chart") and "none" not in (str(arguments.get("llm_probe")), str(arguments.get("gate"))):
            self._task.args = {**arguments, "announce": True}
            announced: dict[str, t.Any] = super().run(tmp, task_vars)
            if announced.get("failed") or arguments.get("announce"):
                return announced
            if announced.get("budget"):
                # The host is named in the text, because AWX shows such a line without it.
                display.display(f"{(task_vars or {}).get('inventory_hostname', '')}: {announced['budget']}")
            self._task.args = arguments
        return t.cast("dict[str, t.Any]", super().run(tmp, task_vars))
