# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of HolmesGPT's HTTP contract that both doubles of its server share.

DOUBLE: this is not HolmesGPT's server.py. Facts: answers recorded from HolmesGPT 0.45.0. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

DEFAULT_BLOCKED_HEADERS = "authorization,cookie,set-cookie"
UNAUTHORIZED: dict[str, str] = {"detail": "Invalid or missing API key"}
NOT_FOUND: dict[str, str] = {"detail": "Not Found"}

_FOLLOW_UPS = (
    ("logs", "Logs", "Fetching relevant logs...", "Show the logs that matter here"),
    ("graphs", "Graphs", "Drawing some graphs...", "Show the graphs that matter here, drawn from prometheus"),
    ("articles", "Articles", "Looking up runbooks and links...", "List the runbooks and links that were used"),
)


def passed_headers(headers: Iterable[tuple[str, str]], blocked: str | None) -> dict[str, str]:
    """The request headers that tools get to see, names in lower case.

    `blocked` is the text of HOLMES_PASSTHROUGH_BLOCKED_HEADERS (comma list), None when it is not set.
    """
    text = DEFAULT_BLOCKED_HEADERS if blocked is None else blocked
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    return {name.lower(): value for name, value in headers if name.lower() not in names}


def follow_ups(history: Sequence[Mapping[str, Any]] | None) -> list[dict[str, str]]:
    """The actions offered with the first answer of a conversation; none once the assistant has spoken."""
    if any(message["role"] == "assistant" for message in history or ()):
        return []
    keys = ("id", "action_label", "pre_action_notification_text", "prompt")
    return [dict(zip(keys, texts, strict=True)) for texts in _FOLLOW_UPS]


def model_body(models: Sequence[str]) -> dict[str, str]:
    """Body of GET /api/model. The list is JSON text inside a string, as in the real server."""
    return {"model_name": json.dumps(list(models))}


def ready_body(models: Sequence[str]) -> dict[str, Any]:
    """Body of GET /readyz. It says nothing about the model server, as in the real server."""
    return {"status": "ready", "models": list(models)}


def info_body(
    version: str, uptime: float, auth: bool, models: Sequence[str], toolsets: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Body of GET /api/info. `toolsets` are the entries of `full_info`; `uptime` is in seconds."""
    states = [entry["status"] for entry in toolsets]
    enabled, failed = states.count("enabled"), states.count("failed")
    return {
        "version": version,
        "uptime_seconds": round(uptime, 1),
        "auth_enabled": auth,
        "models": list(models),
        "toolsets_summary": {
            "total": len(states),
            "enabled": enabled,
            "failed": failed,
            "disabled": len(states) - enabled - failed,
        },
        "runbooks_count": 0,
    }


def full_info(toolsets: Sequence[Mapping[str, Any]], model_list: str, mcp_servers: Sequence[str]) -> dict[str, Any]:
    """What ?detail=full adds to /api/info.

    `toolsets` are entries of {name, enabled, status, type, error, tool_count}; None is left out.
    """
    return {
        "model_list_path": model_list,
        "toolsets": [{key: value for key, value in entry.items() if value is not None} for entry in toolsets],
        "runbooks": [],
        "mcp_servers": list(mcp_servers),
    }


def failure(error: Exception, unauthorized: type[Exception], rate_limited: type[Exception]) -> tuple[int, str]:
    """Status and `detail` of a chat that failed: only a refused key and a rate limit keep their own status."""
    message = str(getattr(error, "message", None) or error)
    if isinstance(error, unauthorized):
        return 401, message
    if isinstance(error, rate_limited):
        return 429, message
    return 500, str(error)


def tls_options(env: Mapping[str, str]) -> dict[str, str]:
    """The HOLMES_SSL_* settings as {certfile, keyfile, password?, ca_certs?}; empty means plain HTTP.

    Ends the process with a sentence when they are incomplete or name a file that cannot be read.
    """
    names = {"certfile": "CERTFILE", "keyfile": "KEYFILE", "password": "KEYFILE_PASSWORD", "ca_certs": "CA_CERTS"}
    given = {key: env[f"HOLMES_SSL_{name}"] for key, name in names.items() if env.get(f"HOLMES_SSL_{name}")}
    if not given:
        return {}
    if "certfile" not in given or "keyfile" not in given:
        raise SystemExit("TLS misconfigured: HOLMES_SSL_CERTFILE and HOLMES_SSL_KEYFILE must both be set.")
    for key in given.keys() - {"password"}:
        try:
            Path(given[key]).read_bytes()
        except OSError:
            message = f"TLS misconfigured: HOLMES_SSL_{names[key]}={given[key]!r} not found or unreadable."
            raise SystemExit(message) from None
    return given
