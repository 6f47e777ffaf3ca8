# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control-node half of holmes_chart: an archive of the control node travels among the arguments, in base64."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _local_file
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._in_process import OurAction

_FIX = "Correct the path, or leave it out to pull the chart from holmes_chart_repo_url."


class ActionModule(OurAction):
    """Runs the module of the same name on the host."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        try:
            if args.get("archive"):
                read = _local_file.content(self, "holmes_chart_archive", str(args["archive"]), _FIX)
                args["content"] = base64.b64encode(read).decode("ascii")
        except HolmesError as error:
            return {**result, "failed": True, "changed": False, **error.as_result()}
        result.update(self._execute_module(module_args=args, task_vars=task_vars))
        # The arguments hold the archive.
        result.pop("invocation", None)
        return result
