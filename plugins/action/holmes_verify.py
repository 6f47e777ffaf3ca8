# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows a rollout while it happens; looks the kubeconfig up on the control node, keeps the arguments out of the result.

A module cannot speak before it ends, so it ends at every change and is called again with what it remembers.
"""

from __future__ import annotations

import time
import typing as t

from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._cluster_action import ClusterAction
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._heartbeat import Heartbeat

display = Display()
# Far more changes than any rollout has: each crash of a loop is one.
CALLS = 500


class ActionModule(ClusterAction):
    """Runs the module of the same name on the host, as often as it has something to tell."""

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # The host is named in the text, because AWX shows such a line without it.
        host = (task_vars or {}).get("inventory_hostname", "")
        started = time.monotonic()
        watch: dict[str, t.Any] = {}
        result: dict[str, t.Any] = {}
        for _call in range(CALLS):
            self._task.args["watch"] = watch
            with Heartbeat(lambda seconds: display.display(f"{host}: {self._waiting(seconds)}")):
                result = super().run(tmp, task_vars)
            if not result.get("watch"):
                break
            before, watch = watch, result.pop("watch")
            for line in _news(before, watch, time.monotonic() - started):
                display.display(f"{host}: {line}")
        else:
            message = f"The rollout changed {CALLS} times and is not over. Lower holmes_verify_rollout_timeout."
            result = {"failed": True, "changed": False, "msg": message}
        self._task.args.pop("watch", None)
        return result

    def _waiting(self, seconds: int) -> str:
        patience = self._task.args.get("chat_timeout", 180)
        return f"still verifying after {seconds} s; a chat may take {patience} s (holmes_verify_chat_timeout)"


def _news(before: dict[str, t.Any], watch: dict[str, t.Any], seconds: float) -> list[str]:
    """What is new as lines, or what it still waits for."""
    history = watch["history"]
    new = [f"{entry['seconds']:.0f} s: {entry['message']}" for entry in history[len(before.get("history", [])) :]]
    return new or [f"{seconds:.0f} s: still the same: {history[-1]['message']}"]
