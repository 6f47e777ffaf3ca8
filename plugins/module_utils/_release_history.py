# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Helm has recorded of a release, as rows that may be shown: values only as a digest, reasons without values.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._recovery_wait import began, seconds_since
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_reason import reason_of


def rows(revisions: t.Sequence[Release], now: float) -> list[dict[str, t.Any]]:
    """One for each revision, oldest first. ``now`` is the time of day in seconds; ``age`` is 0 if unknown."""
    return [
        {
            "revision": release.revision,
            "status": release.status,
            "chart": f"{release.chart_name}-{release.chart_version}",
            "app_version": release.app_version,
            "values_sha256": digest(release.config),
            "since": began(release),
            "age": int(seconds_since(began(release), now)),
            "description": reason_of(release),
        }
        for release in revisions
    ]
