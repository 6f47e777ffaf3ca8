# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the library cryptography tells about a certificate; without it there is no answer.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

# Security level 2 of OpenSSL, which Debian and Alpine build with: fewer bits or these hashes are refused.
_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}
_WEAK_HASHES = ("md5", "sha1")


class Details(t.NamedTuple):
    """Names as in RFC 4514; ``kind`` and ``bits`` are those of the key, ``digest`` that of the signature."""

    subject: str
    issuer: str
    end: datetime
    kind: str
    bits: int
    digest: str


def read(block: str) -> Details | None:
    """None if the library is missing or knows less than OpenSSL."""
    try:
        from cryptography import x509
        from cryptography.exceptions import UnsupportedAlgorithm
    except ImportError:
        return None
    try:
        found = x509.load_pem_x509_certificate(block.encode("ascii"))
        key = found.public_key()
        digest = found.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    # Without _utc before cryptography 42.
    end = getattr(found, "not_valid_after_utc", None) or found.not_valid_after.replace(tzinfo=timezone.utc)
    kind = type(key).__name__.lstrip("_").partition("Public")[0].replace("EllipticCurve", "EC")
    names = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
    return Details(*names, end, kind, int(getattr(key, "key_size", 0)), digest.name if digest else "")


def weakness(block: str) -> str:
    """What is weak about a certificate, as a sentence without its end; empty if nothing is, or if it is not known."""
    found = read(block)
    if not found:
        return ""
    least = _BITS.get(found.kind, 0)
    if 0 < found.bits < least:
        return f"'{found.subject}' has a key of {found.bits} bits, and {least} are the least"
    # A root's own signature is not looked at.
    if found.digest in _WEAK_HASHES and found.subject != found.issuer:
        return f"'{found.subject}' is signed with {found.digest.upper()}"
    return ""
