# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What HolmesGPT's account can and cannot do, as rows of a table. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

REVIEW = "access.review"
# Where the evidence of the review has rows of verb, resource, scope, allowed and expected (true, false or unknown).
_LISTS = ("table", "can", "cannot", "unknown")
_KEYS = ("resource", "scope", "allowed", "expected")
Row = dict[str, t.Any]


def access_rows(checks: t.Iterable[t.Mapping[str, t.Any]]) -> list[Row]:
    """A row for each resource with its ``verbs``; first what is not as expected (``surprise``), then what it can do."""
    found: dict[tuple[t.Any, ...], list[str]] = {}
    for check in checks:
        for row in _rows(check):
            verbs = found.setdefault(tuple(_plain(row.get(key)) for key in _KEYS), [])
            if str(row.get("verb")) not in verbs:
                verbs.append(str(row.get("verb")))
    rows = [_shaped(dict(zip(_KEYS, key)), verbs) for key, verbs in found.items()]
    return sorted(rows, key=lambda row: (not row["surprise"], row["allowed"] is not True))


def without_rows(check: t.Mapping[str, t.Any]) -> Row:
    """The evidence of a check that the table does not show."""
    hidden = _LISTS if list(_rows(check)) else ()
    return {key: value for key, value in check["evidence"].items() if key not in hidden}


def _rows(check: t.Mapping[str, t.Any]) -> t.Iterator[Row]:
    if check["id"] == REVIEW:
        for name in _LISTS:
            listed = check["evidence"].get(name)
            yield from (row for row in (listed if isinstance(listed, list) else ()) if isinstance(row, dict))


def _plain(value: t.Any) -> t.Any:
    return value if value is None or isinstance(value, bool) else str(value)


def _shaped(row: Row, verbs: list[str]) -> Row:
    surprise = row["expected"] is not None and row["allowed"] != row["expected"]
    return {**row, "verbs": ", ".join(verbs), "surprise": surprise}
