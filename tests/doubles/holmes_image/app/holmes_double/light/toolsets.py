# SPDX-License-Identifier: GPL-3.0-or-later
"""Toolsets: what custom_toolset.yaml switches, as /api/info and the log show it.

DOUBLE: only kubernetes/core has a tool.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

log = logging.getLogger()

CORE = "kubernetes/core"
DEFAULT_FILE = "/etc/holmes/config/custom_toolset.yaml"
# on when the file says nothing, and how many tools each has in 0.45.0
KNOWN = {
    "core_investigation": 1,
    CORE: 3,
    "kubernetes/logs": 1,
    "skills": 1,
    "bash": 2,
    "internet": 1,
    "connectivity_check": 1,
    "robusta": 1,
    "prometheus/metrics": 0,
}
OFF_BY_DEFAULT = {"bash", "prometheus/metrics"}
FAILS = {
    "robusta": "Data access layer is disabled",
    "prometheus/metrics": "[default] Unable to auto-detect prometheus. Define prometheus_url in the configuration for "
    "tool prometheus/metrics",
}


class Toolsets:
    """State of all toolsets, computed once; `entries` have the shape of /api/info?detail=full."""

    def __init__(self, env: Mapping[str, str]) -> None:
        path = Path(env.get("CUSTOM_TOOLSET_LOCATION", DEFAULT_FILE))
        wanted = (yaml.safe_load(path.read_text()) or {}).get("toolsets") or {} if path.is_file() else {}
        self.entries = [self._entry(name, wanted.get(name) or {}) for name in KNOWN | wanted]

    @property
    def core(self) -> bool:
        """Whether the kubectl tool is offered to the model."""
        return any(entry["name"] == CORE and entry["status"] == "enabled" for entry in self.entries)

    def show(self) -> None:
        """Log one line for every toolset that is switched on."""
        for entry in self.entries:
            if entry["status"] == "enabled":
                log.info("✅ Toolset %s", entry["name"])
            elif entry["status"] == "failed":
                log.info("❌ Toolset %s: %s", entry["name"], entry["error"])

    def _entry(self, name: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        enabled = bool(wanted.get("enabled", name in KNOWN and name not in OFF_BY_DEFAULT))
        error = None
        if enabled:
            error = _core_error() if name == CORE else FAILS.get(name)
        status = "failed" if error else "enabled" if enabled else "disabled"
        entry = {"name": name, "enabled": enabled, "status": status, "type": "built-in", "error": error}
        return entry | {"tool_count": KNOWN.get(name, 0)}


def _core_error() -> str | None:
    command = ["kubectl", "version", "--client"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"`{' '.join(command)}` failed: {error}"
    if done.returncode:
        return f"`{' '.join(command)}` failed with exit code {done.returncode}: {done.stderr.strip()}"
    return None
