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
TAKES_ALLOWED = Since((0, 16, 4), "allowed_openai_params no longer breaks every chat", "run with 0.16.1 and 0.16.4")
SETS_TIMEOUT = Since((0, 18, 0), "the server sets timeout itself; an entry's own breaks every chat", "package 0.18")
REQUEST_TIMEOUT = Since((0, 18, 0), "LLM_REQUEST_TIMEOUT exists", "packages 0.17 and 0.18: env_vars.py")
LIMITS_TOOLS = Since((0, 18, 1), "TOOL_MEMORY_LIMIT_MB caps tools, at 800", "packages 0.18.0, 0.18.1")
SETS_CACHE = Since((0, 20, 0), "the server sets cache_control_injection_points itself", "package 0.20")
READ_ONLY_ROOT_WORKS = Since(
    (0, 22, 0), "CERTIFICATE works on a read-only root file system", "packages 0.21 and 0.22: cert_utils.py line 37"
)
STRICT_SWITCH = Since(
    (0, 22, 0),
    "HOLMES_DISABLE_STRICT_TOOL_CALLS takes the place of LLMS_WITH_STRICT_TOOL_CALLS",
    "packages 0.21 and 0.22: env_vars.py; PR #1790",
)
BASH_IS_ON = Since((0, 22, 0), "the toolset bash is on by itself", "run with 0.16.4, 0.22 and 0.45")
CONNECTIVITY_IS_ON = Since((0, 22, 0), "connectivity_check is on by itself", "run with 0.16.4, 0.22 and 0.45")
INTERNET_IS_ON = Since((0, 24, 0), "the toolset internet is on by itself", "run with 0.23, 0.24 and 0.45")
STRIPS_FIELDS = Since((0, 26, 0), "LLM_EXTRA_STRIP_MESSAGE_FIELDS exists", "packages 0.25 and 0.26: env_vars.py")
SENDS_NO_TEMPERATURE = Since((0, 32, 0), "TEMPERATURE may be none, null or empty", "packages 0.31.1 and 0.32.0")
SERVES_TLS = Since((0, 36, 0), "HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE make the API speak TLS", "package 0.36")
TOLD_SCOPE = Since((0, 42, 0), "SCOPED_NAMESPACES is told to the model", "packages 0.41 and 0.42: core/prompt.py")
REFUSES_HEADERS = Since(
    (0, 43, 0), "a request header with shell characters breaks the kubernetes tools", "PR #2467; run with 0.45.0"
)
KEEPS_ALLOWED = Since((0, 44, 0), "allowed_openai_params holds for every call of a chat", "run with 0.43 and 0.44")
GONE = Since((0, 43, 0), "some toolsets are gone", "run with 0.42 and 0.45")


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
