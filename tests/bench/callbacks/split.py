# SPDX-License-Identifier: GPL-3.0-or-later
"""Which task of a run for one host is at which time and processor time, as JSON lines in HOLMES_BENCH_SPLIT."""

from __future__ import annotations

import json
import os
import time
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "split"

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        self.write("start")

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self.write("task", name=task.get_name(), action=task.action)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self.write("task", name=task.get_name(), action=task.action)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        told = (result.result if hasattr(result, "result") else result._result).get("checks") or []
        checks = [[check["id"], check["seconds"]] for check in told if isinstance(check, dict) and check.get("seconds")]
        self.write("end", checks=checks)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.v2_runner_on_ok(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self.write("end", skipped=True)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self.write("stats")

    def write(self, what: str, **more: t.Any) -> None:
        now = time.monotonic()
        with open(os.environ["HOLMES_BENCH_USAGE"]) as stream:
            fields = stream.read().split()
        cpu = int(fields[1]) / 1e6 if fields[0] == "usage_usec" else int(fields[0]) / 1e9
        lines = {name: _lines(os.environ[f"HOLMES_BENCH_{name.upper()}"]) for name in ("modules", "starts")}
        with open(os.environ["HOLMES_BENCH_SPLIT"], "a") as stream:
            stream.write(json.dumps({"what": what, "at": now, "cpu": cpu, **lines, **more}) + "\n")


def _lines(path: str) -> int:
    with open(path, "rb") as stream:
        return stream.read().count(b"\n")
