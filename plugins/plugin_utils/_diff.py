# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as YAML for a person, and two sets of them as a unified diff. Private to this collection."""

from __future__ import annotations

import difflib
import json
import typing as t

import yaml


def values_diff(before: t.Any, after: t.Any, heading: str) -> list[str]:
    """Lines of the diff under a heading; empty if nothing differs."""
    lines = list(difflib.unified_diff(_lines(before), _lines(after), "running release", "this run", lineterm=""))
    return [heading, *lines] if lines else []


def indented(values: t.Any) -> list[str]:
    """The values as YAML, for a place below a heading."""
    return [f"  {line}" for line in _lines(values)]


def _lines(values: t.Any) -> list[str]:
    # What comes from a module is text of Ansible's own types, which PyYAML does not know on core 2.16.
    values = json.loads(json.dumps(values))
    return (
        yaml.safe_dump(values, sort_keys=True, allow_unicode=True, default_flow_style=False).splitlines()
        if values
        else []
    )
