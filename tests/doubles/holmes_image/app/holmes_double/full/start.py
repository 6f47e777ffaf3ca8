# SPDX-License-Identifier: GPL-3.0-or-later
# mypy: ignore-errors
# (the library is only in the image)
"""Start-up of the full double: logging, configuration, telemetry, toolset refresh, HTTP server.

DOUBLE: everything that decides (models, toolsets, limits, telemetry) is the real library's; the order is the
original's, and the log lines are the ones recorded from HolmesGPT 0.45.0.
"""

from __future__ import annotations

import logging
import os
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

import colorlog
import sentry_sdk
import uvicorn
from holmes import get_version, is_official_release
from holmes.common import env_vars
from holmes.config import DEFAULT_CONFIG_LOCATION, Config
from holmes.core.tools import ToolsetTag
from holmes.utils.holmes_sync_toolsets import holmes_sync_toolsets_status
from holmes.utils.log import (
    JSON_LOG_DATEFMT,
    JSON_LOG_FMT,
    JSON_LOG_RENAME_FIELDS,
    EndpointFilter,
    build_json_formatter,
)

from ..contract import tls_options
from .api import build_app

log = logging.getLogger()
UVICORN_FORMAT = "%(asctime)s %(levelname)-8s %(message)s"


def start_logging() -> None:
    """Coloured lines, or JSON lines with ENABLE_JSON_LOGS_FORMAT; probes are kept out of the access log."""
    for path in ("/healthz", "/readyz"):
        logging.getLogger("uvicorn.access").addFilter(EndpointFilter(path=path))
    level = os.environ.get("LOG_LEVEL", "INFO")
    if env_vars.ENABLE_JSON_LOGS_FORMAT:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(build_json_formatter())
        logging.basicConfig(handlers=[handler], level=level, force=True)
    else:
        line = "%(log_color)s%(asctime)s.%(msecs)03d %(levelname)-8s %(message)s"
        colorlog.basicConfig(format=line, level=level, datefmt="%Y-%m-%d %H:%M:%S")
    log.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("LiteLLM").handlers = []
    log.info("logger initialized using %s log level", level)


def load_config() -> Config:
    """The library's configuration: a config.yaml if there is one, else the environment and the model list."""
    path = Path(DEFAULT_CONFIG_LOCATION)
    if path.exists() and os.environ.get("LOAD_CONFIG_FROM_ENV", "false").lower() == "false":
        log.info("Loading config from file: %s", path)
        return Config.load_from_file(path)
    log.info("No config file found, loading from environment variables")
    return Config.load_from_env()


def start_telemetry() -> None:
    """Sentry, under the same two conditions as in the original; without a route out it only shows in DNS."""
    if not (env_vars.ENABLE_TELEMETRY and env_vars.SENTRY_DSN):
        return
    if not (is_official_release() or env_vars.DEVELOPMENT_MODE):
        log.info("Skipping sentry initialization - not an official release and DEVELOPMENT_MODE not enabled")
        return
    log.info("Initializing sentry for production environment...")
    sentry_sdk.init(dsn=env_vars.SENTRY_DSN, send_default_pii=False, profiles_sample_rate=0, release=get_version())


def refresh_toolsets(config: Config) -> None:
    """Re-check the toolsets for ever, in a thread, at the library's interval (seconds; 0 or less: never)."""
    interval = env_vars.TOOLSET_STATUS_REFRESH_INTERVAL_SECONDS
    if interval <= 0:
        log.info("Periodic toolset status refresh is disabled")
        return
    log.info("Starting periodic toolset status refresh (interval: %s seconds)", interval)

    def loop() -> None:
        while True:
            time.sleep(interval)
            try:
                changes = config.refresh_tool_executor(
                    config.dal,
                    toolset_tag_filter=[ToolsetTag.CORE, ToolsetTag.CLUSTER],
                    enable_all_toolsets_possible=False,
                )
                for name, before, after in changes:
                    log.info("Toolset '%s' status changed: %s -> %s", name, before, after)
                if changes:
                    holmes_sync_toolsets_status(config.dal, config)
            except Exception:
                log.exception("Error during periodic toolset status refresh")

    threading.Thread(target=loop, daemon=True, name="toolset-refresh").start()


def server_options() -> dict[str, Any]:
    """uvicorn's arguments: address, log format, and TLS from the HOLMES_SSL_* variables."""
    formats = uvicorn.config.LOGGING_CONFIG
    for name in ("default", "access"):
        formats["formatters"][name]["fmt"] = UVICORN_FORMAT
        if env_vars.ENABLE_JSON_LOGS_FORMAT:
            formats["formatters"][name] = {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": JSON_LOG_FMT,
                "datefmt": JSON_LOG_DATEFMT,
                "rename_fields": JSON_LOG_RENAME_FIELDS,
            }
    names = {"certfile": "ssl_certfile", "keyfile": "ssl_keyfile", "password": "ssl_keyfile_password"}
    names["ca_certs"] = "ssl_ca_certs"
    tls: dict[str, Any] = {names[key]: value for key, value in tls_options(os.environ).items()}
    if "ssl_ca_certs" in tls:
        tls["ssl_cert_reqs"] = ssl.CERT_REQUIRED
    return {"host": env_vars.HOLMES_HOST, "port": env_vars.HOLMES_PORT, "log_config": formats, **tls}


def main() -> None:
    """Run the server until it is told to stop."""
    start_logging()
    config = load_config()
    start_telemetry()
    app = build_app(config)
    options = server_options()
    if not config.dal.enabled:
        log.info("Skipping holmes status and toolsets synchronization - not connected to Robusta platform")
    refresh_toolsets(config)
    scheme = "HTTPS" if "ssl_certfile" in options else "HTTP"
    log.info("Holmes API serving %s on %s:%s", scheme, options["host"], options["port"])
    uvicorn.run(app, **options)
