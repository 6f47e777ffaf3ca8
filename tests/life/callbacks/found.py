# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of a run found, also of a check run: JSON lines in the file that HOLMES_FOUND names, if any."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "found"

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self.write(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self.write(result)

    def write(self, result: t.Any) -> None:
        path, told = os.environ.get("HOLMES_FOUND"), getattr(result, "result", None) or result._result
        checks, stats = told.get("checks") or [], (told.get("ansible_stats") or {}).get("data") or {}
        if path and (checks or stats):
            with open(path, "a") as stream:
                line = {"host": result._host.get_name(), "checks": checks, "plans": stats.get("holmes_plans") or {}}
                stream.write(json.dumps(line, default=str) + "\n")
