# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a Go template: its actions and their words.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

# Kinds of words. FIELD is a chain that follows a parenthesis without a space: "(…).name".
TEXT, CHAIN, FIELD, WORD, MARK = "text", "chain", "field", "word", "mark"

# In a trim marker the dash stands beside a space, so "{{-1}}" is a number.
_OPEN = re.compile(r"\{\{(?:-(?=\s))?\s*(/\*)?")
_TOKEN = re.compile(
    r"""(?P<close>\s*-?\}\})|(?P<space>\s+)|(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`)"""
    r"""|(?P<chain>\$\w*(?:\.\w+)*|(?:\.\w+)+|\.)|(?P<word>'(?:\\.|[^'\\\n])*'|[+-]?\d[\w.]*|\w+)"""
    r"""|(?P<mark>:=|[=|(),])|(?P<other>.)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


# A word of an action: its kind and its value; that of a text is without its quotes.
Token = tuple[str, str]


def actions(text: str) -> t.Iterator[list[Token]]:
    """The words of every action that is no comment.

    Nothing is read after an action without an end: Helm refuses such a file.
    """
    at = 0
    while True:
        opening = _OPEN.search(text, at)
        if not opening:
            return
        if opening.group(1):
            end = text.find("*/", opening.end())
            if end < 0:
                return
            at = end + 2
            continue
        tokens, at = _tokens(text, opening.end())
        if at < 0:
            return
        yield tokens


def _tokens(text: str, at: int) -> tuple[list[Token], int]:
    """Words up to the end of the action, and the place after it; a negative place if it never ends."""
    tokens: list[Token] = []
    after_parenthesis = False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            break
        at, kind, value = match.end(), str(match.lastgroup), match.group()
        if kind == "close":
            return tokens, at
        if kind == CHAIN and after_parenthesis and len(value) > 1 and value[0] == ".":
            kind = FIELD
        after_parenthesis = value == ")"
        if kind == TEXT:
            value = _unquoted(value)
        if kind not in ("space", "other"):
            tokens.append((kind, value))
    return tokens, -1


def _unquoted(text: str) -> str:
    if text[0] == "`" or "\\" not in text:
        return text[1:-1]
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), text[1:-1])
