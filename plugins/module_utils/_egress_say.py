# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of what leaves the site, by id.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

NAMED, SWITCHES, BLOCKED, MODEL = "egress.named", "egress.switches", "egress.blocked", "egress.model"
IDS: dict[str, str] = {
    NAMED: "Nothing that runs names a host outside the site",
    SWITCHES: "What asks the internet by itself is switched off",
    BLOCKED: "The pod cannot reach the internet",
    MODEL: "The pod reaches the model server",
}
_VOICE = Voice(IDS)
passed, warned, failed, unchecked = _VOICE.passed, _VOICE.warned, _VOICE.failed, _VOICE.unchecked
