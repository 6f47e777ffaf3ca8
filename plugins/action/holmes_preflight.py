# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what the model server is about to be asked; looks the kubeconfig up on the control node, hides the arguments."""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import announcement
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction

display = Display()


class ActionModule(ClusterAction):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Only for the line below; the module has no use for them, and they need not travel.
        values = self._task.args.pop("chart_values", None)
        if values and self._task.args.get("gate") != "none":
            told = announcement(values, str(self._task.args.get("llm_probe") or "quick"))
            if told:
                # The host is named in the text, because AWX shows such a line without it.
                display.display(f"{(task_vars or {}).get('inventory_hostname', '')}: {told}")
        return t.cast("dict[str, t.Any]", super().run(tmp, task_vars))
