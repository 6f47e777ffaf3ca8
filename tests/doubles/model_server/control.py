# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m model_server.control``: talk to the admin port, for instance through ``kubectl exec``.

    control faults                       show the faults
    control faults '{"slow": {...}}'     switch on exactly these
    control reset                        switch all off
    control requests | clear             show or forget the request log

The address is MODEL_SERVER_ADMIN, by default 127.0.0.1:8001.
"""

from __future__ import annotations

import http.client
import os
import sys

COMMANDS = {
    ("faults", 0): ("GET", "/double/faults"),
    ("faults", 1): ("PUT", "/double/faults"),
    ("reset", 0): ("DELETE", "/double/faults"),
    ("requests", 0): ("GET", "/double/requests"),
    ("clear", 0): ("DELETE", "/double/requests"),
}


def main(arguments: list[str]) -> int:
    """Print the answer; 0 when it was 200, 1 when it was not, 2 for a wrong command line."""
    command = COMMANDS.get((arguments[0] if arguments else "", len(arguments) - 1))
    if command is None:
        print("usage: control faults [JSON] | reset | requests | clear", file=sys.stderr)
        return 2
    address = os.environ.get("MODEL_SERVER_ADMIN", "127.0.0.1:8001")
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request(*command, body=arguments[1] if len(arguments) > 1 else None)
        response = connection.getresponse()
        print(response.read().decode())
    except OSError as error:
        print(f"control: no admin port answers at {address}: {error}", file=sys.stderr)
        return 1
    return 0 if response.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
