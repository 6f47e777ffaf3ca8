# SPDX-License-Identifier: GPL-3.0-or-later
"""The names outside that the real server looks up at start, unless it is told not to (DOUBLE: it only asks DNS)."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

log = logging.getLogger()
COST_MAP = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"


def outside_urls(env: Mapping[str, str]) -> list[str]:
    """What would be fetched: litellm's cost map, and Sentry when telemetry is on and has an address."""
    urls = []
    if env.get("LITELLM_LOCAL_MODEL_COST_MAP", "").lower() != "true":
        urls.append(env.get("LITELLM_MODEL_COST_MAP_URL") or COST_MAP)
    if env.get("ENABLE_TELEMETRY", "").lower() == "true" and env.get("SENTRY_DSN"):
        urls.append(env["SENTRY_DSN"])
        log.info("Initializing sentry for production environment...")
    return urls


def ask_outside(env: Mapping[str, str]) -> None:
    """Look the names up, in a thread: a name server that does not answer must not delay the start."""
    urls = outside_urls(env)
    if urls:
        threading.Thread(target=_resolve, args=(urls,), daemon=True).start()


def _resolve(urls: list[str]) -> None:
    for url in urls:
        host = urlsplit(url).hostname or ""
        try:
            socket.getaddrinfo(host, 443)
        except OSError as error:
            log.warning("Failed to fetch %s: %s. Going on without it.", url.split("@")[-1], error)
