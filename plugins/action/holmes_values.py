# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control-node half of holmes_values: where the module runs."""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._in_process import OurAction


class ActionModule(OurAction):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars))
        return result
