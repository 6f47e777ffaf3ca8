# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values keys a chart knows: those it ships in values.yaml and those its templates read.

Private to this collection: it may change in any release. Imports nothing of Ansible.

No chart version is written down here. Helm itself accepts any key and says nothing (facts: ``config.model`` of the
guide is read by no template of any version, issue #2223).
"""

from __future__ import annotations

import difflib
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_template
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template import ANY, Path, Reads
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, has

UNKNOWN, DEAD = "unknown", "dead"
# Helm hands these to every chart itself.
_HELMS_OWN = ("global", "tags")


@dataclass(frozen=True)
class Stray:
    """A given key that no template reads: shipped by the chart (dead) or not even that (unknown)."""

    path: Path
    kind: str

    def __str__(self) -> str:
        return ".".join(self.path)


class ChartKeys:
    """The keys of one chart, read once."""

    def __init__(self, chart: Chart) -> None:
        self.shipped = dict(chart.values)
        self.reads = Reads()
        self.texts: list[str] = []
        self._learn(chart, ())

    def _learn(self, chart: Chart, prefix: Path) -> None:
        for text in chart.templates.values():
            self.texts.append(text)
            found = _chart_template.reads(text)
            for paths, whole in ((found.whole, True), (found.touched, False)):
                for path in paths:
                    self.reads.add(prefix + path, whole)
        for name, inner in chart.subcharts.items():
            own = self.shipped.get(name)
            self.shipped[name] = {**inner.values, **(own if isinstance(own, dict) else {})}
            # Whether a sub-chart is used at all is decided by a condition in Chart.yaml, usually this key.
            self.reads.add((*prefix, name, "enabled"), whole=False)
            self._learn(inner, (*prefix, name))

    def knows(self, path: Path) -> bool:
        """Whether setting this key can have an effect."""
        return self.reads.is_whole(path) or self.reads.is_touched(path)

    def writes(self, text: str) -> bool:
        """Whether a template holds this text."""
        return any(text in template for template in self.texts)

    def strays(self, values: dict[str, t.Any]) -> list[Stray]:
        """Given keys without effect, the outermost of each."""
        return [
            stray for key, value in values.items() if key not in _HELMS_OWN for stray in self._strays((key,), value)
        ]

    def _strays(self, path: Path, value: t.Any) -> t.Iterator[Stray]:
        if self.reads.is_whole(path):
            return
        shipped = get(self.shipped, path)
        if isinstance(value, dict) and value and (isinstance(shipped, dict) or self.reads.is_below(path)):
            for key, inner in value.items():
                yield from self._strays((*path, key), inner)
        elif not self.reads.is_touched(path):
            yield Stray(path, DEAD if has(self.shipped, path) else UNKNOWN)

    def dead(self) -> list[str]:
        """Keys the chart ships and never reads."""
        return sorted(str(stray) for stray in self.strays(self.shipped) if stray.kind == DEAD)

    def resembling(self, path: Path) -> str:
        """The known key that was probably meant, dotted, or an empty text."""
        known = {".".join(step) for step in self._known() if ANY not in step}
        dotted = ".".join(path)
        for name in sorted(known):
            if _folded(name) == _folded(dotted):
                return name
        beside = {name.split(".")[-1]: name for name in known if name.split(".")[:-1] == list(path[:-1])}
        close = difflib.get_close_matches(path[-1], sorted(beside), 1, 0.75)
        if close:
            return beside[close[0]]
        # The right key in the wrong place; short names ("image", "config") stand in too many places.
        same = sorted(name for name in known if _folded(name.split(".")[-1]) == _folded(path[-1]))
        return same[0] if len(same) == 1 and len(path[-1]) > 7 else ""

    def _known(self) -> t.Iterator[Path]:
        for read in self.reads.whole | self.reads.touched:
            yield from (read[: length + 1] for length in range(len(read)))
        yield from _paths(self.shipped, ())


def _paths(values: t.Any, path: Path) -> t.Iterator[Path]:
    if path:
        yield path
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _paths(value, (*path, key))


def _folded(name: str) -> str:
    """Spelling variants of one key: model_list, modelList, model-list, modellist."""
    return re.sub(r"[-_]", "", name).lower().rstrip("s")
