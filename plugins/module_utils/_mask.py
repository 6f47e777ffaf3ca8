# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hiding credentials in text that somebody else wrote.

Private to this collection: it may change in any release. Imports nothing: the control node needs it in every run.
"""

from __future__ import annotations

import re
import typing as t

_HIDDEN = "***"
_SECRETS: list[tuple[t.Pattern[str], str]] = [
    (re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"), r"\1" + _HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), _HIDDEN),
    (re.compile(r"\bsk-[A-Za-z0-9_*-]{4,}"), "sk-" + _HIDDEN),
    (re.compile(r"(?i)(api key provided:\s*)\S+"), r"\1" + _HIDDEN),
    (
        re.compile(
            r"(?i)((?:api[_-]?key|apikey|access[_-]?token|token|password|passwd|client[_-]?secret|authorization)"
            r"[\"']?\s*[:=]\s*[\"']?)(?!\*\*\*)[^\s\"',;})]+"
        ),
        r"\1" + _HIDDEN,
    ),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), r"\1" + _HIDDEN + "@"),
]
# A known secret shorter than this would blank out ordinary words ("none").
_SHORTEST = 6


def mask(text: str, secrets: t.Iterable[str] = ()) -> str:
    """With everything that looks like a credential, and every one of ``secrets``, replaced by ``***``."""
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST:
            text = text.replace(secret, _HIDDEN)
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
