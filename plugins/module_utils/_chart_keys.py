# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values keys a chart knows: those it ships in values.yaml and those its templates read.

Private to this collection: it may change in any release. Imports nothing of Ansible.

No chart version is written down here. Helm itself accepts any key and says nothing (facts: ``config.model`` of the
guide is read by no template of any version, issue #2223).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_suggest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY, Path
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_shipped import GLOBAL, parts, shipped
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template import Program, is_template, texts_at
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, has

UNKNOWN, DEAD = "unknown", "dead"


@dataclass(frozen=True)
class Stray:
    """A given key that no template reads: shipped by the chart (dead) or not even that (unknown)."""

    path: Path
    kind: str

    def __str__(self) -> str:
        return _chart_suggest.dotted(self.path)


class ChartKeys:
    """The keys of one chart, read once. ``given`` are values of the user in which templates may stand."""

    def __init__(self, chart: Chart, given: Values | None = None) -> None:
        self.chart = chart
        self.shipped = shipped(chart)
        self._parts = parts(chart)
        # Keys that have an effect and a name.
        self._named: set[Path] = set()
        self._charts = {path for path, _part in self._parts}
        program = Program(chart, [self.shipped, *([shipped(chart, given)] if given else [])])
        self._templated = program.templated
        self.reads = program.reads()
        for path, part in self._parts:
            for dependency in part.dependencies:
                for condition in dependency.conditions:
                    self.reads.add((*path, *condition.split(".")), whole=False)
        self._share_globals()

    def _share_globals(self) -> None:
        """Helm hands ``global`` down: what a sub-chart reads of it can be set in every chart above."""
        for prefix in self._charts - {()}:
            start = (*prefix, GLOBAL)
            for paths, whole in ((self.reads.whole, True), (self.reads.touched, False)):
                found = [path for path in paths if path[: len(start)] == start or (whole and path == prefix)]
                for path in found:
                    for length in range(len(prefix)):
                        self.reads.add((*prefix[:length], GLOBAL, *path[len(start) :]), whole)

    def with_given(self, values: Values) -> ChartKeys:
        """The keys as they are if these values are given: a template in a value may read further ones."""
        if self.reads.is_whole(()) or not any(map(is_template, texts_at(values, ()))):
            return self
        whole = shipped(self.chart, values)
        found = any(is_template(text) for path in self._templated for text in texts_at(whole, path))
        return ChartKeys(self.chart, values) if found else self

    def knows(self, path: Path) -> bool:
        """Whether setting this key can have an effect."""
        return self.reads.is_whole(path) or self.reads.is_touched(path)

    def writes(self, text: str) -> bool:
        """Whether a template of a manifest holds this text."""
        return any(
            text in template
            for _path, part in self._parts
            for name, template in part.templates.items()
            if not name.endswith("NOTES.txt")
        )

    def strays(self, values: Values) -> list[Stray]:
        """Given keys without effect, the outermost of each."""
        return list(self.with_given(values)._strays((), values))

    def _strays(self, path: Path, values: Values) -> t.Iterator[Stray]:
        for key, value in values.items():
            if not self._is_helms_own(path, str(key)):
                yield from self._stray((*path, str(key)), value)

    def _is_helms_own(self, path: Path, key: str) -> bool:
        """What Helm hands to every chart itself."""
        return (key == GLOBAL and path in self._charts) or (key == "tags" and not path)

    def _stray(self, path: Path, value: t.Any) -> t.Iterator[Stray]:
        if self.reads.is_whole(path):
            return
        default = get(self.shipped, path)
        # Of a map that is only asked whether it is there, any key answers.
        inner = default or default == {} and not self.reads.is_touched(path)
        if isinstance(value, dict) and value and (self.reads.is_below(path) or isinstance(default, dict) and inner):
            yield from self._strays(path, value)
        elif not self.reads.is_touched(path):
            yield Stray(path, DEAD if has(self.shipped, path) else UNKNOWN)

    def dead(self) -> list[str]:
        """Keys the chart ships and never reads."""
        return sorted(str(stray) for stray in self._strays((), self.shipped) if stray.kind == DEAD)

    def resembling(self, path: Path) -> str:
        """The known key that was probably meant, dotted, or an empty text."""
        if not self._named:
            self._named = {known for known in _paths(self.shipped, ()) if self.knows(known)}
            for read in self.reads.whole | self.reads.touched:
                steps = read[: read.index(ANY)] if ANY in read else read
                self._named.update(steps[: length + 1] for length in range(len(steps)))
        return _chart_suggest.dotted(_chart_suggest.nearest(self._named, path))


def _paths(values: t.Any, path: Path) -> t.Iterator[Path]:
    if path:
        yield path
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _paths(value, (*path, str(key)))
