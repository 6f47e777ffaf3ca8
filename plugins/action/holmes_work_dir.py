# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the module which run it works for, and judges here which folders on a bastion are of killed runs."""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here, is_gone
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._in_process import OurAction


class ActionModule(OurAction):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        ours = here(task_vars or {})
        args = {**self._task.args, "holder": ours}
        result.update(self._execute_module(module_args=args, task_vars=task_vars))
        gone = [one["path"] for one in result.pop("others", []) if is_gone(one["holder"], ours)]
        if gone:
            more = self._execute_module(module_args={"gone": gone}, task_vars=task_vars)
            result["removed"] = [*result["removed"], *more.get("removed", [])]
        return result
