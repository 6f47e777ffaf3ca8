# SPDX-License-Identifier: GPL-3.0-or-later
"""Start-up of the light double: certificate, logging, models, look-ups, HTTP server (DOUBLE).

Environment of its own: HOLMES_LIGHT_VERSION (which version it plays), HOLMES_LIGHT_START_SECONDS (how long it takes
until it answers; the real 0.16.1 takes about 12 s and has no probe that shows it).
"""

from __future__ import annotations

import logging
import os
import signal
import ssl
import threading
import time
from collections.abc import Mapping
from types import FrameType

from ..contract import tls_options
from .certificates import add_certificate, trust
from .client import Client
from .http import App, Server
from .logs import start_logging
from .models import Registry
from .outside import ask_outside
from .profiles import Profile, profile
from .toolsets import Toolsets

log = logging.getLogger()
uvicorn = logging.getLogger("access")


def main() -> None:
    """Run the server until SIGTERM or SIGINT (the chart's preStop sends that one)."""
    env = os.environ
    played = profile(env.get("HOLMES_LIGHT_VERSION", "0.45.0"))
    bundle = add_certificate(played, env.get("CERTIFICATE", ""))
    start_logging(played, env)
    if played.modern:
        log.info("No config file found, loading from environment variables")
    else:
        log.info("No robusta config in /etc/robusta/config/active_playbooks.yaml")
    registry = Registry(played, env)
    client = Client(trust(bundle, env), timeout=float(env.get("LLM_REQUEST_TIMEOUT") or 600))
    toolsets = Toolsets(env)
    _say_state(played, env, toolsets)
    ask_outside(env)
    _serve(App(registry, client, toolsets, key=env.get("HOLMES_API_KEY", "").strip()), env)


def _say_state(played: Profile, env: Mapping[str, str], toolsets: Toolsets) -> None:
    if played.modern:
        if env.get("HOLMES_API_KEY", "").strip():
            log.info("API key authentication enabled (HOLMES_API_KEY is set)")
        log.info("Admin API is disabled (set ENABLE_ADMIN_API=true to enable)")
        log.info("Skipping holmes status and toolsets synchronization - not connected to Robusta platform")
        log.info("Starting periodic toolset status refresh (interval: 300 seconds)")
    else:
        log.info("Updating status of holmes")
    toolsets.show()
    if not played.modern and not env.get("CLUSTER_NAME"):
        log.error("Failed to synchronise holmes toolsets: Cluster name is missing in the configuration.")


def _serve(app: App, env: Mapping[str, str]) -> None:
    host, port = env.get("HOLMES_HOST", "0.0.0.0"), int(env.get("HOLMES_PORT", "5050"))  # noqa: S104 - in a pod
    tls = tls_options(env) if app.registry.profile.modern else {}
    if app.registry.profile.modern:
        log.info("Holmes API serving %s on %s:%s", "HTTPS" if tls else "HTTP", host, port)
    time.sleep(float(env.get("HOLMES_LIGHT_START_SECONDS") or 0))
    server = Server((host, port), app)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls["certfile"], tls["keyfile"], tls.get("password"))
        if "ca_certs" in tls:
            context.load_verify_locations(tls["ca_certs"])
            context.verify_mode = ssl.CERT_REQUIRED
        # the handshake belongs into the thread of the connection, or one silent client blocks all others
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

    def stop(*_: int | FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    # process 1 of a container has no default action for these
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    uvicorn.info("Started server process [%s]", os.getpid())
    uvicorn.info("Waiting for application startup.")
    uvicorn.info("Application startup complete.")
    uvicorn.info("Uvicorn running on %s://%s:%s (Press CTRL+C to quit)", "https" if tls else "http", host, port)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
