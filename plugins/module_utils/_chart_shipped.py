# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values that a chart and its sub-charts ship, put together as Helm does.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import Path
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_yaml import Values, overlaid
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get

GLOBAL = "global"


def parts(chart: Chart, prefix: Path = ()) -> list[tuple[Path, Chart]]:
    """The chart and all charts in it, each with the place of its values."""
    found = [(prefix, chart)]
    for name, inner in chart.subcharts.items():
        found += parts(inner, (*prefix, name))
    return found


def shipped(chart: Chart, given: Values | None = None) -> Values:
    """The chart's own values, those of its sub-charts below their names, and ``given`` on top."""
    values = _own(chart)
    return _with_globals(chart, overlaid(values, given) if given else values)


def _own(chart: Chart) -> Values:
    values = chart.values
    for name, inner in chart.subcharts.items():
        over = chart.values.get(name)
        values = {**values, name: overlaid(_own(inner), over if isinstance(over, dict) else {})}
    imported: Values = {}
    for dependency in chart.dependencies:
        for child, parent in dependency.imports:
            part = get(values, (dependency.name, *child.split(".")))
            for step in reversed(parent.split(".") if parent != "." else []):
                part = {step: part}
            if isinstance(part, dict):
                imported = overlaid(imported, part)
    return overlaid(imported, values)


def _with_globals(chart: Chart, values: Values) -> Values:
    """``global`` of a chart stands in every chart below it."""
    shared = values.get(GLOBAL)
    result = dict(values)
    for name, inner in chart.subcharts.items():
        part = result.get(name)
        part = part if isinstance(part, dict) else {}
        if isinstance(shared, dict):
            own = part.get(GLOBAL)
            part = {**part, GLOBAL: overlaid(own if isinstance(own, dict) else {}, shared)}
        result[name] = _with_globals(inner, part)
    return result
