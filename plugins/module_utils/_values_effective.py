# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds in the end: the given value, or the chart's default, judged as Helm's templates judge it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, get, merge
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

# What people write for no; as a text it counts as yes in a template.
NEGATIVE = ("false", "no", "off", "0", "")


def effective(case: Case, *path: str) -> t.Any:
    """The value that the templates see. Maps are merged with the chart's; a null takes the chart's default away."""
    value: t.Any = case.values
    for key in path:
        if not isinstance(value, dict):
            return None
        if key not in value:
            return get(case.chart.values, path)
        value = value[key]
    default = get(case.chart.values, path)
    return merge(default, value, path) if isinstance(value, dict) and isinstance(default, dict) else value


def truth(value: t.Any) -> bool:
    """Whether ``if`` of a template takes the value for yes: any text but the empty one is."""
    return bool(value)


def on(case: Case, *path: str) -> bool:
    """Whether a switch of the chart is on."""
    return truth(effective(case, *path))


def is_number(value: t.Any) -> bool:
    """Whether it is a whole number; true and false are numbers to Python."""
    return isinstance(value, int) and not isinstance(value, bool)


def variable(case: Case, name: str) -> t.Any:
    """The text of a given variable, None if it is not given, or its whole entry if it comes from elsewhere."""
    entry = env_entry(case.values, name)
    if entry is None:
        return None
    value = entry.get("value")
    return value if isinstance(value, str) else entry
