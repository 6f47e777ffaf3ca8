# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that stand inside a longer text: commands, JSON, configuration files, headers, connection strings.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_names import (
    NO,
    YES,
    is_password,
    says,
    word_set,
    words,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_shapes import (
    is_nothing,
    is_placeholder,
    is_random,
)

_SCHEME = r"(?:(?:bearer|basic|token|apikey|splunk)\s+)?"
_VALUE = rf"(?:\"{_SCHEME}(?P<double>[^\"\\]+)|'{_SCHEME}(?P<single>[^'\\]+)|{_SCHEME}(?P<bare>[^\s\"',;&|)}}\]]+))"
# "name: value", "name=value", '"name": "value"'; a look-ahead, because one setting may stand in another.
_SETTING = re.compile(
    rf"(?<![\w.\-])(?=(?P<name>[\w.\-]{{2,60}})\\*[\"']?\s*(?P<sign>[:=])\s*\\*{_VALUE})", re.IGNORECASE
)
# "--password value", as one text.
_OPTION = re.compile(rf"(?<![\w\-])--?(?P<name>[\w\-]{{2,40}})\s+(?!-){_VALUE}", re.IGNORECASE)
_LOGIN = re.compile(r"(?<![\w\-])(?:-u|--user|--proxy-user)(?:\s+|=)[\"']?[^\s:\"']+:(?!\d+\b)([^\s\"']{3,})")
_FLAG = re.compile(r"--?([\w\-]{2,40})\Z")
_SHORTEST = 4
# What descriptions of fields say about them.
_DESCRIBES = word_set("string text required optional password token secret apikey bool boolean number")


def inside(text: str) -> list[str]:
    """The secrets inside a text that is longer than they are."""
    found = [value for pattern in (_SETTING, _OPTION) for value in _settings(pattern, text)]
    found += [match.group(1) for match in _LOGIN.finditer(text) if _counts(match.group(1))]
    return list(dict.fromkeys(found))


def flag(text: t.Any) -> str:
    """The name in "--name", whose value is the next item of the list; else an empty text."""
    found = _FLAG.match(text) if isinstance(text, str) else None
    return found.group(1) if found else ""


def _settings(pattern: re.Pattern[str], text: str) -> t.Iterator[str]:
    for match in pattern.finditer(text):
        name, quoted = match.group("name"), match.group("double") or match.group("single")
        value = quoted or match.group("bare")
        if _told(name, value) and _counts(value) and (quoted or not _is_prose(text, match, value)):
            yield value


def _told(name: str, value: str) -> bool:
    """Whether the name of a setting makes its value secret."""
    said = says(name, variable=name.isupper())
    if said == NO or (value.isdigit() and not is_password(name)):
        return False
    # In a query or a manifest "secret" names one.
    return (said == YES and words(name) != ["secret"]) or is_random(value)


def _counts(value: str) -> bool:
    """No reference, no placeholder, no piece of a program."""
    return (
        len(value) >= _SHORTEST
        and value.lower() not in _DESCRIBES
        and not is_nothing(value)
        and not is_placeholder(value)
        and not re.search(r"[$({\[<]|\A[=/]|://", value)
    )


def _is_prose(text: str, match: re.Match[str], value: str) -> bool:
    """A colon in a sentence: "the token: see the wiki". A line that holds nothing else is a setting."""
    if match.groupdict().get("sign") != ":" or not value.rstrip(".").isalpha():
        return False
    start = text.rfind("\n", 0, match.start("name")) + 1
    line = text[start:].split("\n", 1)[0]
    return len(line.split()) > 2
