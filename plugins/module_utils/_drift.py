# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: objects of a release that are not as Helm recorded them. What others use of it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_look import Found, find, look
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_record import Drift
from ansible_collections.holmesgpt.onprem.plugins.module_utils._drift_repair import repair, repaired_check

__all__ = ["Drift", "Found", "find", "look", "repair", "repaired_check"]
