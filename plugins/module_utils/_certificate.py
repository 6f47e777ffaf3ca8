# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a private authority: from a PEM file to the chart's ``certificate`` value.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The chart wants base64 of the PEM text on one line: several lines break the render, and with PEM instead of base64 the
server dies at start (facts: real run, 11). Whether the certificates are of use is judged in ``_certificate_use``.
"""

from __future__ import annotations

import base64
import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")


def from_file(path: str) -> str:
    """The ``certificate`` value for a PEM file. Raises HolmesError if the file cannot be it."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise HolmesError(
            f"holmes_ca_file '{path}' cannot be read on this host: {error.strerror}.",
            "Correct the path or its permissions.",
        ) from None
    return encode(pem_text(content, f"holmes_ca_file '{path}'"))


def pem_text(content: bytes, name: str) -> str:
    """The certificates of a PEM file, without text around them."""
    if content[:1] == b"\x30":
        raise HolmesError(
            f"{name} is DER, a binary form.", "Convert it: openssl x509 -inform der -in FILE -out FILE.pem"
        )
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    blocks = [(match.group(1), match.group(0)) for match in _BLOCK.finditer(text)]
    if any("PRIVATE KEY" in kind for kind, _block in blocks):
        raise HolmesError(
            f"{name} contains a private key, which must not leave its place.",
            "Name a file that holds certificates only.",
        )
    found = [block for kind, block in blocks if kind in _CERTIFICATE]
    if not found:
        raise HolmesError(
            f"{name} contains no certificate in PEM form.", "It must have lines '-----BEGIN CERTIFICATE-----'."
        )
    return "\n".join(found) + "\n"


def blocks_of(pem: str) -> list[str]:
    """The certificates one by one, each with its first and last line as OpenSSL knows them."""
    found = [match.group(0) for match in _BLOCK.finditer(pem)]
    return [re.sub(r"(?:X509|TRUSTED) CERTIFICATE", "CERTIFICATE", block) for block in found]


def encode(pem: str) -> str:
    """Base64 on one line, as the chart's ``certificate`` wants it."""
    return base64.b64encode(pem.encode("utf-8")).decode("ascii")


def repaired(value: str) -> tuple[str, str]:
    """A usable ``certificate`` and what was wrong with the given one; the text is empty if nothing was."""
    if "-----BEGIN" in value:
        return encode(
            pem_text(value.encode("utf-8"), "The value 'certificate'")
        ), "it was PEM text instead of base64 of it"
    single = "".join(value.split())
    return (single, "it had several lines") if single != value else (value, "")
