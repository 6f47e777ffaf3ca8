# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values the templates of a chart read, learnt by following every value through them.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Followed are fields, variables, blocks, helpers with whatever is given to them, objects that templates make or change,
and templates inside of values (``tpl``). Both sides of every question count. Where a value goes a way that cannot be
followed, everything below it counts as read: better to miss a dead key than to refuse a good one.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_flow import Flow
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_functions_maps import literals
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY, Path, Reads
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_refs import (
    EVERYTHING,
    FILE,
    LITERAL,
    OBJECT,
    OPAQUE,
    PATTERN,
    UNKNOWN,
    VALUE,
    Ref,
    Refs,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_nodes import Parsed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_tree import parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_walk import Body, Walk
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# References to go through; the most difficult charts of those tried need 80,000, in two seconds.
_MOST_WORK = 200_000


class Program:
    """All templates of a chart and of its sub-charts, which share their helpers as they do in Helm.

    ``values`` are trees of values in which templates may stand: what the chart ships, what the user gives.
    """

    def __init__(self, chart: Chart, values: t.Sequence[t.Any]) -> None:
        self.values = values
        self.flow = Flow()
        self.flow.maps = {(VALUE, *path) for path in maps(values[0], ())}
        self.walk = Walk(self.flow, self._include, self._template)
        self.bodies: dict[str, list[Body]] = {}
        self.texts: dict[str, Body] = {}
        self.files: dict[str, str] = {}
        # Places of the values whose texts are templates themselves.
        self.templated: set[Path] = set()
        self.queue: dict[Body, None] = {}
        self._load(chart, (), chart.name)
        while self.queue and self.flow.work < _MOST_WORK:
            body = next(iter(self.queue))
            del self.queue[body]
            self.walk.run(body)
            self.queue.update(dict.fromkeys(self.flow.again))
            self.flow.again.clear()
        if self.queue:
            # Too entangled to be followed to the end: everything may be read.
            self.flow.use(frozenset({(VALUE,)}))

    def reads(self) -> Reads:
        return self.flow.reads()

    def _load(self, chart: Chart, prefix: Path, base: str) -> Ref:
        """Takes a chart in; returns what its templates see as their root."""
        root: Ref = (OBJECT, "root", *prefix)
        self.flow.roots.add(root)
        for name in ("Release", "Chart", "Capabilities"):
            self.flow.store(root, name, UNKNOWN)
        names: Ref = (OBJECT, "template", *prefix)
        for name in ("BasePath", "Name"):
            self.flow.store(names, name, frozenset({(PATTERN, "*")}))
        subcharts: Ref = (OBJECT, "subcharts", *prefix)
        for name, inner in chart.subcharts.items():
            self.flow.store(subcharts, name, frozenset({self._load(inner, (*prefix, name), f"{base}/charts/{name}")}))
        parts = {"Template": names, "Subcharts": subcharts, "Files": (FILE, "*"), "Values": (VALUE, *prefix)}
        for name, ref in parts.items():
            self.flow.store(root, name, frozenset({ref}))
        for name, text in chart.templates.items():
            partial = name.rpartition("/")[2].startswith("_")
            # Helm takes nothing but helpers from a library.
            if partial or not chart.is_library:
                body = self._body(f"{base}/{name}", text)
                if not partial:
                    self._call([body], frozenset({root}))
        self.files.update(chart.files)
        return root

    def _body(self, name: str, text: str) -> Body:
        parsed: Parsed = parse(text, f"'{name}' of the chart")
        body = Body(name, parsed.body)
        self.bodies.setdefault(name, []).append(body)
        for defined, statements in parsed.defines:
            self.bodies.setdefault(defined, []).append(Body(defined, statements))
        return body

    def _call(self, bodies: list[Body], given: Refs) -> Refs:
        for body in bodies:
            if self.flow.grow(self.walk.given, body, given):
                self.queue[body] = None
        return frozenset(body.output for body in bodies) or UNKNOWN

    def _include(self, names: Refs, given: Refs) -> Refs:
        self.flow.use(names)
        return self._call(self._named(names), given)

    def _named(self, names: Refs) -> list[Body]:
        """The templates that this can be the name of."""
        known = literals(names)
        if known is not None:
            return [body for name in known for body in self.bodies.get(name, ())]
        wanted = [str(ref[1]) for ref in names if ref[0] in (LITERAL, PATTERN)]
        # Beside a pattern stands what it is made of; anything else can be any name.
        if not any(ref[0] == PATTERN for ref in names) or any(ref[0] in (VALUE, OBJECT, OPAQUE) for ref in names):
            wanted = ["*"]
        pattern = re.compile("|".join(map(glob, wanted)), re.DOTALL)
        return [body for name, bodies in self.bodies.items() if pattern.fullmatch(name) for body in bodies]

    def _template(self, texts: Refs, given: Refs) -> Refs:
        """``tpl``: whatever the text may be is run as a template."""
        self.flow.use(texts)
        bodies: dict[str, None] = {}
        for ref in self.flow.inside(texts):
            if ref[0] == LITERAL:
                bodies[ref[1]] = None
            elif ref[0] == PATTERN and is_template(ref[1]):
                self.flow.use(frozenset({(VALUE,)}))
            elif ref[0] == FILE:
                found = re.compile(glob(ref[1]), re.DOTALL)
                bodies.update(dict.fromkeys(text for name, text in self.files.items() if found.fullmatch(name)))
            elif ref[0] == VALUE:
                path = () if ref == EVERYTHING else ref[1:]
                self.templated.add(path)
                bodies.update(dict.fromkeys(text for tree in self.values for text in texts_at(tree, path)))
        return self._call([self._inner(text) for text in bodies if is_template(text)], given)

    def _inner(self, text: str) -> Body:
        if text not in self.texts:
            name = f"template {len(self.texts)} in a value or file"
            try:
                self.texts[text] = self._body(name, text)
            except HolmesError:
                # Most files are no templates, and Helm refuses what is none.
                self.texts[text] = Body(name, [])
        return self.texts[text]


def is_template(text: str) -> bool:
    return "{{" in text


def glob(text: str) -> str:
    """A regular expression for a text with *; the finer signs of Go's patterns of file names count as *."""
    return ".*".join(re.escape(piece) for piece in re.split(r"[*?]|\[[^]]*\]|\{[^}]*\}", text))


def texts_at(tree: t.Any, path: Path) -> t.Iterator[str]:
    """Every text at a place of the values or below it; any step leads into all items of a list."""
    if isinstance(tree, str):
        if not path:
            yield tree
    elif isinstance(tree, dict):
        chosen = tree.values() if not path or path[0] == ANY else [tree[path[0]]] if path[0] in tree else []
        for value in chosen:
            yield from texts_at(value, path[1:])
    elif isinstance(tree, list):
        for value in tree:
            yield from texts_at(value, path[1:])


def maps(tree: t.Any, path: Path) -> t.Iterator[Path]:
    """The places of all maps in values."""
    if isinstance(tree, dict):
        yield path
        for key, value in tree.items():
            yield from maps(value, (*path, key))
