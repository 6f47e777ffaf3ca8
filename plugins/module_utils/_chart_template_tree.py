# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a Go template as a tree: blocks, pipelines, and which declaration every variable means.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Lenient: Helm itself refuses what is no template, so here a wrong word is passed over.
"""

from __future__ import annotations

import itertools
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_nodes import (
    DOT,
    ROOT,
    UNKNOWN,
    Action,
    Block,
    Branch,
    Call,
    Chain,
    Command,
    Parsed,
    Pipeline,
    Statement,
    Text,
    Word,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_text import (
    CHAIN,
    FIELD,
    MARK,
    TEXT,
    WORD,
    Token,
    actions,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

Scope = dict[str, int]

# Real charts stay below 15; every level costs a few frames of Python's own stack.
_DEEPEST = 60
_ASSIGN = ([(MARK, ":=")], [(MARK, "=")])
_numbers = itertools.count()


def parse(text: str, name: str) -> Parsed:
    """Raises HolmesError, with ``name``, if the template is nested too deeply."""
    reader = _Reader(name)
    for tokens in actions(text):
        reader.action(tokens)
    return reader.parsed


class _Reader:
    """One pass over the actions of a file. An open block is on ``open`` with the body and the scopes around it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parsed = Parsed([], [])
        self.body: list[Statement] = self.parsed.body
        self.scopes: list[Scope] = [{}]
        self.open: list[tuple[list[Statement], list[Scope], Block | None]] = []

    def action(self, tokens: list[Token]) -> None:
        word = tokens[0][1] if tokens and tokens[0][0] == WORD else ""
        rest = tokens[1:]
        if word == "end":
            if self.open:
                self.body, self.scopes, _block = self.open.pop()
        elif word == "else":
            if self.open and self.open[-1][2]:
                self._branch(rest[0][1] if rest else "else", rest[1:], self.open[-1][2])
        elif word in ("define", "block"):
            self._define(rest, word == "block")
        elif word in ("if", "with", "range"):
            block = Block([])
            self.body.append(block)
            self._enter(block)
            self._branch(word, rest, block)
        elif word == "template":
            self.body.append(Call(self._pipeline(rest[:1]), self._pipeline(rest[1:])))
        elif tokens and word not in ("break", "continue"):
            self.body.append(Action(*self._assigned(tokens)))

    def _enter(self, block: Block | None) -> None:
        if len(self.open) >= _DEEPEST:
            raise self._too_deep()
        self.open.append((self.body, self.scopes, block))

    def _branch(self, kind: str, tokens: list[Token], block: Block) -> None:
        # Variables of the questions before are visible after an else.
        self.scopes = [*(self.scopes if block.branches else self.open[-1][1]), {}]
        variables, pipeline = self._assigned(tokens)
        self.body = []
        block.branches.append(Branch(kind, variables, pipeline, self.body))

    def _define(self, rest: list[Token], block: bool) -> None:
        name = rest[0][1] if rest else ""
        if block:
            self.body.append(Call([[Text(name)]], self._pipeline(rest[1:])))
        self._enter(None)
        self.body, self.scopes = [], [{}]
        self.parsed.defines.append((name, self.body))

    def _assigned(self, tokens: list[Token]) -> tuple[tuple[int, ...], Pipeline]:
        """The variables before ``:=`` or ``=``, and the pipeline after it, which does not see the new ones yet."""
        # The sign comes after one variable, or after two and a comma.
        at = 1 if tokens[1:2] in _ASSIGN else 3 if tokens[3:4] in _ASSIGN else 0
        if not at:
            return (), self._pipeline(tokens)
        pipeline = self._pipeline(tokens[at + 1 :])
        names = [value for kind, value in tokens[:at] if kind == CHAIN]
        if tokens[at][1] == ":=":
            self.scopes[-1].update((name, next(_numbers)) for name in names)
        return tuple(number for number in map(self._variable, names) if isinstance(number, int)), pipeline

    def _variable(self, name: str) -> int | str:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return UNKNOWN

    def _pipeline(self, tokens: list[Token]) -> Pipeline:
        stack: list[Pipeline] = [[[]]]
        for kind, value in tokens:
            if kind == TEXT:
                stack[-1][-1].append(Text(value))
            elif kind == CHAIN:
                stack[-1][-1].append(self._chain(value))
            elif kind == WORD:
                stack[-1][-1].append(Word(value))
            elif kind == FIELD:
                self._field(stack[-1][-1], value)
            elif value == "(":
                if len(stack) > _DEEPEST:
                    raise self._too_deep()
                stack.append([[]])
            elif value == ")" and len(stack) > 1:
                inner = stack.pop()
                stack[-1][-1].append(Chain(inner, ()))
            elif value == "|":
                stack[-1].append([])
        return stack[0]

    def _chain(self, text: str) -> Chain:
        name, *fields = text.split(".")
        base: t.Any = name if name in (DOT, ROOT) else self._variable(name)
        return Chain(base, tuple(filter(None, fields)))

    def _field(self, command: Command, text: str) -> None:
        last = command[-1] if command else None
        if isinstance(last, Chain):
            command[-1] = Chain(last.base, (*last.fields, *text.split(".")[1:]))

    def _too_deep(self) -> HolmesError:
        return HolmesError(f"{self.name} is nested too deeply to be read.", "Is it a template of a Helm chart?")
