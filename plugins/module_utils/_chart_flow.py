# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the values of a chart flow to in its templates.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Everything a template can hold is described by a set of references. The sets only grow, so that going over the
templates again and again comes to an end; what is uncertain makes a set larger, never smaller.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY, Path, Reads
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_refs import (
    CHANGEABLE,
    DEEPEST,
    EVERYTHING,
    MADE_OF,
    MOST,
    NOTHING,
    OBJECT,
    OUTPUT,
    PLACE,
    VALUE,
    Ref,
    Refs,
)


class Flow:
    """Objects, what was merged into what, and which references were looked at (touched) or used up (used).

    ``again`` collects the readers whose answers may have changed.
    """

    def __init__(self) -> None:
        self.fields: dict[Ref, dict[str, Refs]] = {}
        self.merged: dict[Ref, Refs] = {}
        self.printed: dict[Ref, set[Ref]] = {}
        self.touched: set[Ref] = set()
        self.used: set[Ref] = set()
        self.reader: t.Any = None
        self.readers: dict[Ref, set[t.Any]] = {}
        self.again: set[t.Any] = set()
        # References gone through.
        self.work = 0
        # Places of the values that a template wrote to, with ``set`` or ``merge``: few charts do.
        self.written: set[Ref] = set()
        # Places of the values where the chart ships a map.
        self.maps: set[Ref] = set()
        # What every template of a chart starts from.
        self.roots: set[Ref] = set()
        # Answers about steady references.
        self._steps: dict[tuple[Refs, t.Any], Refs] = {}
        self._near: dict[tuple[Ref, bool], list[Ref]] = {}

    def note(self, ref: Ref) -> None:
        """The present reader depends on this reference."""
        self.readers.setdefault(ref, set()).add(self.reader)

    def changed(self, ref: Ref) -> None:
        if ref[0] == VALUE and ref not in self.written:
            self.written.add(ref)
            for (other, below), places in self._near.items():
                places += [ref] if _alike(ref, other, below) else []
        if ref[0] == VALUE or ref in self.roots:
            self._steps.clear()
            ref = (VALUE,)
        self.again.update(self.readers.get(ref, ()))

    def _is_steady(self, ref: Ref) -> bool:
        """Whether it hardly ever changes what stands below this."""
        return ref[0] != OBJECT or ref in self.roots

    def grow(self, box: dict[t.Any, Refs], key: t.Any, new: Refs) -> bool:
        """Adds to a set; says whether there was something to add.

        If it gets too much, everything counts as read and single places are given up.
        """
        old = box.get(key)
        if old is not None and new <= old:
            return False
        result = (old or NOTHING) | new
        if len(result) > MOST or EVERYTHING in result:
            self.used.add((VALUE,))
            result = frozenset(ref for ref in result if ref[0] != VALUE) | {EVERYTHING}
        box[key] = result
        return result != old

    def store(self, ref: Ref, key: str, refs: Refs) -> None:
        """What ``set``, ``dict`` and ``list`` do; the elements of a list have the key ANY."""
        box = self.fields.setdefault(ref, {})
        if self.grow(box, key, refs):
            self.changed(ref)

    def merge(self, ref: Ref, refs: Refs) -> None:
        if self.grow(self.merged, ref, refs):
            self.changed(ref)

    def show(self, output: Ref, refs: Refs) -> None:
        """References are printed by the template with this output."""
        self.use(refs)
        printed = self.printed.setdefault(output, set())
        new = self.text(refs) - printed
        if new:
            printed |= new
            self.changed(output)

    def spread(self, refs: Refs) -> Refs:
        """References together with what was merged into them."""
        todo = [ref for ref in refs if ref[0] == OBJECT or self.written] if self.merged else []
        if not todo:
            return refs
        found = set(refs)
        while todo:
            for place in self._places(todo.pop()):
                new = self.merged.get(place, NOTHING) - found
                found |= new
                todo += new
        return frozenset(found)

    def path(self, refs: Refs, keys: Path) -> Refs:
        """What stands below keys."""
        for key in keys:
            refs = self.step(refs, key)
        return refs

    def step(self, refs: Refs, key: str) -> Refs:
        """What stands below a key, or at a place of a list (see ``place``)."""
        found = self._steps.get((refs, key))
        if found is None:
            found = self._step(refs, key)
            if all(map(self._is_steady, refs)):
                self._steps[refs, key] = found
        return found

    def _step(self, refs: Refs, key: str) -> Refs:
        self.work += len(refs)
        below: set[Ref] = set()
        for ref in self.spread(refs):
            if ref[0] == VALUE:
                below.add(self._deeper(ref, ANY if key[:1] == PLACE else key))
            elif ref[0] == OBJECT:
                self.note(ref)
            else:
                below.add((MADE_OF, ref) if ref[0] in CHANGEABLE else ref)
                continue
            if self.written or ref[0] == OBJECT:
                for place in self._places(ref):
                    below.update(*self._stored(place, key))
        return frozenset(below)

    def touch(self, refs: Refs) -> None:
        self.touched |= refs

    def use(self, refs: Refs) -> None:
        self.used |= refs

    def text(self, refs: Refs) -> Refs:
        """What a text made of these may hold."""
        return frozenset((MADE_OF, ref) if ref[0] in CHANGEABLE else ref for ref in refs)

    def inside(self, refs: t.Iterable[Ref]) -> set[Ref]:
        """Everything that can be reached from these, so everything that a text made of them may hold."""
        found, todo = set(refs), list(refs)
        while todo:
            ref = todo.pop()
            kind, more = ref[0], set()
            if kind == MADE_OF:
                more = {ref[1]}
            elif kind == OUTPUT:
                self.note(ref)
                more = set(self.printed.get(ref, NOTHING))
            elif kind == OBJECT or (kind == VALUE and self.written):
                self.note(ref)
                for place in self._places(ref, below=True):
                    more.update(self.merged.get(place, NOTHING), *self.fields.get(place, {}).values())
            more -= found
            todo += more
            found |= more
        self.work += len(found)
        return found

    def reads(self) -> Reads:
        """What all that means for the values."""
        reads = Reads()
        for ref in self.inside(self.used):
            if ref[0] == VALUE:
                reads.add(ref[1:], whole=True)
        touched = self.spread(frozenset(self.touched))
        direct = (part for ref in touched if ref[0] == OBJECT for part in self.fields.get(ref, {}).values())
        for ref in touched.union(*direct):
            if ref[0] == VALUE:
                reads.add(ref[1:], whole=False)
        return reads

    def _deeper(self, ref: Ref, key: str) -> Ref:
        if len(ref) < DEEPEST:
            return (*ref, key)
        self.used.add(ref)
        return ref

    def _stored(self, place: Ref, key: str) -> t.Iterator[Refs]:
        box = self.fields.get(place, {})
        yield from box.values() if key == ANY else (box[name] for name in (key, ANY) if name in box)

    def _places(self, ref: Ref, below: bool = False) -> t.Iterable[Ref]:
        """Where something about this reference is kept; of the values, any place that may be the same one."""
        if ref[0] != VALUE or not self.written:
            return (ref,)
        found = self._near.get((ref, below))
        if found is None:
            found = self._near[ref, below] = [place for place in self.written if _alike(place, ref, below)]
        return found


def _alike(one: Path, other: Path, below: bool) -> bool:
    """Whether two places may be the same, or the first one below the other."""
    if len(one) != len(other) and not (below and len(one) > len(other)):
        return False
    return all(a == b or ANY in (a, b) for a, b in zip(one, other))
