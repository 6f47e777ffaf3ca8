# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of an upgrade by id, and how they are said.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

VERSION, VALUES, RIGHTS = "upgrade.version", "upgrade.values", "upgrade.rights"
IMAGES, CRDS, FIELDS = "upgrade.images", "upgrade.crds", "upgrade.fields"
IDS = {
    VERSION: "The chart goes forward, and skips no major version",
    VALUES: "Keys keep their effect, and new defaults are known",
    RIGHTS: "Rights that the upgrade adds",
    IMAGES: "Images that the upgrade changes",
    CRDS: "Definitions of the chart's own kinds",
    FIELDS: "Nothing changes that Kubernetes does not let change",
}

_VOICE = Voice(IDS)
passed, warned, failed, unchecked = _VOICE.passed, _VOICE.warned, _VOICE.failed, _VOICE.unchecked
