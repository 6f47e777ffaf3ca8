# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of what runs, by id.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

PODS, CONFIG, SECRETS = "live.pods", "live.config", "live.secrets"
RESTARTS, CERTIFICATES, HEADERS = "live.restarts", "live.certificates", "live.headers"
IDS: dict[str, str] = {
    PODS: "The pods are what Helm recorded",
    CONFIG: "The ConfigMaps are what Helm recorded, and in use",
    SECRETS: "The Secrets are there, and in use",
    RESTARTS: "No container was restarted",
    CERTIFICATES: "No certificate ends soon",
    HEADERS: "A client's headers cannot break the tools",
}
_VOICE = Voice(IDS)
passed, warned, failed, unchecked = _VOICE.passed, _VOICE.warned, _VOICE.failed, _VOICE.unchecked
