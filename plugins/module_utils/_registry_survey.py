# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking one registry for all images that come from it, with the log-ins of the pods.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Entry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_error import (
    DENIED,
    WRONG_LOGIN,
    RegistryError,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_manifest import Image
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_secrets import Pull
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_shared import SharedRegistry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import ASKED_BY

Fault = t.Union[Unreachable, RegistryError]


@dataclass(frozen=True)
class Result:
    """What came of an image, or the fault. ``pulls``: the pods that take it with the same log-ins; never empty."""

    pulls: tuple[Pull, ...]
    image: Image | None = None
    fault: Fault | None = None
    # The log-in that was tried last.
    used: Entry | None = None

    @property
    def name(self) -> str:
        return self.pulls[0].image

    @property
    def owners(self) -> str:
        return ", ".join(dict.fromkeys(pull.owner for pull in self.pulls))

    @property
    def kind(self) -> str:
        """Of the fault, empty without one."""
        return self.fault.kind if self.fault else ""


@dataclass(frozen=True)
class Survey:
    """All about one registry. ``fault``: it does not answer, so there are no results but every pull is in ``pulls``."""

    host: str
    pulls: tuple[Pull, ...]
    results: tuple[Result, ...] = ()
    fault: Fault | None = None
    plain: bool = False
    # It asked for a log-in, though perhaps an anonymous one was enough.
    challenged: bool = False
    ca_file: str = ""
    # Whether the authority was given for the registry itself.
    told: bool = False
    # Names of the Secrets that this run makes.
    ours: frozenset[str] = frozenset()
    # Another host of this run, if that has asked.
    asked_by: str = ""

    @property
    def evidence(self) -> dict[str, str]:
        """What every check about the registry itself has."""
        return {"endpoint": self.host, **({ASKED_BY: self.asked_by} if self.asked_by else {})}


def survey(host: str, pulls: t.Sequence[Pull], context: Context) -> Survey:
    """Ask a registry; raises HolmesError for an unusable holmes_registry_ca_file."""
    ca_file = context.registry_ca_file or context.ca_file
    registry = SharedRegistry(host, ca_file, context.timeout, context.shared)
    found = Survey(
        host, tuple(pulls), ca_file=ca_file, told=bool(context.registry_ca_file), ours=frozenset(context.secrets)
    )
    try:
        registry.ping()
    except (Unreachable, RegistryError) as error:
        return replace(found, fault=error, asked_by=registry.asked_by)
    results = tuple(_results(registry, _grouped(pulls)))
    found = replace(found, results=results, plain=registry.plain, challenged=registry.challenged)
    return replace(found, asked_by=registry.asked_by)


def _grouped(pulls: t.Sequence[Pull]) -> list[tuple[Pull, ...]]:
    """Pulls of one image with the same log-ins together."""
    found: dict[tuple[str, tuple[Entry, ...]], list[Pull]] = {}
    for pull in pulls:
        found.setdefault((pull.image, pull.logins), []).append(pull)
    return [tuple(group) for group in found.values()]


def _results(registry: SharedRegistry, groups: t.Iterable[tuple[Pull, ...]]) -> t.Iterator[Result]:
    """One result a group. A registry that falls silent is not asked again: each time would cost its timeout."""
    silent: Unreachable | None = None
    for group in groups:
        if silent:
            yield Result(group, fault=silent)
            continue
        found = _ask(registry, group)
        silent = found.fault if isinstance(found.fault, Unreachable) else None
        yield found


def _ask(registry: SharedRegistry, group: tuple[Pull, ...]) -> Result:
    """As the kubelet: one log-in after the other, until one is good; without any, nobody logs in."""
    result = Result(group)
    for entry in group[0].logins or (None,):
        try:
            image = registry.image(group[0].reference, entry.credential if entry else None)
            return Result(group, image=image, used=entry)
        except (Unreachable, RegistryError) as error:
            result = Result(group, fault=error, used=entry)
            if result.kind not in (WRONG_LOGIN, DENIED):
                return result
    return result
