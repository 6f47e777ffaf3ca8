# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names say that a secret follows, and which only look like it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re

# What a name says about the text under it.
NO, MAYBE, NAME_OF_SECRET, YES = "no", "maybe", "name of a Secret", "yes"

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENDINGS = ("password", "passwd", "passphrase", "passcode", "pwd", "apikey", "token", "secret", "secretkey")
_EXACT = word_set("authorization credential credentials pat pass passwords dockerconfigjson dockercfg")
# Words behind the one that counts: "tokenValue", "PASSWORD_2".
_TAIL = word_set("value data text string plain plaintext b64 base64 raw json")
# "key" means many things. In front of it, these make it secret in a configuration …
_KEYS = word_set(
    "api access private signing encryption master shared account auth ssh license integration service webhook session "
    "jwt hmac deploy ingest app application admin write rest gateway"
)
# … and only these make it harmless in the name of a variable.
_PLAIN_KEYS = word_set(
    "public partition sort primary foreign routing group cache label annotation topology host object index map name "
    "config idempotency message lookup i18n"
)
# A "secret" in a configuration is usually the name of one, unless one of these stands in front.
_SECRETS = word_set(
    "client consumer app application shared api webhook signing jwt oauth oidc session cookie master user totp access "
    "auth bot"
)
_COUNTS = word_set(
    "max min limit count num number budget total output input per size length window reserve rate ttl cost eos bos pad "
    "sep unk mask stop special"
)
_PUBLIC = word_set("public checksum sha sha1 sha256 sha512 digest hash fingerprint thumbprint tokenizer")
_REFERS = word_set("existing name names ref reference")
# These hold a secret now and then: a text that looks drawn by a machine is taken for one.
_SUSPICIOUS = word_set(
    "auth authorization cookie session signature webhook jwt bearer salt seed dsn connection conn hook key keys tokens "
    "secrets oauth login sas license"
)


def words(name: str) -> list[str]:
    """The words of a name in any spelling, lower case, without those that say nothing about its content."""
    found = [word.lower() for word in _WORD.findall(name)]
    while len(found) > 1 and (found[-1] in _TAIL or found[-1].isdigit()):
        found.pop()
    return found


def says(name: str, variable: bool = False) -> str:
    """What a name says about the text under it; the name of a variable has fewer meanings than a key of values."""
    found = words(name)
    if not found or _PUBLIC.intersection(found):
        return NO
    last, before = found[-1], found[-2] if len(found) > 1 else ""
    if last in ("key", "keys"):
        return _says_key(before, variable)
    if last.endswith("token") and _COUNTS.intersection(found):
        return NO
    if last == "secret" and not variable and before:
        return YES if before in _SECRETS and "existing" not in found else NAME_OF_SECRET
    if last in _EXACT or last.endswith(_ENDINGS):
        return YES
    if _REFERS.intersection(found):
        return NO
    told = _SUSPICIOUS.intersection(found) or any(word in _EXACT or word.endswith(_ENDINGS) for word in found)
    return MAYBE if told else NO


def _says_key(before: str, variable: bool) -> str:
    if variable:
        return NO if before in _PLAIN_KEYS else YES
    return YES if before in _KEYS else MAYBE


def is_password(name: str) -> bool:
    """Whether a number under this name is a secret; anywhere else numbers are limits."""
    return any("pass" in word or word == "pwd" for word in words(name))
