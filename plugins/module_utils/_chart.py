# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart as data: what a directory or an archive of it holds.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart_files
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_files import Files, Room
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_yaml import mapping, text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# Sub-charts in sub-charts; real charts have three levels.
_DEEPEST = 16
_NOT_FOR_TEMPLATES = ("Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json", "requirements.lock")


@dataclass(frozen=True)
class Dependency:
    """An entry of ``dependencies``; ``name`` is the alias, if it has one. Paths are those of Helm, with dots."""

    name: str
    conditions: tuple[str, ...] = ()
    # Pairs of a place in the sub-chart's values and the place in these where Helm copies it to.
    imports: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Chart:
    """``sha256`` is that of the archive; for a directory it is one over names and contents of its files."""

    path: str
    name: str
    version: str
    app_version: str
    sha256: str
    values: dict[str, t.Any]
    templates: dict[str, str]
    # Sub-charts by the key under which their values stand.
    subcharts: dict[str, Chart] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()
    # What templates see as .Files.
    files: dict[str, str] = field(default_factory=dict)
    is_library: bool = False

    def facts(self) -> dict[str, str]:
        """What the module returns about the chart."""
        return {"name": self.name, "version": self.version, "app_version": self.app_version, "sha256": self.sha256}

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def read(path: str) -> Chart:
    """The chart at a path. Raises HolmesError if there is none, or it cannot be read."""
    if os.path.isdir(path):
        files, sha256 = _chart_files.directory(path)
    elif os.path.isfile(path):
        files, sha256 = _chart_files.archive(path)
    else:
        raise HolmesError(
            f"There is no chart at '{path}' on this host.",
            "Set holmes_chart_archive to a .tgz archive or a chart directory there.",
        )
    return of_files(path, files, sha256)


def of_files(path: str, files: Files, sha256: str = "") -> Chart:
    """The chart in these files; ``path`` is what messages call it. Raises HolmesError if they make none."""
    return _Loader(path).chart(path, files, sha256, 0)


class _Loader:
    """Reads a chart and the charts in it."""

    def __init__(self, path: str) -> None:
        self.room = Room(path)

    def chart(self, path: str, files: Files, sha256: str, depth: int) -> Chart:
        if "Chart.yaml" not in files:
            raise HolmesError(
                f"'{path}' holds no Chart.yaml, so it is not a Helm chart.",
                "Set holmes_chart_archive to the archive of HolmesGPT's chart.",
            )
        if depth > _DEEPEST:
            raise HolmesError(f"'{path}': charts in charts, more than {_DEEPEST} levels deep.", "Is it a chart?")
        meta = mapping(files, "Chart.yaml", path)
        # Charts of apiVersion v1 have it; Helm takes it from any chart.
        meta = {**meta, **mapping(files, "requirements.yaml", path)}
        entries = [entry for entry in _items(meta.get("dependencies")) if isinstance(entry, dict)]
        return Chart(
            path=path,
            name=str(meta.get("name") or ""),
            version=str(meta.get("version") or ""),
            app_version=str(meta.get("appVersion") or ""),
            sha256=sha256,
            values=mapping(files, "values.yaml", path),
            templates={name: text(files[name]) for name in sorted(files) if name.startswith("templates/")},
            subcharts=self._subcharts(path, files, entries, depth),
            dependencies=tuple(map(_dependency, entries)),
            files={name: text(content) for name, content in files.items() if _is_file(name)},
            is_library=meta.get("type") == "library",
        )

    def _subcharts(self, path: str, files: Files, entries: list[dict[t.Any, t.Any]], depth: int) -> dict[str, Chart]:
        """Charts below ``charts/``, packed or not. A dependency names them, maybe otherwise or more than once."""
        folders: dict[str, Files] = {}
        for name, content in files.items():
            parts = name.split("/", 2)
            if parts[0] != "charts" or len(parts) < 2 or parts[1][:1] in ("_", "."):
                continue
            if len(parts) == 2 and name.endswith(".tgz"):
                folders[name] = _chart_files.unpacked(content, f"{path}: {name}", self.room)
            elif len(parts) > 2:
                folders.setdefault(f"charts/{parts[1]}", {})[parts[2]] = content
        charts = [
            self.chart(f"{path}: {name}", inner, "", depth + 1)
            for name, inner in sorted(folders.items())
            if "Chart.yaml" in inner
        ]
        listed = {str(entry.get("name")) for entry in entries}
        found = {chart.name: chart for chart in charts}
        result = {name: chart for name, chart in found.items() if name not in listed}
        for entry in entries:
            name = str(entry.get("name"))
            if name in found:
                result[_dependency(entry).name] = found[name]
        return result


def _dependency(entry: dict[t.Any, t.Any]) -> Dependency:
    conditions = [part.strip() for part in str(entry.get("condition") or "").split(",")]
    imports = []
    for wanted in _items(entry.get("import-values")):
        if isinstance(wanted, dict):
            imports.append((str(wanted.get("child")), str(wanted.get("parent"))))
        else:
            imports.append((f"exports.{wanted}", "."))
    name = str(entry.get("alias") or entry.get("name"))
    return Dependency(name, tuple(part for part in conditions if part), tuple(imports))


def _is_file(name: str) -> bool:
    return name not in _NOT_FOR_TEMPLATES and not name.startswith(("templates/", "charts/"))


def _items(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else []
