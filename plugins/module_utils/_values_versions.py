# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What HolmesGPT's server does by version: the facts that a chart cannot tell. One table, each row with its source.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values

Version = tuple[int, int, int]

_TAG = re.compile(r":v?(\d+)\.(\d+)\.(\d+)(?![\w.]*:)")
_NUMBER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Since:
    """A behaviour that starts with a version."""

    version: Version
    what: str
    source: str

    def holds(self, server: Version | None) -> bool:
        """An unknown version counts as the newest."""
        return server is None or server >= self.version


MODEL_KEEPS_ENTRY = Since(
    (0, 16, 4), "MODEL=<alias> no longer overwrites the alias by a bare entry", "run with 0.16.1 and 0.16.4"
)
MODEL_SELECTS = Since((0, 23, 0), "MODEL=<alias> selects the default model", "run with 0.22, 0.23, 0.45; issue #2223")
PHANTOM_IS_DEFAULT = Since(
    (0, 23, 0), "OPENAI_API_KEY without MODEL adds gpt-5.4 and makes it the default", "run with 0.23 to 0.45"
)
HAS_API_KEY = Since((0, 27, 0), "HOLMES_API_KEY protects the API", "package 0.27")
SENDS_MAX_TOKENS = Since((0, 33, 0), "max_tokens is always sent, 64000 unless set", "package 0.33; PR #2181")


def text(version: Version | None) -> str:
    return ".".join(str(part) for part in version) if version else "unknown"


def server_version(chart: Chart, values: Values) -> Version | None:
    """Of the image's tag, else of the chart's appVersion, else of the chart; None if all are placeholders."""
    image = values.get("image", chart.values.get("image"))
    for pattern, source in ((_TAG, f"{image}"), (_NUMBER, chart.app_version), (_NUMBER, chart.version)):
        found = pattern.search(source)
        version = (int(found.group(1)), int(found.group(2)), int(found.group(3))) if found else (0, 0, 0)
        # 0.0.0 and 0.0.1 stand in HolmesGPT's source tree; its release job writes the real numbers.
        if version >= (0, 1, 0):
            return version
    return None
