# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a registry wants to be asked: its challenge, and the header that answers it. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import re
import typing as t
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull_secret import Credential

BASIC = "basic"
BEARER = "bearer"
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_TOKEN = re.compile(r"[\x21-\x7e]+\Z")


@dataclass(frozen=True)
class Challenge:
    """``WWW-Authenticate`` of a 401. ``realm`` is the URL of the token server, for ``bearer``."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def challenge(header: str) -> Challenge | None:
    """The challenge in a header, None if it is neither Basic nor Bearer."""
    scheme, _space, rest = header.strip().partition(" ")
    if scheme.lower() not in (BASIC, BEARER):
        return None
    found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
    return Challenge(scheme.lower(), found.get("realm", ""), found.get("service", ""), found.get("scope", ""))


def token_url(given: Challenge, scope: str) -> str:
    """Where to get a token; ``scope`` for a challenge that names none. ValueError for a realm that is no URL."""
    parts = urlsplit(given.realm)
    query = parse_qsl(parts.query, keep_blank_values=True)
    query += [("service", given.service)] if given.service else []
    query += [("scope", given.scope or scope)]
    return parts._replace(query=urlencode(query), fragment="").geturl()


def basic(credential: Credential) -> str:
    """The header's value for a log-in."""
    text = f"{credential.username}:{credential.password}"
    return f"Basic {base64.b64encode(text.encode('utf-8')).decode('ascii')}"


def bearer(body: t.Any) -> str:
    """The header's value for a token server's answer; empty if there is no usable token in it."""
    found = (body.get("token") or body.get("access_token")) if isinstance(body, dict) else None
    return f"Bearer {found}" if isinstance(found, str) and _TOKEN.match(found) else ""
