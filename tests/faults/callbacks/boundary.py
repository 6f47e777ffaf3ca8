# SPDX-License-Identifier: GPL-3.0-or-later
"""Something happens between two tasks: this run is killed, or a command of the test does its work.

``HOLMES_FAULT`` names a JSON file {"log": FILE, "at": TASK, "nth": N, "command": [ARGUMENT…]}. Each task that begins is
written to the log; before the N-th one whose name ends with TASK the command runs, or without one the process is
killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "boundary"

    def __init__(self) -> None:
        super().__init__()
        self.fault: dict[str, t.Any] = json.loads(Path(os.environ["HOLMES_FAULT"]).read_text())
        self.seen = 0

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self.boundary(task.get_name())

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self.boundary(task.get_name())

    def boundary(self, name: str) -> None:
        with open(self.fault["log"], "a") as stream:
            stream.write(name + "\n")
        at = self.fault.get("at")
        if at is None or not name.endswith(at):
            return
        self.seen += 1
        if self.seen != self.fault.get("nth", 1):
            return
        command = self.fault.get("command")
        if command:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        else:
            os.kill(os.getpid(), signal.SIGKILL)
