# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a callback asks of Ansible's own objects, on every ansible-core from 2.16 on. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.template import Templar

ROLE = "holmesgpt.onprem.holmes"


def part_of(result: t.Any, name: str) -> t.Any:
    """A part of a result: a public property since ansible-core 2.19, before that with an underscore."""
    return getattr(result, name) if hasattr(result, name) else getattr(result, f"_{name}")


def step_of(task: t.Any) -> str:
    return str(task.get_name()).rpartition(" : ")[2]


def is_of_role(task: t.Any) -> bool:
    role = getattr(task, "_role", None)
    return role is not None and role.get_name() == ROLE


def uses_role(play: t.Any) -> bool:
    """Whether the play names the role, imports it or includes it (not from a file that is included)."""
    if any(role.get_name() == ROLE for role in play.get_roles()):
        return True
    return any(_includes_role(task) for task in play.get_tasks())


def _includes_role(task: t.Any) -> bool:
    """``task`` is a task, a block of them, or a list."""
    inner = task if isinstance(task, list) else getattr(task, "block", [])
    return getattr(task, "_role_name", "") == ROLE or any(_includes_role(one) for one in inner)


def hosts_of(play: t.Any) -> list[str]:
    """All hosts of the play, also those of other batches (serial)."""
    inventory = play.get_variable_manager()._inventory
    return [host.get_name() for host in inventory.get_hosts(play.hosts, ignore_restrictions=True)]


@dataclass
class Known:
    """Of each host, the last play with the role and its last task: variables of a role or an include hang on them."""

    play: t.Any = None
    plays: dict[str, t.Any] = field(default_factory=dict)
    tasks: dict[str, t.Any] = field(default_factory=dict)
    _task: t.Any = None

    def works(self, host: str, task: t.Any) -> None:
        """A host is at a task of the role."""
        self.tasks[host] = self._task = task

    def variables(self, host: str, names: t.Iterable[str]) -> tuple[dict[str, t.Any], dict[str, str]]:
        """The host's variables of these names, and for each that cannot be had the kind of error."""
        play, found, failed = self.plays.get(host, self.play), dict[str, t.Any](), dict[str, str]()
        # What a host that never came to the role would have been given is what the others were given.
        task = self.tasks.get(host, self._task)
        try:
            manager = play.get_variable_manager()
            variables = manager.get_vars(play=play, host=manager._inventory.get_host(host), task=task)
            templar = Templar(loader=manager._loader, variables=variables)
        except Exception as error:
            return found, dict.fromkeys(names, type(error).__name__)
        for name in names:
            try:
                if name in variables:
                    found[name] = templar.template(variables[name])
            except Exception as error:  # a variable that is not defined, a lookup: whatever a template raises
                failed[name] = type(error).__name__
        return found, failed
