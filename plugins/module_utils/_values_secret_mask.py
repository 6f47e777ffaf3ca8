# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hiding secrets in free text, in every form in which Helm, YAML, JSON or an address may quote them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import json
import re
import typing as t
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "********"
# Shorter ones are in every word, so to hide them would only destroy the text.
SHORTEST = 4
# Of a text that has the wrong type, go-yaml quotes the beginning: "cannot unmarshal !!str `hunter2...`".
_BEGINNING = 7


def hide(text: str, secrets: t.Iterable[str]) -> str:
    """The text without the secrets, without a line of them, and without what they look like when encoded."""
    shown: list[str] = []
    end = 0
    for first, last in sorted(_places(text, tuple(secrets))):
        if last > end:
            # Two that overlap become one: no end of the second may be left over.
            shown += [text[end:first], MASK] if first > end or not shown else []
            end = last
    return "".join([*shown, text[end:]])


def _places(text: str, secrets: tuple[str, ...]) -> t.Iterator[tuple[int, int]]:
    """Beginning and end of everything that is to be hidden."""
    forms, folded = _known(secrets)
    for form in forms:
        first = text.find(form)
        while first >= 0:
            yield first, first + len(form)
            first = text.find(form, first + 1)
    for pattern in folded:
        yield from (match.span() for match in pattern.finditer(text))


# A result has hundreds of texts and the same secrets for all of them.
@lru_cache(maxsize=8)
def _known(secrets: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[re.Pattern[str], ...]]:
    forms = {form for secret in secrets for part in _parts(secret) for form in _forms(part)}
    return tuple(sorted(forms)), tuple(_folded(secret) for secret in secrets if len(secret.split()) > 1)


def _parts(secret: str) -> set[str]:
    """The secret and its lines."""
    stripped = (part.strip() for part in (secret, *secret.splitlines()))
    return {part for part in (secret, *stripped) if len(part.strip()) >= SHORTEST}


def _forms(part: str) -> t.Iterator[str]:
    yield part
    escaped = json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]
    # Helm's toJson writes these signs as Go does. JSON may stand in JSON.
    go = re.sub(r"[<>&]", lambda sign: f"\\u{ord(sign.group(0)):04x}", escaped[1])
    yield from (*escaped, go, json.dumps(escaped[0])[1:-1], json.dumps(escaped[1], ensure_ascii=False)[1:-1])
    yield from (repr(part)[1:-1], part.replace("'", "''"))
    yield from (quote(part), quote(part, safe=""), quote_plus(part))
    if len(part) > _BEGINNING + 3:
        yield f"{part[:_BEGINNING]}..."
    yield from _encoded(part)


def _encoded(part: str) -> t.Iterator[str]:
    """Base64 of the secret alone and of any text that contains it: it starts at one of three places."""
    raw = part.encode("utf-8", errors="surrogatepass")
    if len(raw) < SHORTEST + 2:
        return
    for shift, skip in ((0, 0), (1, 2), (2, 3)):
        whole = b"\0" * shift + raw
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Characters at the ends also hold bits of the neighbours.
            yield encode(whole).decode("ascii")[skip : len(whole) * 8 // 6]


def _folded(secret: str) -> re.Pattern[str]:
    """The secret with other spaces and line breaks between its words, real or written as an escape."""
    return re.compile(r"(?:\s|\\n|\\t|\\)+".join(re.escape(word) for word in secret.split()))
