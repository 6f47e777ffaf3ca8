# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of a Go template as a tree.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

# What a chain of fields starts with, if it is neither a variable nor a parenthesis.
DOT, ROOT, UNKNOWN = "", "$", "?"


class Text(t.NamedTuple):
    """A literal."""

    text: str


class Word(t.NamedTuple):
    """The name of a function, a number, ``true`` or ``nil``."""

    name: str


class Chain(t.NamedTuple):
    """Fields of DOT, of ROOT, of a variable (its number) or of a pipeline in parentheses."""

    base: t.Any
    fields: tuple[str, ...]


Operand = t.Union[Text, Word, Chain]
Command = list[Operand]
Pipeline = list[Command]


class Action(t.NamedTuple):
    """A pipeline that is assigned, or printed if there are no variables."""

    variables: tuple[int, ...]
    pipeline: Pipeline


class Call(t.NamedTuple):
    """The action ``template``; ``name`` and ``pipeline`` as they stand."""

    name: Pipeline
    pipeline: Pipeline


class Branch(t.NamedTuple):
    """``kind`` is if, with, range, or else for the one without a question."""

    kind: str
    variables: tuple[int, ...]
    pipeline: Pipeline
    body: list[t.Any]


class Block(t.NamedTuple):
    branches: list[Branch]


Statement = t.Union[Action, Call, Block]


class Parsed(t.NamedTuple):
    """A file: its own statements and those of every ``define`` in it, by name."""

    body: list[Statement]
    defines: list[tuple[str, list[Statement]]]
