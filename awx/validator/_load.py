# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads settings and objects. What cannot be read is one finding, and the rest goes on."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml

from ._kinds import KINDS
from ._world import Entry, Finding, Template, Unsafe

SETTINGS = "settings.yml"
_SETTING = re.compile(r"\{\{ *(holmes_awx_\w+) *\}\}")
_DEFAULTS = "holmes_awx_job_template_defaults"


class _Loader(yaml.SafeLoader):
    """Knows ``!unsafe``, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[t.Hashable, t.Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            text = str(key.value)
            if text in seen and text != "<<":
                raise yaml.YAMLError(f"the key '{text}' stands twice, in line {key.start_mark.line + 1}")
            seen.add(text)
        return super().construct_mapping(node, deep)


def _unsafe(_loader: _Loader, node: yaml.Node) -> t.Any:
    # Ansible takes the mark on a mapping as well; awx.awx then stores an empty one, so the rules have to see it.
    if isinstance(node, yaml.ScalarNode):
        return Unsafe(node.value)
    return Unsafe("")


_Loader.add_constructor("!unsafe", _unsafe)


class Loaded:
    """Collects objects and findings while files are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []
        self.settings = self._read(folder / SETTINGS)
        defaults: dict[str, t.Any] = {}
        for path in sorted((folder / "objects").glob("*.yml")):
            content = self._read(path)
            defaults.update(content.pop(_DEFAULTS, None) or {})
            for name, objects in content.items():
                self._take(path, name, objects, defaults)

    def _read(self, path: Path) -> dict[str, t.Any]:
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # a SafeLoader
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self._wrong(path, f"it cannot be read: {_one_line(error)}.", "Mend the file.")
            return {}
        if isinstance(content, dict):
            return content
        self._wrong(path, "it is no mapping.", "Write NAME: followed by a list of objects.")
        return {}

    def _wrong(self, path: Path, problem: str, fix: str) -> None:
        self.findings.append(Finding(self._file(path), "the file", problem, fix))

    def _file(self, path: Path) -> str:
        return f"{self.folder.name}/{path.relative_to(self.folder)}"

    def _take(self, path: Path, name: str, objects: t.Any, defaults: dict[str, t.Any]) -> None:
        kind = str(name).removeprefix("holmes_awx_")
        if kind not in KINDS:
            known = ", ".join(f"holmes_awx_{known}" for known in KINDS)
            self._wrong(path, f"'{name}' is no kind of object.", f"Choose from {known}.")
            return
        if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
            self._wrong(path, f"'{name}' is no list of mappings.", "Begin each object with '- name:'.")
            return
        for item in objects:
            data = {**defaults, **item} if kind == "job_templates" else item
            self.entries.append(Entry(kind, self._file(path), self._filled(path, data)))

    def _filled(self, path: Path, value: t.Any) -> t.Any:
        if isinstance(value, dict):
            return {key: self._filled(path, item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(path, item) for item in value]
        if isinstance(value, Unsafe) or not isinstance(value, str) or "{{" not in value:
            return value
        for name in _SETTING.findall(value):
            if name not in self.settings:
                self._wrong(path, f"'{name}' is no setting.", f"Add it to {SETTINGS}, or name another.")
        whole = _SETTING.fullmatch(value)
        if whole:
            return self.settings.get(whole[1], "")
        filled = _SETTING.sub(lambda match: str(self.settings.get(match[1], "")), value)
        return Template(filled) if "{{" in filled else filled


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
