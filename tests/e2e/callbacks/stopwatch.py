# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds that each task took on each host, as JSON lines in the file that HOLMES_STOPWATCH names."""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stopwatch"

    def __init__(self) -> None:
        super().__init__()
        self.begun: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self.begun[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self.write(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.write(result)

    def write(self, result: t.Any) -> None:
        host = result._host.get_name()
        seconds = time.monotonic() - self.begun[host, result._task._uuid]
        with open(os.environ["HOLMES_STOPWATCH"], "a") as stream:
            line = {"host": host, "action": result._task.action, "seconds": round(seconds, 2)}
            stream.write(json.dumps(line) + "\n")
