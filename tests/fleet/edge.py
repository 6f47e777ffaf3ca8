# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers at the edge of the site: ``python -m tests.fleet.edge API_HOST API_PORT``.

A model server double, a server that takes connections and never says a word, and a way to the API server that keeps
every connection waiting. Prints their ports as JSON and runs until its input ends.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time

from tests.doubles.model_server.local import running

DELAY = 2.0


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=128)


def silent(server: socket.socket) -> None:
    kept = []
    while True:
        kept.append(server.accept())


def slow(server: socket.socket, target: tuple[str, int]) -> None:
    while True:
        client, _address = server.accept()
        threading.Thread(target=carry, args=(client, target), daemon=True).start()


def carry(client: socket.socket, target: tuple[str, int]) -> None:
    time.sleep(DELAY)
    there = socket.create_connection(target)
    threading.Thread(target=pump, args=(there, client), daemon=True).start()
    pump(client, there)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def main() -> None:
    target = (sys.argv[1], int(sys.argv[2]))
    mute, late = listening(), listening()
    threading.Thread(target=silent, args=(mute,), daemon=True).start()
    threading.Thread(target=slow, args=(late, target), daemon=True).start()
    with running(host="0.0.0.0") as double:  # noqa: S104  # within the lab's network
        ports = {"silent": mute.getsockname()[1], "slow": late.getsockname()[1]}
        print(json.dumps({**ports, "model": double.port, "admin": double.admin_port}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
