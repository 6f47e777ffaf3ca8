# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what the model server is about to be asked, and with --diff what would change in the cluster's objects.

Looks the kubeconfig up on the control node, hides the arguments, knows whether another run of this machine still lives.
"""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import announcement
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._handover import shared
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here, ticket_of_gone

display = Display()


class ActionModule(ClusterAction, later="_preflight"):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Only for the line below; the module has no use for them, and they need not travel.
        values = self._task.args.pop("chart_values", None)
        name = str((task_vars or {}).get("inventory_hostname", ""))
        # Another machine has another way to the servers.
        common = shared(name) if self._task.args.get("chart") and self._connection.transport == "local" else {}
        if values and self._task.args.get("gate") != "none":
            told = announcement(values, str(self._task.args.get("llm_probe") or "quick"))
            if told:
                # The host is named in the text, because AWX shows such a line without it.
                once = " A server outside of the clusters is asked once for all hosts." if common else ""
                display.display(f"{name}: {told}{once}")
        if common:
            self._task.args["shared"] = common
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        # Only here it is known whether a process of this machine still lives.
        gone = ticket_of_gone(result, here(task_vars or {}))
        if gone:
            self._task.args["gone"] = gone
            result = super().run(tmp, task_vars)
            self._task.args.pop("gone")
        self._task.args.pop("shared", None)
        diff = result.pop("diff", None)
        if diff and diff["after"]:
            heading = f"{name} | objects"
            display.display("\n".join([heading, *diff["after"]]))
        return result
