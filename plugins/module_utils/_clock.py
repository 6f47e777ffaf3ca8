# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: what a waiting loop needs of it, so that a test can bring its own, and a hard deadline for one call.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import threading
import time
import typing as t
from dataclasses import dataclass

T = t.TypeVar("T")


class Overdue(Exception):
    """A call did not come back before its deadline."""


@dataclass(frozen=True)
class Clock:
    """Seconds since some start, and a pause. Both can be replaced in a test."""

    now: t.Callable[[], float] = time.monotonic
    sleep: t.Callable[[float], None] = time.sleep


def within(seconds: float, call: t.Callable[[], T]) -> T:
    """The result (or exception) of ``call``; :class:`Overdue` if it takes longer than ``seconds``.

    For library calls that have no timeout of their own (opening a websocket, API discovery). The call runs in a
    daemon thread, which is left behind when it is overdue.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # handed to the caller, whatever it is
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if failed:
        raise failed[0]
    if not done:
        raise Overdue(f"no answer within {seconds:.0f} s")
    return done[0]
