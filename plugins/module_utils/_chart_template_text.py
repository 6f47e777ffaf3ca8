# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a Go template: its actions, their words, their pipelines.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

# A word of an action or a pipeline in parentheses.
Operand = t.Union[str, list["Command"]]
Command = list[Operand]

_ACTION = re.compile(
    r"""\{\{-?\s*(/\*.*?\*/|(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|[^"`'])*?)\s*-?\}\}""", re.DOTALL
)
_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*')"""
    r"""|(?P<chain>\$?\w*(?:\.\w+)+|\$\w*|\.)|(?P<word>\w+)|(?P<mark>:=|=|\||\(|\)|,)|(?P<other>.)""",
    re.DOTALL,
)


def actions(text: str) -> t.Iterator[list[str]]:
    """The words of every action that is no comment."""
    for match in _ACTION.finditer(text):
        if not match.group(1).startswith("/*"):
            yield _words(match.group(1))


def _words(text: str) -> list[str]:
    words = []
    after_parenthesis = False
    for match in _TOKEN.finditer(text):
        word = match.group(0)
        # "(…).field": the field of a result; the result itself is followed already.
        if not (after_parenthesis and match.lastgroup == "chain" and word.startswith(".")) and not word.isspace():
            words.append(word)
        after_parenthesis = word == ")"
    return words


def is_chain(word: str) -> bool:
    return word[:1] in ("$", ".")


def assigned(words: list[str]) -> tuple[list[str], list[str]]:
    """Names before ``:=`` or ``=``, and the words after it."""
    for sign in (":=", "="):
        if sign in words:
            at = words.index(sign)
            return [word for word in words[:at] if word.startswith("$")], words[at + 1 :]
    return [], words


def parse(words: list[str]) -> list[Command]:
    """Commands of a pipeline; a parenthesis is a pipeline in the place of an operand."""
    stack: list[list[Command]] = [[[]]]
    for word in words:
        if word == "(":
            stack.append([[]])
        elif word == ")" and len(stack) > 1:
            inner = stack.pop()
            stack[-1][-1].append(inner)
        elif word == "|":
            stack[-1].append([])
        elif word not in (")", ","):
            stack[-1][-1].append(word)
    return stack[0]
