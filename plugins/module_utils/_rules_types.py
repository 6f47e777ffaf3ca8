# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about kinds of values: a list where the chart has a mapping, text where it has yes or no.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Which kind a key wants is learnt from the chart's own defaults; the chart has no schema (facts: peers, T17).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, rule
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import ENV_LISTS, Path, Values, has
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_KINDS = {bool: "yes or no", dict: "a mapping", list: "a list", str: "text", int: "a number", float: "a number"}
# Rules of their own speak of these.
_ELSEWHERE = (*ENV_LISTS, ("modelList",), ("certificate",))
# The server reads each entry as a mapping and dies at start otherwise (packages 0.16.1 and 0.45.0, toolset_manager.py).
_ENTRIES = ("toolsets", "mcp_servers")


@rule("values.type", "Every value is of the kind that the chart wants")
def kinds(case: Case) -> t.Iterator[Finding]:
    for layer in case.layers:
        if layer.given:
            yield from _compared(layer.values, case.keys.shipped, (), layer.label)
            for key in _ENTRIES:
                yield from _entries(case, layer.values.get(key), key, layer.label)


def _compared(given: Values, shipped: Values, path: Path, label: str) -> t.Iterator[Finding]:
    for key, value in given.items():
        here, wanted = (*path, key), shipped.get(key)
        if value is None or wanted is None or here in _ELSEWHERE:
            continue
        if isinstance(value, dict) and isinstance(wanted, dict):
            yield from _compared(value, wanted, here, label)
        elif not _fits(value, wanted):
            name, kind, other = ".".join(here), _kind(value), _kind(wanted)
            yield fail(f"{name} in {label} is {kind}, but the chart wants {other}.", _fix(name, value, wanted))


def _fits(value: t.Any, wanted: t.Any) -> bool:
    """Templates print numbers and text alike; containers, and text that a condition takes for true, matter."""
    if isinstance(wanted, (dict, list)) or isinstance(value, (dict, list)):
        return type(value) is type(wanted)
    return isinstance(value, bool) or not isinstance(wanted, bool)


def _kind(value: t.Any) -> str:
    return _KINDS.get(type(value), "something else")


def _fix(name: str, value: t.Any, wanted: t.Any) -> str:
    if isinstance(wanted, bool):
        return f"Write {name}: true or false, without quotes; any text counts as true."
    if name == "image" and isinstance(value, dict):
        return "Write the image's name and tag as text, image: holmes:TAG, and the rest as registry."
    if name in _ENTRIES:
        return f"Write it as {name}: {{NAME: {{enabled: true}}}}; the list with '- name:' is an older form."
    return f"Write {name} as {_kind(wanted)}."


def _entries(case: Case, given: t.Any, key: str, label: str) -> t.Iterator[Finding]:
    for name, entry in given.items() if isinstance(given, dict) else ():
        removed = entry is None and has(case.keys.shipped, (key, name))
        # What the chart ships as a mapping was compared with it already.
        told = isinstance(case.keys.shipped.get(key), dict) and case.keys.shipped[key].get(name) is not None
        if not isinstance(entry, dict) and not removed and not (told and entry is not None):
            message = f"{key}.{name} in {label} is no mapping: the server would die at start."
            yield fail(message, f"Write {key}.{name}: {{enabled: true}} or {{enabled: false}}.")
