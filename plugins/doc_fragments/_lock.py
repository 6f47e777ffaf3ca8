# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock under which a module works. Private to this collection: it may change in any release."""

from __future__ import annotations


class ModuleDocFragment:
    """The option of ``_lease.OPTION``."""

    DOCUMENTATION = r"""
options:
  lock:
    description:
      - The lock of the run that this step belongs to, as M(holmesgpt.onprem.holmes_change) returns it. It is renewed.
      - If somebody else holds it by now, nothing is changed.
    type: dict
    default: {}
"""
