# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML as Helm reads it, and YAML that Helm reads back unchanged.

Private to this collection: it may change in any release. Imports nothing of Ansible.

No reader tells of a key written twice: the last one wins silently (facts: the guide with its Secret section appended).
"""

from __future__ import annotations

import contextlib
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_scalar
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# A module that needs it says so first, see _python_needs.
with contextlib.suppress(ImportError):
    import yaml

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
            return _yaml_scalar.value(node, self.name)
        if id(node) in self.open:
            raise HolmesError(
                f"{self.name}, line {_yaml_scalar.line(node)}: an alias contains itself.", "Remove the alias."
            )
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
                raise _no_key(key_node, self.name)
            if _yaml_scalar.merges(key_node):
                for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                    more = self.value(source, path)
                    inherited = {**more, **inherited} if isinstance(more, dict) else inherited
                continue
            key = _yaml_scalar.key(key_node, self.name)
            if key in result:
                self.duplicates.append(Duplicate(".".join((*path, key)), _yaml_scalar.line(key_node)))
            result[key] = self.value(value_node, (*path, key))
        return {**inherited, **result}


def dump(data: t.Any) -> str:
    """Block-style YAML, keys sorted: equal data gives equal text."""

    # With libyaml it takes a fifth of the time.
    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: t.Any) -> bool:
            return True

    def text(dumper: t.Any, value: str) -> t.Any:
        style = "|" if "\n" in value else None if _PLAIN.match(value) else '"'
        return dumper.represent_scalar(_yaml_scalar.STR, value, style=style)

    Dumper.add_representer(str, text)
    return str(yaml.dump(data, Dumper=Dumper, sort_keys=True, default_flow_style=False, allow_unicode=True, width=4096))


def _no_key(node: t.Any, name: str) -> HolmesError:
    """``x: {{ y }}`` without quotes is a mapping whose key is a mapping."""
    where = f"{name}, line {_yaml_scalar.line(node)}"
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        return HolmesError(
            f"{where}: '{{{{ … }}}}' stands there without quotes.",
            "Put it in quotes. A file with templates of helmfile or of another program has to be rendered first.",
        )
    return HolmesError(f"{where}: a key must be a single word.", "Write 'key: value'.")


def _sentence(error: t.Any, name: str) -> str:
    """The parser's complaint without what it quotes, which may be a secret."""
    problem = re.sub(r"'[^']*'|\"[^\"]*\"", "(…)", str(error.problem or "cannot be read"))
    mark = error.problem_mark or error.context_mark
    where = f", line {mark.line + 1}" if mark else ""
    return f"{name}{where}: YAML cannot be read: {problem}."
