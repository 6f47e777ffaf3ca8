# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks at the same time, each with its own deadline.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import threading
import time
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError

T = t.TypeVar("T")


@dataclass(frozen=True)
class Task:
    """Something to find out. ``run`` gives its checks within ``deadline`` seconds, waiting for others included.

    If it gives none, one check with ``id`` says why. ``slow`` is what to do when the deadline passed.
    """

    id: str
    title: str
    run: t.Callable[[], t.Iterable[Check]]
    deadline: float = 20.0
    # What it means that the deadline passed.
    late: str = NOT_CHECKED
    slow: str = "Raise holmes_preflight_timeout, or look at the network in between."


class Once(t.Generic[T]):
    """A result that several tasks need: made by the first that asks, an error is raised to each of them."""

    def __init__(self, make: t.Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._results: list[T] = []
        self._error: HolmesError | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._error:
                raise self._error
            if not self._results:
                try:
                    self._results.append(self._make())
                except HolmesError as error:
                    self._error = error
                    raise
            return self._results[0]


def run_all(tasks: t.Sequence[Task]) -> list[Check]:
    """The checks of all tasks, in the order of the tasks. Takes as long as the slowest one, or its deadline."""
    found: list[list[Check]] = [[] for _task in tasks]

    def run(place: int) -> None:
        found[place] = _run(tasks[place])

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [check for checks in found for check in checks]


def _run(task: Task) -> list[Check]:
    started = time.monotonic()
    try:
        checks = within(task.deadline, lambda: list(task.run()))
    except Overdue:
        message = f"No result within {task.deadline:g} s."
        checks = [Check(task.id, task.title, task.late, message, task.slow)]
    except KubeError as error:
        fix = error.fix or "Grant this right to the account, or use another one (holmes_kubeconfig)."
        checks = [Check(task.id, task.title, NOT_CHECKED, error.msg, fix)]
    except HolmesError as error:
        checks = [Check(task.id, task.title, FAIL, error.msg, error.fix)]
    except Exception as error:  # a bug of ours must not hide what the other tasks found
        message = f"This check itself failed: {type(error).__name__}."
        checks = [Check(task.id, task.title, NOT_CHECKED, message, "Please report it with the versions in use.")]
    if checks and not any(check.seconds for check in checks):
        # What a task took is told once, so that all seconds add up.
        checks[0] = replace(checks[0], seconds=round(time.monotonic() - started, 3))
    return checks
