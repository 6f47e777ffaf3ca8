# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many small requests at the same time, a few of them at once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import threading
import typing as t

K = t.TypeVar("K")
V = t.TypeVar("V")
WORKERS = 8


def many(call: t.Callable[[K], V], things: t.Sequence[K], workers: int = WORKERS) -> list[V]:
    """``call`` for each thing, a few at a time; results in the order of the things. The first error ends it."""
    results: dict[int, V] = {}
    failed: list[Exception] = []
    queue, lock = iter(enumerate(things)), threading.Lock()

    def work() -> None:
        while not failed:
            with lock:
                place, thing = next(queue, (-1, None))
            if place < 0:
                return
            try:
                results[place] = call(t.cast(K, thing))
            except Exception as error:  # handed to the caller, whatever it is
                failed.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _number in range(min(workers, len(things)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [results[place] for place in range(len(things))]
