# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Going over the statements of one template.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_functions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_flow import Flow
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_functions_maps import key_names
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_reads import ANY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_refs import (
    FILE,
    LITERAL,
    NOTHING,
    NUMBER,
    OBJECT,
    OUTPUT,
    PATTERN,
    UNKNOWN,
    VALUE,
    Ref,
    Refs,
    joined,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_nodes import (
    DOT,
    ROOT,
    Action,
    Block,
    Call,
    Chain,
    Command,
    Operand,
    Pipeline,
    Statement,
    Text,
    Word,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_template_nodes import UNKNOWN as UNDECLARED

VARIABLE = "variable"
# Methods of the map that .Values is; they take or give the whole of it.
_METHODS = frozenset(("AsMap", "YAML", "Table", "PathValue", "Encode"))
_CONSTANT = re.compile(r"[-+'\d]|true\Z|false\Z|nil\Z")


class Body:
    """A template that can be run."""

    def __init__(self, name: str, statements: list[Statement]) -> None:
        self.name = name
        self.statements = statements

    @property
    def output(self) -> Ref:
        return (OUTPUT, id(self))


class Walk:
    """Runs bodies. ``include`` and ``template`` take a name or text and what is given to it, and return the output."""

    def __init__(
        self, flow: Flow, include: t.Callable[[Refs, Refs], Refs], template: t.Callable[[Refs, Refs], Refs]
    ) -> None:
        self.flow = flow
        self.include = include
        self.template = template
        # Everything that a body was ever given.
        self.given: dict[Body, Refs] = {}
        self.root: Refs = NOTHING
        self.output: Ref = ()
        self.variables: dict[int, Refs] = {}

    def run(self, body: Body) -> None:
        self.flow.reader = body
        # Every template reads values; should one write to them, all others are gone over again.
        self.flow.note((VALUE,))
        self.root, self.output = self.given[body], body.output
        self._statements(body.statements, self.root)

    def _statements(self, statements: list[Statement], dot: Refs) -> None:
        for statement in statements:
            if isinstance(statement, Block):
                self._block(statement, dot)
            elif isinstance(statement, Call):
                given = self._pipeline(statement.pipeline, dot)
                self.flow.show(self.output, self.include(self._pipeline(statement.name, dot), given))
            else:
                self._action(statement, dot)

    def _action(self, action: Action, dot: Refs) -> None:
        refs = self._pipeline(action.pipeline, dot)
        if action.variables:
            self._assign(action.variables, refs)
            self.flow.touch(refs)
        else:
            self.flow.show(self.output, refs)

    def _assign(self, variables: t.Iterable[int], refs: Refs) -> None:
        for number in variables:
            if self.flow.grow(self.variables, number, refs):
                self.flow.changed((VARIABLE, number))

    def _block(self, block: Block, dot: Refs) -> None:
        for branch in block.branches:
            refs = self._pipeline(branch.pipeline, dot)
            self.flow.touch(refs)
            if branch.kind != "range":
                self._assign(branch.variables, refs)
                self._statements(branch.body, refs if branch.kind == "with" else dot)
                continue
            inner = self.flow.step(refs, ANY)
            self.flow.touch(inner)
            self._assign(branch.variables[-1:], inner)
            self._assign(branch.variables[:-1], key_names(self.flow, refs))
            self._statements(branch.body, inner)

    def _pipeline(self, pipeline: Pipeline, dot: Refs) -> Refs:
        refs = self._command(pipeline[0], [], dot)
        for command in pipeline[1:]:
            refs = self._command(command, [refs], dot)
        return refs

    def _command(self, command: Command, piped: list[Refs], dot: Refs) -> Refs:
        if not command:
            return joined(piped)
        head = command[0]
        args = [self._operand(operand, dot) for operand in command[1:]] + piped
        if isinstance(head, Word):
            return self._function(head, args)
        refs = self._operand(head, dot)
        if args:
            # A method, such as .Files.Get or .Files.Glob.
            self.flow.use(joined(args))
            named = [str(ref[1]) if ref[0] in (LITERAL, PATTERN) else "*" for ref in joined(args)]
            refs = joined(
                [frozenset((FILE, name) for name in named) if ref[0] == FILE else frozenset({ref}) for ref in refs]
            )
        return refs

    def _function(self, word: Word, args: list[Refs]) -> Refs:
        if _CONSTANT.match(word.name):
            return frozenset({(NUMBER, int(word.name))}) if word.name.isdecimal() else UNKNOWN
        if word.name == "include":
            return self.include(joined(args[:1]), joined(args[1:2]))
        if word.name == "tpl":
            return self.template(joined(args[:1]), joined(args[1:2]))
        return _chart_functions.apply(self.flow, word.name, args, (OBJECT, id(word)))

    def _operand(self, operand: Operand, dot: Refs) -> Refs:
        if isinstance(operand, Text):
            return frozenset({(LITERAL, operand.text)})
        if isinstance(operand, Word):
            return self._function(operand, [])
        refs, fields = self._base(operand, dot), operand.fields
        if not _METHODS.isdisjoint(fields):
            # The whole of what it is called on, whatever else it does.
            places = [place for place, field in enumerate(fields) if field in _METHODS]
            self.flow.use(frozenset(ref for ref in self.flow.path(refs, fields[: places[0]]) if ref[0] == VALUE))
        return self.flow.path(refs, fields) if fields else refs

    def _base(self, chain: Chain, dot: Refs) -> Refs:
        if chain.base == DOT:
            return dot
        if chain.base == ROOT:
            return self.root
        if chain.base == UNDECLARED:
            return UNKNOWN
        if isinstance(chain.base, int):
            self.flow.note((VARIABLE, chain.base))
            return self.variables.get(chain.base, NOTHING)
        return self._pipeline(chain.base, dot)
