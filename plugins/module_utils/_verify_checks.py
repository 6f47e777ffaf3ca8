# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What verification is asked for, and its checks by id.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

TITLES = {
    "verify.release": "Helm release is deployed",
    "verify.chart": "The intended chart is deployed",
    "verify.values": "The intended values are deployed",
    "verify.rollout": "Pods are rolled out",
    "verify.image": "Images come from the mirror",
    "verify.rbac_read_only": "HolmesGPT can only read",
    "verify.api": "HolmesGPT's API answers",
    "verify.models": "Model list is the intended one",
    "verify.api_key": "API key is required and accepted",
    "verify.chat": "A chat is answered",
    "verify.alias": "The model that was asked for answered",
    "verify.tool_call": "The chat used a tool that worked",
    "verify.ground_truth": "The answer is true",
    "verify.limits": "Token limits are in force",
    "verify.logs": "The log has no warning that matters",
}
# A matter of policy, so the user may accept them by name (_exceptions); everything else means that it does not work.
EXCUSABLE = ("verify.image", "verify.rbac_read_only")
CHAT_CHECKS = ("verify.chat", "verify.alias", "verify.tool_call", "verify.ground_truth", "verify.limits")
API_CHECKS = ("verify.api", "verify.models", "verify.api_key", *CHAT_CHECKS)


@dataclass(frozen=True)
class Intent:
    """What should be there. None or empty: no expectation. Times in seconds; ``limits`` in tokens."""

    namespace: str = "holmes"
    release: str = "holmes"
    chart: t.Mapping[str, t.Any] = field(default_factory=dict)
    values_sha256: str = ""
    models: t.Sequence[str] = ()
    default_model: str = ""
    image_registry: str = ""
    # {image reference: sha256:...}
    image_digests: t.Mapping[str, str] = field(default_factory=dict)
    limits: t.Mapping[str, t.Any] = field(default_factory=dict)
    api_key: str | None = field(default=None, repr=False)
    url: str = ""
    ca_file: str = ""
    chat: bool = True
    chat_timeout: float = 180.0
    rollout_timeout: float = 300.0
    # Whether a pod may be asked to try an outside connection.
    egress_probe: bool = True
    exceptions: t.Any = None

    @property
    def secrets(self) -> list[str]:
        """What must never be shown."""
        return [self.api_key] if self.api_key else []


_VOICE = Voice(TITLES)
passed, warned, failed, unchecked = _VOICE.passed, _VOICE.warned, _VOICE.failed, _VOICE.unchecked
