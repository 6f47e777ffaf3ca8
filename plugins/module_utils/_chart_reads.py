# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read of the values of a chart.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

Path = tuple[str, ...]

# A step that stands for any key.
ANY = "*"
# The step of a node that is read with everything below; no key is None.
_WHOLE = None
_Node = dict[t.Optional[str], t.Any]


class Reads:
    """``whole``: read with everything below; ``touched``: looked at."""

    def __init__(self) -> None:
        self.whole: set[Path] = set()
        self.touched: set[Path] = set()
        # The same as a tree of steps, for quick answers.
        self._tree: _Node = {}

    def add(self, path: Path, whole: bool) -> None:
        (self.whole if whole else self.touched).add(path)
        node = self._tree
        for step in path:
            node = node.setdefault(step, {})
        if whole:
            node[_WHOLE] = {}

    def is_whole(self, path: Path) -> bool:
        nodes = [self._tree]
        for step in path:
            if any(_WHOLE in node for node in nodes):
                return True
            nodes = _below(nodes, step)
        return any(_WHOLE in node for node in nodes)

    def is_touched(self, path: Path) -> bool:
        """Whether the value itself, or something below it, is looked at."""
        return bool(self._nodes(path))

    def is_below(self, path: Path) -> bool:
        """Whether something below the value is looked at."""
        return any(set(node) - {_WHOLE} for node in self._nodes(path))

    def _nodes(self, path: Path) -> list[_Node]:
        nodes = [self._tree]
        for step in path:
            nodes = _below(nodes, step)
        return nodes


def _below(nodes: list[_Node], step: str) -> list[_Node]:
    return [node[key] for node in nodes for key in (step, ANY) if key in node]
