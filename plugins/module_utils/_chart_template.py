# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values a Helm template reads. A reader of Go templates, as far as that question needs one.

Private to this collection: it may change in any release. Imports nothing of Ansible.

It follows ``.Values.a.b``, ``index``, ``get``, ``hasKey``, ``pick``, variables, ``with`` and ``range``. Where it cannot
follow (a map given to ``include``, ``toYaml`` or any other function) it takes everything below as read: better to miss
a dead key than to refuse a good one.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_text import (
    Command,
    Operand,
    actions,
    assigned,
    is_chain,
    parse,
)

Path = tuple[str, ...]
Refs = frozenset[Path]

ROOT: Refs = frozenset({("$",)})
NOTHING: Refs = frozenset()
ANY = "*"
_WHOLE = ""

# These hand one of their arguments on; who takes the result decides how much is read.
_CHOOSING = ("default", "or", "and", "coalesce", "ternary", "first", "last", "required")
# These ask about a value without using what is below it.
_ASKING = (
    *("not", "empty", "eq", "ne", "lt", "le", "gt", "ge", "len"),
    *("kindIs", "kindOf", "typeIs", "hasPrefix", "hasSuffix"),
)


class Reads:
    """``whole``: read with everything below; ``touched``: looked at. A step ANY stands for any key."""

    def __init__(self) -> None:
        self.whole: set[Path] = set()
        self.touched: set[Path] = set()
        # The same as a tree of steps, for quick answers; a node that is read as a whole has the step _WHOLE.
        self._tree: dict[str, t.Any] = {}

    def add(self, path: Path, whole: bool) -> None:
        (self.whole if whole else self.touched).add(path)
        node = self._tree
        for step in path:
            node = node.setdefault(step, {})
        if whole:
            node[_WHOLE] = {}

    def is_whole(self, path: Path) -> bool:
        return any(_WHOLE in node for length in range(len(path) + 1) for node in self._nodes(path[:length]))

    def is_touched(self, path: Path) -> bool:
        """Whether the value itself, or something below it, is looked at."""
        return bool(self._nodes(path))

    def is_below(self, path: Path) -> bool:
        """Whether something below the value is looked at."""
        return any(set(node) - {_WHOLE} for node in self._nodes(path))

    def _nodes(self, path: Path) -> list[dict[str, t.Any]]:
        nodes = [self._tree]
        for step in path:
            nodes = [node[key] for node in nodes for key in (step, ANY) if key in node]
        return nodes


def reads(text: str) -> Reads:
    """What one template file reads of the values."""
    walk = _Walk()
    for words in actions(text):
        walk.action(words)
    return walk.found


class _Walk:
    """One pass over the actions of a file, with the block structure and the variables."""

    def __init__(self) -> None:
        self.found = Reads()
        self.blocks: list[Refs] = [ROOT]
        self.variables: dict[str, Refs] = {}

    def action(self, words: list[str]) -> None:
        word = words[0] if words else ""
        if word == "end":
            self.blocks = self.blocks[:-1] or [ROOT]
        elif word == "else":
            outer = self.blocks[-2] if len(self.blocks) > 1 else ROOT
            self.blocks[-1] = self._open(words[1:], outer) if len(words) > 1 else outer
        elif word in ("define", "block"):
            self.blocks.append(ROOT)
        elif word in ("if", "with", "range"):
            self.blocks.append(self._open(words, self.blocks[-1]))
        else:
            self._statement(words[1:] if word in ("template", "include") else words)

    def _open(self, words: list[str], outer: Refs) -> Refs:
        """The dot inside an if, with or range."""
        names, rest = assigned(words[1:])
        refs = self._pipeline(parse(rest))
        self._touch(refs)
        if words[0] == "range":
            inner = frozenset((*path, ANY) for path in refs)
            if names:
                self.variables[names[-1]] = inner
            return inner
        for name in names:
            self.variables[name] = refs
        return refs if words[0] == "with" else outer

    def _statement(self, words: list[str]) -> None:
        names, rest = assigned(words)
        refs = self._pipeline(parse(rest))
        for name in names:
            self.variables[name] = self.variables.get(name, NOTHING) | refs
        if names:
            self._touch(refs)
        else:
            self._use(refs)

    def _pipeline(self, commands: list[Command]) -> Refs:
        refs = NOTHING
        for place, command in enumerate(commands):
            refs = self._command(command, refs if place else None)
        return refs

    def _command(self, command: Command, piped: Refs | None) -> Refs:
        """What the result of one command refers to; everything used up on the way is noted."""
        head = command[0] if command else ""
        rest = command[1:] if isinstance(head, str) and not is_chain(head) else command
        refs = [self._operand(operand) for operand in rest] + ([piped] if piped is not None else [])
        if rest is command:
            for more in refs[1:]:
                self._use(more)
            return refs[0] if refs else NOTHING
        literals = [operand[1:-1] for operand in rest if isinstance(operand, str) and operand[:1] in '"`']
        every = frozenset().union(*refs)
        if head in ("index", "get", "dig"):
            steps = literals or [ANY]
            source, others = (refs[-1:], refs[:-1]) if head == "dig" else (refs[:1], refs[1:])
            self._use(frozenset().union(*others))
            return frozenset((*path, *steps) for path in frozenset().union(*source))
        if head in ("hasKey", "pick"):
            found = frozenset((*path, key) for path in every for key in literals or [ANY])
            self._touch(found) if head == "hasKey" else self._use(found)
            return NOTHING
        if head in _CHOOSING:
            return every
        if head in _ASKING:
            self._touch(every)
        else:
            self._use(every)
        return NOTHING

    def _operand(self, operand: Operand) -> Refs:
        if isinstance(operand, list):
            return self._pipeline(operand)
        if not is_chain(operand):
            return NOTHING
        name, *fields = operand.split(".")
        base = self.blocks[-1] if name == "" else ROOT if name == "$" else self.variables.get(name, frozenset({("?",)}))
        return frozenset((*path, *(step for step in fields if step)) for path in base)

    def _use(self, refs: Refs) -> None:
        self._note(refs, whole=True)

    def _touch(self, refs: Refs) -> None:
        self._note(refs, whole=False)

    def _note(self, refs: Refs, whole: bool) -> None:
        for path in map(_below_values, refs):
            if path is not None:
                self.found.add(path, whole)


def _below_values(path: Path) -> Path | None:
    """The part after ``Values``, wherever it stands: helpers get the root under names of their own."""
    return path[path.index("Values") + 1 :] if "Values" in path else None
