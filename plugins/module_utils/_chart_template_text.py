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

_START = "{{"
_QUOTED = r""""(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])*'"""
# A comment, or an action and what is in it. There is one way only to read a text, so a long one takes no longer.
_OTHER = r"""[^"`'}]*"""
_ACTION = re.compile(rf"\{{\{{(?:-?\s*/\*.*?\*/\s*-?|({_OTHER}(?:(?:{_QUOTED}|\}}(?!\}})){_OTHER})*))\}}\}}", re.DOTALL)
# What is no word is passed over, such as the "-" of a trim marker.
_WORD = re.compile(rf"{_QUOTED}|\)(?:\.\w+)+|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|[+-]?\d[\w.]*|\w+|:=|[=|(),]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

# A word of an action: its kind and its value; that of a text is without its quotes.
Token = tuple[str, str]


def actions(text: str) -> t.Iterator[list[Token]]:
    """The words of every action that is no comment.

    Nothing is read after an action without an end: Helm refuses such a file.
    """
    at = text.find(_START)
    while at >= 0:
        action = _ACTION.match(text, at)
        if not action:
            return
        if action.group(1) is not None:
            yield _tokens(_WORD.findall(action.group(1)))
        at = text.find(_START, action.end())


def _tokens(words: list[str]) -> list[Token]:
    tokens: list[Token] = []
    for word in words:
        first = word[0]
        if first in "$.":
            tokens.append((CHAIN, word))
        elif first in '"`':
            tokens.append((TEXT, _unquoted(word)))
        elif first in "=|(),:":
            tokens.append((MARK, first if first == ")" else word))
            if len(word) > 1 and first == ")":
                tokens.append((FIELD, word[1:]))
        else:
            tokens.append((WORD, word))
    return tokens


def _unquoted(text: str) -> str:
    if text[0] == "`" or "\\" not in text:
        return text[1:-1]
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match.group(1), match.group(1)), text[1:-1])
