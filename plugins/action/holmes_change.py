# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives the module the identity of this run, and judges here whether another run that holds the lock still lives.

If too many other hosts failed, the module is not called at all.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import failure_message, summary
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import not_begun
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here, ticket_of_gone


class ActionModule(ClusterAction):
    """Runs the module of the same name on the host; again if the run that is in its way has ended."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        stop = str(self._task.args.pop("stop", None) or "")
        if stop:
            checks = [not_begun(stop)]
            return {"failed": True, "changed": False, "msg": failure_message(checks), **summary(checks)}
        ours = here(task_vars or {})
        self._task.args["holder"] = ours
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        gone = ticket_of_gone(result, ours)
        if gone:
            self._task.args["gone"] = gone
            result = super().run(tmp, task_vars)
        for name in ("holder", "gone"):
            self._task.args.pop(name, None)
        return result
