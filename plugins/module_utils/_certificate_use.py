# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the certificates of a ``certificate`` value are of use: one by one, and as a bundle.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Parsing is OpenSSL's, through Python's ssl. It tells nothing about a certificate that is no authority, nor about keys
and signatures; that is asked of the library cryptography, if it is there.
"""

from __future__ import annotations

import base64
import binascii
import ssl
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate_details as details
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import blocks_of, pem_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, HolmesError

# The kernel refuses a single environment variable of 128 KiB or more; the pod would not start.
LIMIT = 128 * 1024 - len("CERTIFICATE=") - 1
# More than one site signs with; a whole trust store does not belong there, the server has the public authorities.
MANY = 20
SOON = timedelta(days=30)

Name = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class Judgement:
    """What is to be said about a bundle: a status of a check, a message and a fix."""

    status: str
    message: str
    fix: str = ""


class Authority(t.NamedTuple):
    """What OpenSSL tells about a certificate that may sign others."""

    subject: Name
    issuer: Name
    start: datetime
    end: datetime


class One(t.NamedTuple):
    """One certificate of the bundle: its text, what OpenSSL tells if it is an authority, and what is said about it."""

    block: str
    authority: Authority | None
    judgement: Judgement


def judge(value: str, now: datetime | None = None) -> list[Judgement]:
    """What is to be said about a ``certificate`` value: first whether it can be used, then what is odd about it."""
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        message = "The value 'certificate' is not base64; the server would die at start."
        return [Judgement(FAIL, message, "Set holmes_ca_file to the PEM file instead.")]
    if len(value) > LIMIT:
        message = (
            f"The certificates take {len(value)} bytes, but an environment variable holds at most {LIMIT}: the pod "
            "would not start."
        )
        fix = "Put only the authorities into holmes_ca_file that sign the model server and the proxy."
        return [Judgement(FAIL, message, fix)]
    try:
        blocks = blocks_of(pem_text(content, "The value 'certificate'"))
        found = [_read(block, now or datetime.now(timezone.utc)) for block in blocks]
    except HolmesError as error:
        return [Judgement(FAIL, error.msg, error.fix)]
    whole = _whole([one.judgement for one in found])
    return [whole] if whole.status == FAIL else [whole, *_odd(found, len(value))]


def _whole(found: list[Judgement]) -> Judgement:
    """One usable authority is enough: what is of no use beside it is only a warning."""
    usable = [one.message for one in found if one.status in (PASS, WARN)]
    worst = next((one for status in (FAIL, WARN, NOT_CHECKED) for one in found if one.status == status), None)
    if worst is None:
        return Judgement(PASS, f"Authority: {'; '.join(dict.fromkeys(usable))}")
    if worst.status != FAIL:
        return worst
    if usable:
        message = f"{worst.message} Usable beside it: {'; '.join(dict.fromkeys(usable)).rstrip('.')}."
        return Judgement(WARN, message, f"{worst.fix} If nothing needs it any more, remove it from there.")
    unknown = next((one for one in found if one.status == NOT_CHECKED), None)
    return Judgement(NOT_CHECKED, f"{worst.message} {unknown.message}", unknown.fix) if unknown else worst


def _odd(found: list[One], size: int) -> t.Iterator[Judgement]:
    """What can be used, but not well."""
    twice = len(found) - len({"".join(one.block.split()) for one in found})
    if twice:
        message = f"The bundle holds {twice} certificate{'s' if twice > 1 else ''} a second time."
        yield Judgement(WARN, message, "Remove the repeated ones from holmes_ca_file.")
    yield from _without_issuer([one.authority for one in found if one.authority])
    for block in dict.fromkeys(one.block for one in found):
        weak = details.weakness(block)
        if weak:
            yield Judgement(WARN, f"{weak}; OpenSSL may refuse it.", "Set holmes_ca_file to a newer authority.")
    if len(found) >= MANY:
        message = f"The bundle holds {len(found)} certificates in {size} of at most {LIMIT} bytes."
        fix = "Put only the authorities into holmes_ca_file that sign the model server and the proxy."
        yield Judgement(WARN, message, fix)


def _without_issuer(authorities: list[Authority]) -> t.Iterator[Judgement]:
    """OpenSSL follows a chain up to a root. An authority that is signed by another one is not enough for it."""
    subjects = {authority.subject for authority in authorities}
    for authority in dict.fromkeys(authorities):
        if authority.issuer not in subjects:
            name, issuer = _called(authority.subject), _called(authority.issuer)
            message = (
                f"The authority '{name}' is signed by '{issuer}', which is not in the bundle; without that root no "
                "server is trusted."
            )
            fix = f"Add the certificate of '{issuer}' to holmes_ca_file."
            yield Judgement(WARN, message, fix)


def _read(block: str, now: datetime) -> One:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=block)
    except (ssl.SSLError, ValueError):
        # Worse than a useless one: OpenSSL refuses the whole file.
        raise HolmesError(
            "A certificate of the bundle cannot be parsed.",
            "Compare the file with the original: openssl x509 -in FILE -noout",
        ) from None
    found = context.get_ca_certs()
    if not found:
        return One(block, None, _judge_other(block, now))
    authority = Authority(_name(found[0]["subject"]), _name(found[0]["issuer"]), *_dates(found[0]))
    return One(block, authority, _judge_dates(authority, now))


def _judge_dates(authority: Authority, now: datetime) -> Judgement:
    name, start, end = _called(authority.subject), authority.start, authority.end
    if end < now:
        return Judgement(
            FAIL, f"The authority '{name}' expired on {end:%Y-%m-%d}.", "Set holmes_ca_file to its successor."
        )
    if start > now:
        return Judgement(
            FAIL, f"The authority '{name}' is valid only from {start:%Y-%m-%d}.", "Check the clock of this host."
        )
    if end - now < SOON:
        fix = "Add its successor to holmes_ca_file now; both may stand there."
        return Judgement(WARN, f"The authority '{name}' expires on {end:%Y-%m-%d}.", fix)
    return Judgement(PASS, f"{name}, valid until {end:%Y-%m-%d}")


def _judge_other(block: str, now: datetime) -> Judgement:
    """A certificate that is no authority is of use only if it is self-signed."""
    found = details.read(block)
    if not found:
        message = "A certificate of the bundle is no authority; whether it is self-signed was not checked."
        fix = "Install the Python library cryptography on this host, or set holmes_ca_file to the authority."
        return Judgement(NOT_CHECKED, message, fix)
    if found.subject != found.issuer:
        message = f"'{found.subject}' is a server's certificate and no authority, so it makes nothing trusted."
        return Judgement(FAIL, message, f"Set holmes_ca_file to the certificate of its issuer, '{found.issuer}'.")
    if found.end < now:
        message = f"'{found.subject}' expired on {found.end:%Y-%m-%d}."
        return Judgement(FAIL, message, "Set holmes_ca_file to its successor.")
    return Judgement(PASS, f"{found.subject}, self-signed")


def _dates(found: t.Mapping[str, t.Any]) -> tuple[datetime, datetime]:
    seconds = (ssl.cert_time_to_seconds(found[part]) for part in ("notBefore", "notAfter"))
    start, end = (datetime.fromtimestamp(second, timezone.utc) for second in seconds)
    return start, end


def _name(given: t.Any) -> Name:
    return tuple(tuple((str(key), str(value)) for key, value in relative) for relative in given)


def _called(name: Name) -> str:
    parts = {key: value for relative in name for key, value in relative}
    return parts.get("commonName") or parts.get("organizationName") or "without a name"
