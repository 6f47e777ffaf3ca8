# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Secret should hold, and how it differs from what it holds, without ever showing it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

OWNER_LABEL = "app.kubernetes.io/managed-by"
OWNER = "holmesgpt.onprem"

# Kubernetes: keys of a Secret are alphanumeric, '-', '_' or '.', at most 253 characters; data at most 1 MiB.
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
_LIMIT = 1024 * 1024

Data = dict[str, str]


def _encode(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


def opaque_data(data: t.Any, option: str = "data") -> Data:
    """Base64 data of an Opaque Secret from a mapping of key to text.

    Raises HolmesError with the key's name, never its value, for anything else.
    """
    if not isinstance(data, t.Mapping):
        raise HolmesError(
            f"'{option}' must be a mapping of key to text, but it is a {type(data).__name__}.",
            "Write it as 'openai-api-key: <text>', one line per key.",
        )
    encoded: Data = {}
    for key, value in data.items():
        if not isinstance(key, str) or not _KEY.match(key):
            raise HolmesError(
                f"The key {key!r} in '{option}' is not a legal Secret key.", "Use letters, digits, '-', '_' and '.'."
            )
        if not isinstance(value, str):
            raise HolmesError(
                f"The value of '{key}' in '{option}' must be text, but it is a {type(value).__name__}.",
                "Put it in quotes.",
            )
        if not value.strip():
            raise HolmesError(f"The value of '{key}' in '{option}' is empty.", "Give it a value or leave the key out.")
        if value != value.strip("\r\n"):
            raise HolmesError(
                f"The value of '{key}' in '{option}' starts or ends with a line break, which breaks HTTP headers.",
                "Remove it, for example with the filter 'trim'.",
            )
        encoded[key] = _encode(value)
    if sum(len(text) for text in encoded.values()) > _LIMIT:
        raise HolmesError(f"'{option}' is larger than the 1 MiB that Kubernetes allows in a Secret.", "Split it.")
    return encoded


def registry_data(registry: t.Any) -> Data:
    """Data of a kubernetes.io/dockerconfigjson Secret from ``{host, username, password}``."""
    if not isinstance(registry, t.Mapping):
        raise HolmesError("'registry' must be a mapping with host, username and password.", "See holmes_registry_host.")
    for key in ("host", "username", "password"):
        value = registry.get(key)
        if not isinstance(value, str) or not value:
            raise HolmesError(
                f"The log-in of the image registry lacks its {key}, or it is not text.",
                f"Set holmes_registry_{key}, in quotes.",
            )
    host, username, password = registry["host"], registry["username"], registry["password"]
    if "://" in host or "/" in host:
        raise HolmesError(
            f"holmes_registry_host is '{host}', but it must be a host name with an optional port.",
            "Leave out the scheme and the path, for example 'registry.example:5000'.",
        )
    entry = {"username": username, "password": password, "auth": _encode(f"{username}:{password}")}
    return {".dockerconfigjson": _encode(json.dumps({"auths": {host: entry}}, sort_keys=True))}


def is_ours(secret: t.Mapping[str, t.Any]) -> bool:
    """Whether this collection made the Secret."""
    labels = secret.get("metadata", {}).get("labels") or {}
    return bool(labels.get(OWNER_LABEL) == OWNER)


def patch_for(existing: t.Mapping[str, t.Any] | None, wanted: Data) -> dict[str, str | None]:
    """Changes to ``data``: key to new text, or to None where a key of ours is no longer wanted.

    Keys of a Secret that somebody else made are never removed.
    """
    current: t.Mapping[str, str] = (existing or {}).get("data") or {}
    changes: dict[str, str | None] = {key: text for key, text in wanted.items() if current.get(key) != text}
    if existing is not None and is_ours(existing):
        changes.update({key: None for key in current if key not in wanted})
    return changes


def merged(existing: t.Mapping[str, t.Any] | None, changes: t.Mapping[str, str | None]) -> Data:
    """``data`` after the changes."""
    result = dict((existing or {}).get("data") or {})
    for key, text in changes.items():
        if text is None:
            result.pop(key, None)
        else:
            result[key] = text
    return result


def rollout_token(uid: str, data: Data) -> str:
    """Text that changes exactly when the content does and reveals nothing of it.

    It is keyed with the Secret's uid, which only those can read who can read the Secret itself, so it cannot be
    used to try out short passwords by those who only see the pod's annotation.
    """
    text = json.dumps([uid, data], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def masked(
    existing: t.Mapping[str, t.Any] | None, changes: t.Mapping[str, str | None]
) -> tuple[dict[str, str], dict[str, str]]:
    """``before`` and ``after`` for a diff: the keys and only whether a value is another one."""
    current: t.Mapping[str, str] = (existing or {}).get("data") or {}
    before = {key: "(hidden)" for key in current}
    after = {key: "(hidden)" for key in merged(existing, changes)}
    for key, text in changes.items():
        if text is not None:
            after[key] = "(hidden, another value)" if key in current else "(hidden, added)"
    return before, after
