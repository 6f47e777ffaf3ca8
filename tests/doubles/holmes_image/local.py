# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the light double inside a test: no image, no cluster, loopback only (DOUBLE)."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.holmes_image.app.holmes_double.light.client import Client
from tests.doubles.holmes_image.app.holmes_double.light.http import App, Server
from tests.doubles.holmes_image.app.holmes_double.light.models import Registry
from tests.doubles.holmes_image.app.holmes_double.light.profiles import profile
from tests.doubles.holmes_image.app.holmes_double.light.toolsets import Toolsets

APP = Path(__file__).resolve().parent / "app"

MODEL_LIST = """\
gpt-oss-120b:
  model: openai/gpt-oss-120b
  api_base: "{{ env.VLLM_API_BASE }}"
  api_key: "{{ env.VLLM_API_KEY }}"
"""
# what the double asks kubectl for; FORBIDDEN in the environment plays an account without rights
KUBECTL = """\
#!/bin/sh
case "$FORBIDDEN $*" in
    " version --client"*|"1 version --client"*) echo "Client Version: v1.35.4" ;;
    "1 "*) echo "Error from server (Forbidden): pods is forbidden" >&2; exit 1 ;;
    *custom-columns=*) printf 'NAME                  STATUS\\nweb-6ccb88c6d-tmfdz   Running\\njob-1    Succeeded\\n' ;;
    " get "*) printf 'NAME                  READY   LABELS\\nweb-6ccb88c6d-tmfdz   1/1     app=web\\n' ;;
    *) echo "unknown command $*" >&2; exit 1 ;;
esac
"""


def write_kubectl(folder: Path) -> Path:
    """Put a kubectl that needs no cluster into a folder, for the front of PATH; returns the folder."""
    folder.mkdir(exist_ok=True)
    program = folder / "kubectl"
    program.write_text(KUBECTL)
    program.chmod(0o755)
    return folder


@contextmanager
def light_server(env: Mapping[str, str], version: str = "0.45.0", trust: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a light server in this process. `env` is all it knows of the environment; `trust` for HTTPS."""
    played = profile(version)
    client = Client(trust or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), timeout=5, pause=0)
    app = App(Registry(played, env), client, Toolsets(env), key=env.get("HOLMES_API_KEY", "").strip())
    server = Server(("127.0.0.1", 0), app)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
