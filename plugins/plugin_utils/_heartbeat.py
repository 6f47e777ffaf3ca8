# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sign of life while a module runs. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import threading
import time
import typing as t

EVERY = 20.0


class Heartbeat:
    """Calls ``tell`` with the seconds so far, every 20 s until the block is left."""

    def __init__(self, tell: t.Callable[[int], None], every: float = EVERY) -> None:
        self._tell = tell
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        started = time.monotonic()
        while not self._over.wait(self._every):
            self._tell(int(time.monotonic() - started))
