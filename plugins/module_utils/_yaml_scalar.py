# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single words of YAML as Helm reads them, given as PyYAML's nodes.

Private to this collection: it may change in any release. Imports nothing of Ansible.

PyYAML differs from Helm's reader: ``12:30`` and dates are text for Helm, and so is every key.
"""

from __future__ import annotations

import functools
import math
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import plain

STR, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
# As Helm 3.22 and 4.3 read them: "y" and "n" are truth values, 0o17 is 15, 1e3 is 1000.
_RESOLVED = (
    ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z")),
    ("tag:yaml.org,2002:bool", re.compile(r"(?:y|n|yes|no|on|off|true|false)\Z", re.IGNORECASE)),
    ("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z")),
    ("tag:yaml.org,2002:float", re.compile(r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z")),
    (_MERGE, re.compile(r"<<\Z")),
)


def value(node: t.Any, name: str) -> t.Any:
    """What a scalar node is for Helm. Raises HolmesError for a tag that Helm does not know."""
    tag, text = _tag(node), node.value
    try:
        if tag.endswith(":null"):
            return None
        if tag.endswith(":bool"):
            return text.lower() in ("y", "yes", "true", "on")
        if tag.endswith(":int"):
            return _integer(text.replace("_", ""))
        if tag.endswith(":float"):
            number = float(text.replace("_", ""))
            return plain(number) if math.isfinite(number) else text
    except ValueError:
        pass  # it only looks like a number
    if tag == STR or tag.endswith((":timestamp", ":int", ":float")):
        return text
    where = f"{name}, line {line(node)}"
    raise HolmesError(f"{where}: Helm knows no such tag.", "Remove the word that starts with '!', or quote it.")


def key(node: t.Any, name: str) -> str:
    """Keys are text in Helm's values, whatever they look like."""
    found = value(node, name)
    if isinstance(found, bool):
        return "true" if found else "false"
    return "null" if found is None else str(found)


def merges(node: t.Any) -> bool:
    """Whether a key is the merge key ``<<``."""
    return _tag(node) == _MERGE


def line(node: t.Any) -> int:
    """The node's line, counted from 1."""
    return int(node.start_mark.line) + 1


def _tag(node: t.Any) -> str:
    """What an untagged, unquoted scalar is for Helm; else the tag that is written, or text."""
    if node.style or node.tag.startswith("!") or node.tag == "tag:yaml.org,2002:binary":
        return str(node.tag)
    found = _resolved(node.value)
    # PyYAML calls it text although it knows such words: the file says "!!str". Some words only Helm knows.
    helms_own = found.endswith(":float") or "o" in node.value or node.value.lower() in ("y", "n")
    return STR if node.tag == STR and not helms_own else found


@functools.lru_cache(maxsize=1024)  # keys and values come again and again
def _resolved(text: str) -> str:
    return next((tag for tag, pattern in _RESOLVED if pattern.match(text)), STR)


def _integer(text: str) -> int:
    if len(text) > 70:
        raise ValueError  # longer than 64 bit in any base; Python takes no number of any length either
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text.lstrip("+"))
    octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xXbBoO"
    return sign * (int(digits, 8) if octal else int(digits, 0))
