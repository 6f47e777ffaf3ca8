# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.version``: whether the chart goes forward, and skips no major version. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

No boundary within 0.x is known that a release could not be lifted over at once: names, selectors and accounts stayed
the same from 0.16 to 0.46. So what may not be skipped follows from semver alone.
"""

from __future__ import annotations

import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_running import Running
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import VERSION, failed, passed, unchecked

_SEMVER = re.compile(
    r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
# Numbers of a pre-release come before words, and every pre-release before the release.
_Part = tuple[int, int, str]
Order = tuple[tuple[int, int, int], bool, tuple[_Part, ...]]


def order(version: str) -> Order | None:
    """What versions are compared by (semver.org, 2.0.0, item 11); None if the text is none."""
    found = _SEMVER.match(version)
    if not found:
        return None
    major, minor, patch, before = found.groups()
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in (before or "").split(".") if part)
    return (int(major), int(minor), int(patch)), not parts, parts


def judge(running: Running, chart: Chart) -> Check:
    """``chart`` is the one of this run."""
    old, new = running.release.chart_version, chart.version
    evidence = {"from": old, "to": new, "revision": running.release.revision}
    if running.release.chart_name != chart.name:
        message = (
            f"Chart '{running.release.chart_name}' runs and this is chart '{chart.name}': their versions say nothing "
            "about each other."
        )
        return unchecked(VERSION, message, "See that holmes_chart_name is HolmesGPT's chart.", **evidence)
    if old == new:
        return passed(VERSION, f"Chart {chart} stays.", **evidence)
    before, after = order(old), order(new)
    if before is None or after is None:
        wrong = old if before is None else new
        message = f"'{wrong}' is no version (semver), so it is not known whether {old} -> {new} goes forward."
        return unchecked(VERSION, message, "Compare the two by hand, or take a released chart.", **evidence)
    told = f"chart {old} -> {new}"
    if not running.good:
        return passed(VERSION, f"This run takes {told}; no revision was good before.", **evidence)
    if after < before:
        message = f"{told[0].upper()}{told[1:]} goes back to an older chart than the one that runs."
        fix = (
            f"Set holmes_chart_version to {old} or newer. To go back to a revision that Helm has recorded, run "
            "playbooks/rollback.yml. If the older chart is meant, name upgrade.version in holmes_exceptions."
        )
        return failed(VERSION, message, fix, **evidence)
    if after[0][0] > before[0][0] + 1:
        skipped = before[0][0] + 1
        message = f"{told[0].upper()}{told[1:]} skips major version {skipped}, which may bring what the next one needs."
        fix = f"Deploy a chart {skipped}.x first, or name upgrade.version in holmes_exceptions."
        return failed(VERSION, message, fix, **evidence)
    return passed(VERSION, f"This run takes {told}.", **evidence)
