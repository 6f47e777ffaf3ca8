# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m model_server``: run the double until it is told to stop (SIGTERM, SIGINT)."""

from __future__ import annotations

import os
import signal
import sys
import threading

from .app import App
from .settings import SettingsError, parse


def main(arguments: list[str]) -> int:
    """Run; 0 after a signal, 2 with one sentence for settings that cannot work."""
    try:
        settings = parse(arguments, os.environ)
        app = App(settings)
    except SettingsError as error:
        print(f"model_server: {error}", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # as process 1 of a container it would get neither by default
        signal.signal(number, lambda *_: stop.set())
    app.start(verbose=True)
    tls = f", https port {app.tls.server_port}" if app.tls else ""
    where = f"http port {app.plain.server_port}{tls}, admin port {app.admin.server_port}"
    print(f"model_server double (no real model): {settings.model}, {where}", flush=True)
    stop.wait()
    app.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
