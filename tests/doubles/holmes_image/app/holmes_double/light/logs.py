# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines in the form of the real server: coloured, JSON on request, access lines in uvicorn's form (DOUBLE)."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Mapping

from .profiles import Profile

COLOURS = {"DEBUG": "\033[37m", "INFO": "\033[32m", "WARNING": "\033[33m", "ERROR": "\033[31m"}
RESET = "\033[0m"


class Coloured(logging.Formatter):
    """`DATE TIME.mmm LEVEL    text`, the whole of it in the level's colour."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        text = f"{moment}.{int(record.msecs):03d} {record.levelname:<8} {record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return f"{COLOURS.get(record.levelname, '')}{text}{RESET}"


class Json(logging.Formatter):
    """One object per line, with the keys of the real server."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        known = {"asctime": moment, "severity": record.levelname, "name": record.name, "filename": record.filename}
        return json.dumps(
            known | {"lineno": record.lineno, "funcName": record.funcName, "message": record.getMessage()}
        )


def start_logging(profile: Profile, env: Mapping[str, str]) -> None:
    """Set up the root logger and the access log from LOG_LEVEL and ENABLE_JSON_LOGS_FORMAT."""
    level = env.get("LOG_LEVEL", "INFO")
    as_json = profile.modern and env.get("ENABLE_JSON_LOGS_FORMAT", "").lower() == "true"
    if not profile.modern:
        print("setting up colored logging", flush=True)
    handler = logging.StreamHandler(sys.stdout if as_json else sys.stderr)
    handler.setFormatter(Json() if as_json else Coloured())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    access = logging.getLogger("access")
    if not as_json:
        plain = logging.StreamHandler(sys.stdout)
        plain.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(message)s"))
        access.handlers, access.propagate = [plain], False
    logging.info("logger initialized using %s log level", level)
