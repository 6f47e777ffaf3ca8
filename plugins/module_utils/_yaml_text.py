# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as Helm reads it, and YAML that Helm reads back unchanged.

Private to this collection: it may change in any release. Imports nothing of Ansible.

PyYAML differs from Helm's reader: ``12:30`` and dates are text for Helm, and so is every key. And no reader tells of a
key written twice: the last one wins silently (facts: the guide with its Secret section appended).
"""

from __future__ import annotations

import math
import re
import traceback
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import plain

try:
    import yaml
except ImportError:
    HAS_YAML = False
    YAML_TRACEBACK: str | None = traceback.format_exc()
else:
    HAS_YAML = True
    YAML_TRACEBACK = None

_STR, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
# As Helm 3.22 and 4.3 read them: "y" and "n" are truth values, 0o17 is 15, 1e3 is 1000.
_RESOLVED = (
    ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z")),
    ("tag:yaml.org,2002:bool", re.compile(r"(?:y|n|yes|no|on|off|true|false)\Z", re.IGNORECASE)),
    ("tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z")),
    ("tag:yaml.org,2002:float", re.compile(r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z")),
    (_MERGE, re.compile(r"<<\Z")),
)
# Text that every YAML reader takes for text without quotes.
_PLAIN = re.compile(r"(?![yYnN]\Z)[A-Za-z_/][A-Za-z0-9_./@:\-]*\Z")


@dataclass(frozen=True)
class Duplicate:
    """A key that stands twice in one mapping; ``line`` counts from 1 and is the second place."""

    key: str
    line: int


@dataclass(frozen=True)
class Document:
    data: t.Any
    duplicates: tuple[Duplicate, ...] = ()


def load_mapping(text: str, name: str) -> tuple[dict[str, t.Any], tuple[Duplicate, ...]]:
    """The one document of ``text``, which has to be a mapping; nothing is ``{}``. Also the keys that stand twice.

    Raises HolmesError, with ``name`` and the line but without any of the text.
    """
    documents = load_all(text, name)
    if len(documents) > 1:
        raise HolmesError(f"{name} holds {len(documents)} documents, but Helm reads only the first.", "Remove '---'.")
    document = documents[0] if documents else Document({})
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        kind = "list" if isinstance(data, list) else "single value"
        raise HolmesError(f"{name} is a {kind}, but it must be a mapping of keys.", "Write 'key: value' lines.")
    return data, document.duplicates


def load_all(text: str, name: str) -> list[Document]:
    """All documents of ``text``, for rendered manifests."""
    documents = []
    try:
        for node in yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            reader = _Reader(name)
            documents.append(Document(reader.value(node, ()), tuple(reader.duplicates)))
    except yaml.MarkedYAMLError as error:
        raise HolmesError(_sentence(error, name), "Correct the indentation or the quotes there.") from None
    except yaml.YAMLError:
        raise HolmesError(f"{name} is not text in UTF-8 that YAML could be read from.", "Save it as UTF-8.") from None
    except RecursionError:
        raise HolmesError(f"{name} is nested too deeply.", "Remove the alias that contains itself.") from None
    return documents


class _Reader:
    """Turns nodes into plain data and notes keys that stand twice."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.duplicates: list[Duplicate] = []
        self.open: list[int] = []

    def value(self, node: t.Any, path: tuple[str, ...]) -> t.Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            raise HolmesError(f"{self.name}, line {_line(node)}: an alias contains itself.", "Remove the alias.")
        self.open.append(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, str(index))) for index, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self.open.pop()

    def _mapping(self, node: t.Any, path: tuple[str, ...]) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {}
        inherited: dict[str, t.Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise HolmesError(
                    f"{self.name}, line {_line(key_node)}: a key must be a single word.", "Write 'key: value'."
                )
            if _tag(key_node) == _MERGE:
                for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                    more = self.value(source, path)
                    inherited = {**more, **inherited} if isinstance(more, dict) else inherited
                continue
            key = _key(self._scalar(key_node))
            if key in result:
                self.duplicates.append(Duplicate(".".join((*path, key)), _line(key_node)))
            result[key] = self.value(value_node, (*path, key))
        return {**inherited, **result}

    def _scalar(self, node: t.Any) -> t.Any:
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
        if tag == _STR or tag.endswith((":timestamp", ":int", ":float")):
            return text
        where = f"{self.name}, line {_line(node)}"
        raise HolmesError(f"{where}: Helm knows no such tag.", "Remove the word that starts with '!', or quote it.")


def dump(data: t.Any) -> str:
    """Block-style YAML, keys sorted: equal data gives equal text."""

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: t.Any) -> bool:
            return True

    def text(dumper: t.Any, value: str) -> t.Any:
        style = "|" if "\n" in value else None if _PLAIN.match(value) else '"'
        return dumper.represent_scalar(_STR, value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(data, Dumper=Dumper, sort_keys=True, default_flow_style=False, allow_unicode=True, width=4096))


def _tag(node: t.Any) -> str:
    """What an untagged, unquoted scalar is for Helm; else the tag that is written, or text."""
    if node.style or node.tag.startswith("!") or node.tag == "tag:yaml.org,2002:binary":
        return str(node.tag)
    found = next((tag for tag, pattern in _RESOLVED if pattern.match(node.value)), _STR)
    # PyYAML calls it text although it knows such words: the file says "!!str". Some words only Helm knows.
    helms_own = found.endswith(":float") or "o" in node.value or node.value.lower() in ("y", "n")
    return _STR if node.tag == _STR and not helms_own else found


def _integer(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[:1] == "-" else (1, text.lstrip("+"))
    octal = len(digits) > 1 and digits[0] == "0" and digits[1] not in "xXbBoO"
    return sign * (int(digits, 8) if octal else int(digits, 0))


def _key(value: t.Any) -> str:
    """Keys are text in Helm's values, whatever they look like."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _line(node: t.Any) -> int:
    return int(node.start_mark.line) + 1


def _sentence(error: t.Any, name: str) -> str:
    """The parser's complaint without what it quotes, which may be a secret."""
    problem = re.sub(r"'[^']*'|\"[^\"]*\"", "(…)", str(error.problem or "cannot be read"))
    mark = error.problem_mark or error.context_mark
    where = f", line {mark.line + 1}" if mark else ""
    return f"{name}{where}: YAML cannot be read: {problem}."
