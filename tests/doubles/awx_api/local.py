# SPDX-License-Identifier: GPL-3.0-or-later
"""The double in the process of a test."""

from __future__ import annotations

import contextlib
import threading
import typing as t

from .server import Double


@contextlib.contextmanager
def running(token: str) -> t.Iterator[Double]:
    """An empty AWX that listens until the end of the block."""
    with Double(token) as double:
        thread = threading.Thread(target=double.serve_forever, daemon=True)
        thread.start()
        try:
            yield double
        finally:
            double.shutdown()
            thread.join()
