# SPDX-License-Identifier: GPL-3.0-or-later
"""Model server doubles at the edge of the site, one for each fault: ``python -m tests.e2e.model_farm FILE``.

FILE is JSON: {name: {"faults": {…}, "settings": {…}}}. Prints {name: port} in one line and runs until its input ends.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from tests.doubles.model_server.local import running


def main() -> None:
    wanted = json.loads(Path(sys.argv[1]).read_text())
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, each in wanted.items():
            files = {
                key: Path(text) for key, text in each.get("settings", {}).items() if key in ("tls_cert", "tls_key")
            }
            settings = {"host": "0.0.0.0", **each.get("settings", {}), **files}  # noqa: S104  # within the lab's network
            double = stack.enter_context(running(**settings))
            if each.get("faults"):
                double.faults(**each["faults"])
            ports[name] = double.tls_port or double.port
        print(json.dumps(ports), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
