# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a private authority: from a PEM file to the chart's ``certificate`` value, and its use.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The chart wants base64 of the PEM text on one line: several lines break the render, and with PEM instead of base64 the
server dies at start (facts: real run, 11). Parsing is OpenSSL's, through Python's ssl; what it does not tell about a
certificate that is no authority is asked of the library cryptography, if that is there.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, HolmesError

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
# The kernel refuses a single environment variable of 128 KiB or more; the pod would not start.
_LIMIT = 128 * 1024 - len("CERTIFICATE=") - 1
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Judgement:
    """What is to be said about a bundle: a status of a check, a message and a fix."""

    status: str
    message: str
    fix: str = ""


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


def judge(value: str, now: datetime | None = None) -> Judgement:
    """Judges a ``certificate`` value."""
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return Judgement(
            FAIL,
            "The value 'certificate' is not base64; the server would die at start.",
            "Set holmes_ca_file to the PEM file instead.",
        )
    if len(value) > _LIMIT:
        message = (
            f"The certificates take {len(value)} bytes, but an environment variable holds at most {_LIMIT}: the pod "
            "would not start."
        )
        return Judgement(
            FAIL, message, "Put only the authorities into holmes_ca_file that sign the model server and the proxy."
        )
    try:
        pem = pem_text(content, "The value 'certificate'")
        found = [_judge_one(match.group(0), now or datetime.now(timezone.utc)) for match in _BLOCK.finditer(pem)]
    except HolmesError as error:
        return Judgement(FAIL, error.msg, error.fix)
    return _judge_bundle(found)


def _judge_bundle(found: list[Judgement]) -> Judgement:
    """One usable authority is enough: what is of no use beside it is only a warning."""
    usable = [one.message for one in found if one.status in (PASS, WARN)]
    worst = next((one for status in (FAIL, WARN, NOT_CHECKED) for one in found if one.status == status), None)
    if worst is None:
        return Judgement(PASS, f"Authority: {'; '.join(usable)}")
    if worst.status != FAIL:
        return worst
    if usable:
        message = f"{worst.message} Usable beside it: {'; '.join(usable).rstrip('.')}."
        return Judgement(WARN, message, f"{worst.fix} If nothing needs it any more, remove it from there.")
    unknown = next((one for one in found if one.status == NOT_CHECKED), None)
    return Judgement(NOT_CHECKED, f"{worst.message} {unknown.message}", unknown.fix) if unknown else worst


def _judge_one(block: str, now: datetime) -> Judgement:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(
            cadata=block.replace("TRUSTED CERTIFICATE", "CERTIFICATE").replace("X509 CERTIFICATE", "CERTIFICATE")
        )
    except (ssl.SSLError, ValueError):
        # Worse than a useless one: OpenSSL refuses the whole file.
        raise HolmesError(
            "A certificate of the bundle cannot be parsed.",
            "Compare the file with the original: openssl x509 -in FILE -noout",
        ) from None
    authorities = context.get_ca_certs()
    if not authorities:
        return _judge_leaf(block, now)
    return _judge_dates(authorities[0], now)


def _judge_dates(found: t.Mapping[str, t.Any], now: datetime) -> Judgement:
    name = _name(found.get("subject", ()))
    start, end = _date(found["notBefore"]), _date(found["notAfter"])
    if end < now:
        return Judgement(
            FAIL, f"The authority '{name}' expired on {end:%Y-%m-%d}.", "Set holmes_ca_file to its successor."
        )
    if start > now:
        return Judgement(
            FAIL, f"The authority '{name}' is valid only from {start:%Y-%m-%d}.", "Check the clock of this host."
        )
    if end - now < SOON:
        return Judgement(
            WARN,
            f"The authority '{name}' expires on {end:%Y-%m-%d}.",
            "Add its successor to holmes_ca_file now; both may stand there.",
        )
    return Judgement(PASS, f"{name}, valid until {end:%Y-%m-%d}")


def _judge_leaf(block: str, now: datetime) -> Judgement:
    """A certificate that is no authority is of use only if it is self-signed."""
    try:
        from cryptography import x509
    except ImportError:
        message = "A certificate of the bundle is no authority; whether it is self-signed was not checked."
        fix = "Install the Python library cryptography on this host, or set holmes_ca_file to the authority."
        return Judgement(NOT_CHECKED, message, fix)
    found = x509.load_pem_x509_certificate(block.encode("ascii"))
    name = found.subject.rfc4514_string()
    if found.subject != found.issuer:
        message = f"'{name}' is a server's certificate and no authority, so it makes nothing trusted."
        return Judgement(
            FAIL, message, f"Set holmes_ca_file to the certificate of its issuer, '{found.issuer.rfc4514_string()}'."
        )
    # Without _utc before cryptography 42.
    end = getattr(found, "not_valid_after_utc", None) or found.not_valid_after.replace(tzinfo=timezone.utc)
    if end < now:
        return Judgement(FAIL, f"'{name}' expired on {end:%Y-%m-%d}.", "Set holmes_ca_file to its successor.")
    return Judgement(PASS, f"{name}, self-signed")


def _date(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), timezone.utc)


def _name(subject: t.Iterable[t.Iterable[tuple[str, str]]]) -> str:
    parts = {key: value for relative in subject for key, value in relative}
    return parts.get("commonName") or parts.get("organizationName") or "without a name"
