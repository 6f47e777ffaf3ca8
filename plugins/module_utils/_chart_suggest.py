# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which known key was probably meant by an unknown one.

Private to this collection: it may change in any release. Imports nothing of Ansible.

A wrong trail is worse than none: where several keys are as likely, there is no answer.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import Path

_PLAIN = re.compile(r"[^\s.\"']+\Z")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words that charts put into a name or leave out, with no other meaning.
_FILLING = frozenset(
    (
        "additional",
        "extra",
        "custom",
        "common",
        "container",
        "pod",
        "enable",
        "enabled",
        "format",
        "list",
        "var",
        "count",
    )
)
# Names that stand in many places of many charts: the same name elsewhere tells nothing.
_EVERYWHERE = frozenset(
    (
        "affinity",
        "annotation",
        "arg",
        "command",
        "config",
        "enabled",
        "env",
        "image",
        "imagepullpolicy",
        "label",
        "name",
    )
    + ("imagepullsecret", "nodeselector", "registry", "replica", "resource", "serviceaccount", "toleration", "url")
)


def dotted(path: Path) -> str:
    """A path as text; a key that is not plain, because it has a dot in it, stands in quotes: a."b.c".d."""
    return ".".join(key if _PLAIN.match(key) else f'"{key}"' for key in path)


def nearest(known: t.Collection[Path], path: Path) -> Path:
    """The known key that was probably meant, or ()."""
    beside = [key for key in known if key[:-1] == path[:-1] and key != path]
    ways: tuple[t.Callable[[], t.Iterable[Path]], ...] = (
        lambda: (key for key in known if _spelled(key) == _spelled(path)),
        lambda: (key for key in known if _letters(key) == _letters(path)),
        lambda: _only(key for key in known if _shortened(key, path) and _is_named(key, path)),
        lambda: _closest(beside, path),
        lambda: (key for key in beside if _same_but_filling(key[-1], path[-1])),
        lambda: _without_a_level(known, path),
        lambda: (key for key in known if len(path[-1]) > 7 and _is_named(key, path)),
    )
    for way in ways if path else ():
        found = sorted(set(way()))
        # Keys that differ in spelling only, such as additionalEnvVars and additional_env_vars, count as one.
        if found and len({_letters(key) for key in found}) == 1:
            return found[0]
        if found:
            return ()
    return ()


def _only(keys: t.Iterable[Path]) -> list[Path]:
    found = list(keys)
    return found if len(found) == 1 else []


def _closest(beside: list[Path], path: Path) -> list[Path]:
    """Typing mistakes: one for every four letters, and no more than two."""
    name = _folded(path[-1])
    most = min(2, max(1, len(name) // 4)) if len(name) > 2 else 0
    names = [(key, _folded(key[-1])) for key in beside]
    distances = {key: _distance(other, name) for key, other in names if abs(len(other) - len(name)) <= most}
    least = min(distances.values(), default=99)
    return [key for key, distance in distances.items() if distance == least <= most]


def _same_but_filling(one: str, other: str) -> bool:
    a, b = _words(one), _words(other)
    return bool(a & b - _FILLING) and a ^ b <= _FILLING


def _without_a_level(known: t.Collection[Path], path: Path) -> list[Path]:
    """The key, had one level been left out. Below a map of the chart, a common name belongs there."""
    if path[:-1] in known and _folded(path[-1]) in _EVERYWHERE:
        return []
    return [key for key in known if len(key) == len(path) - 1 and _shortened(path, key)]


def _shortened(longer: Path, path: Path) -> bool:
    """Whether a path is another one without one of its upper levels."""
    if len(longer) != len(path) + 1:
        return False
    ours, theirs = _spelled(path), _spelled(longer)
    return any(theirs[:at] + theirs[at + 1 :] == ours for at in range(len(path)))


def _is_named(key: Path, path: Path) -> bool:
    name = _folded(path[-1])
    return _folded(key[-1]) == name and name not in _EVERYWHERE


def _spelled(path: Path) -> list[str]:
    return [_folded(key) for key in path]


def _letters(path: Path) -> str:
    return _folded("".join(path))


def _words(name: str) -> frozenset[str]:
    return frozenset(_folded(word) for word in _WORD.findall(name))


def _folded(name: str) -> str:
    """Spelling variants of one key: model_list, modelList, model-list, modellists."""
    return re.sub(r"ies\Z", "y", re.sub(r"[-_]", "", name).lower()).rstrip("s")


def _distance(one: str, other: str) -> int:
    """Letters to add, take away, change or swap with the next one, to come from one text to the other."""
    rows: list[list[int]] = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]
