# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fails with the sentences of a step that failed. A task that fails itself would print every check it made."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import NOT_READY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import harmless


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs on the control node; needs no connection to the host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("result",))

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        step = self._task.args.get("result")
        if not isinstance(step, dict):
            raise AnsibleActionFail("'result' must be the registered result of a module of this collection.")
        verdict = step.get("verdict")
        # A module that broke down returns no verdict; only its message, which Ansible may have shortened. Helm's
        # has none either, but a status if Helm went through.
        broken = verdict is None and not step.get("skipped") and "status" not in step
        if verdict == NOT_READY or broken:
            told = str(step.get("msg") or "The step gave no result. Run again with -vvv to see why.")
            told = f"{harmless(told, 600)}." if broken else told
            # Returned, because older versions of Ansible speak of an exception when one is raised.
            return {**result, "failed": True, "changed": False, "msg": told}
        result.update(changed=False, verdict=verdict)
        return result
