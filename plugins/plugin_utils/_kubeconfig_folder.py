# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of kubeconfigs as clusters with names and sites. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils import _kubeconfig

ENDINGS = (".yaml", ".yml", ".json", ".conf", ".config", ".kubeconfig")
_OPTION = "the option 'directory' of the inventory"
# The data in a file; None if it is no YAML.
Read = t.Callable[[str], t.Any]


@dataclass(frozen=True)
class Cluster:
    """A host of the inventory; ``site`` is the folder in which its kubeconfig lies, empty if that is the top."""

    name: str
    site: str
    path: str
    context: str
    server: str


def clusters(folder: str, every_context: bool, read: Read, ignored: tuple[str, ...] = ()) -> list[Cluster]:
    """The clusters of a folder, by their paths. Raises HolmesError for whatever would leave one out."""
    found = [one for site, path in _files(folder, ignored) for one in _clusters(site, path, every_context, read)]
    if not found:
        raise HolmesError(f"The folder '{folder}' holds no kubeconfig.", f"Put some there, or correct {_OPTION}.")
    by_name: dict[str, Cluster] = {}
    for one in found:
        other = by_name.setdefault(one.name, one)
        if other is not one:
            where = f"'{other.path}' ({other.context}) and '{one.path}' ({one.context})"
            raise HolmesError(f"Two kubeconfigs would be the host '{one.name}': {where}.", "Rename one of them.")
    return found


def _files(folder: str, ignored: tuple[str, ...], site: str = "") -> t.Iterator[tuple[str, str]]:
    """Each file with its site."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise HolmesError(f"The folder '{folder}' cannot be read: {error.strerror}.", f"Correct {_OPTION}.") from None
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith(".") or name.endswith(ignored):
            continue
        if not os.path.isdir(path):
            yield site, path
        elif site:
            message = f"'{path}' is a folder in the folder of a site; only one level makes groups."
            raise HolmesError(message, "Move its files up.")
        else:
            yield from _files(path, ignored, name)


def _clusters(site: str, path: str, every_context: bool, read: Read) -> t.Iterator[Cluster]:
    title = f"The file '{path}'"
    if not os.access(path, os.R_OK):
        raise HolmesError(f"{title} cannot be read.", "Correct its permissions, or remove a broken link.")
    config = read(path)
    names = list(_kubeconfig.contexts(config, title))
    if not every_context:
        names = names if len(names) == 1 else [_current(config, names, title)]
    base = os.path.basename(path)
    for ending in ENDINGS:
        base = base.removesuffix(ending)
    for context in names:
        name = base if len(names) == 1 else f"{base}_{context}"
        yield Cluster(name, site, path, context, _kubeconfig.server(config, context, title))


def _current(config: t.Any, names: t.Sequence[str], title: str) -> str:
    current = str(config.get("current-context") or "")
    if current in names:
        return current
    listed = ", ".join(f"'{name}'" for name in names)
    wrong = f"its current-context '{current}' is none of its contexts" if current else "it has no current-context"
    raise HolmesError(
        f"{title} holds {len(names)} contexts ({listed}), and {wrong}.",
        "Set it (kubectl config use-context NAME), or write 'contexts: all' into the inventory for a host of each.",
    )
