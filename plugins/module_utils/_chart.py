# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A chart as data: what a directory or an archive of it holds. Nothing is unpacked to disk.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import typing as t
import zlib
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# Helm's own limits are 100 MiB for an archive and 5 MiB for a file; HolmesGPT's chart is below 1 MiB.
_LIMIT = 100 * 1024 * 1024
_WANTED = ("Chart.yaml", "values.yaml")


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

    def facts(self) -> dict[str, str]:
        """What the module returns about the chart."""
        return {"name": self.name, "version": self.version, "app_version": self.app_version, "sha256": self.sha256}

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


Files = dict[str, bytes]


def read(path: str) -> Chart:
    """The chart at a path. Raises HolmesError if there is none, or it cannot be read."""
    if os.path.isdir(path):
        files, sha256 = _directory(path)
    elif os.path.isfile(path):
        files, sha256 = _archive(path)
    else:
        raise HolmesError(
            f"There is no chart at '{path}' on this host.",
            "Set holmes_chart_archive to a .tgz archive or a chart directory there.",
        )
    return _chart(path, files, sha256)


def _directory(path: str) -> tuple[Files, str]:
    files: Files = {}
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            full = os.path.join(folder, name)
            try:
                with open(full, "rb") as stream:
                    files[os.path.relpath(full, path).replace(os.sep, "/")] = stream.read()
            except OSError as error:
                raise HolmesError(
                    f"'{full}' of the chart cannot be read: {error.strerror}.", "Correct its permissions."
                ) from None
    lines = (f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in sorted(files.items()))
    return files, hashlib.sha256("".join(lines).encode()).hexdigest()


def _archive(path: str) -> tuple[Files, str]:
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise HolmesError(f"The chart '{path}' cannot be read: {error.strerror}.", "Correct its permissions.") from None
    return _unpack(content, path), hashlib.sha256(content).hexdigest()


def _unpack(content: bytes, name: str) -> Files:
    """Files of an archive, without the folder that all of them lie in."""
    files: Files = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for member in archive:
                inner = member.name.partition("/")[2]
                stream = archive.extractfile(member) if member.isfile() and inner else None
                total += member.size
                if total > _LIMIT:
                    raise HolmesError(f"'{name}' unpacks to more than 100 MiB, which Helm refuses.", "Is it a chart?")
                if stream:
                    files[inner] = stream.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        raise HolmesError(
            f"'{name}' is not a whole .tgz archive.",
            "Fetch the chart again, compare its sha256, or name the chart's directory.",
        ) from None
    return files


def _chart(path: str, files: Files, sha256: str) -> Chart:
    for name in _WANTED:
        if name not in files:
            raise HolmesError(
                f"'{path}' holds no {name}, so it is not a Helm chart.",
                "Set holmes_chart_archive to the archive of HolmesGPT's chart.",
            )
    meta, _ignored = _yaml_text.load_mapping(_text(files["Chart.yaml"]), f"Chart.yaml of '{path}'")
    values, _ignored = _yaml_text.load_mapping(_text(files["values.yaml"]), f"values.yaml of '{path}'")
    templates = {name: _text(content) for name, content in sorted(files.items()) if name.startswith("templates/")}
    return Chart(
        path=path,
        name=str(meta.get("name") or ""),
        version=str(meta.get("version") or ""),
        app_version=str(meta.get("appVersion") or ""),
        sha256=sha256,
        values=values,
        templates={name: text for name, text in templates.items() if not name.endswith("NOTES.txt")},
        subcharts=_subcharts(path, files, meta),
    )


def _subcharts(path: str, files: Files, meta: dict[str, t.Any]) -> dict[str, Chart]:
    """Charts below ``charts/``, packed or not, under their name and under every alias."""
    folders: dict[str, Files] = {}
    for name, content in files.items():
        parts = name.split("/")
        if parts[0] != "charts" or len(parts) < 2:
            continue
        if len(parts) == 2 and name.endswith(".tgz"):
            folders[name] = _unpack(content, f"{path}: {name}")
        elif len(parts) > 2:
            folders.setdefault(parts[1], {})["/".join(parts[2:])] = content
    charts = [_chart(f"{path}: {name}", inner, "") for name, inner in folders.items() if "Chart.yaml" in inner]
    result = {chart.name: chart for chart in charts}
    for dependency in meta.get("dependencies") or []:
        if isinstance(dependency, dict) and dependency.get("alias") and dependency.get("name") in result:
            result[str(dependency["alias"])] = result[str(dependency["name"])]
    return result


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")
