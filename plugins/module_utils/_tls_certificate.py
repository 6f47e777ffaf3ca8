# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Python's ssl tells about a certificate, as a shape of our own.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import typing as t
from datetime import datetime, timedelta, timezone

Name = tuple[tuple[str, str], ...]

SOON = timedelta(days=30)


class Certificate(t.NamedTuple):
    """``names`` are the DNS names and addresses it is made for; ``start`` and ``end`` are in UTC."""

    subject: Name
    issuer: Name
    names: tuple[str, ...]
    start: datetime
    end: datetime

    @property
    def called(self) -> str:
        """Its subject in a message."""
        return called(self.subject)

    @property
    def self_signed(self) -> bool:
        return self.subject == self.issuer


def of(found: t.Mapping[str, t.Any]) -> Certificate:
    """From the mapping of ``SSLSocket.getpeercert`` and ``SSLContext.get_ca_certs``."""
    start, end = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(found[part]), timezone.utc)
        for part in ("notBefore", "notAfter")
    )
    names = tuple(str(text) for kind, text in found.get("subjectAltName", ()) if kind in ("DNS", "IP Address"))
    return Certificate(_name(found["subject"]), _name(found["issuer"]), names, start, end)


def ends_soon(start: datetime | None, end: datetime, now: datetime) -> bool:
    """Whether less is left than 30 days, and less than a third of its life: one of a day is renewed every day.

    ``start`` is None if it is not known.
    """
    return end - now < (min(SOON, (end - start) / 3) if start else SOON)


def called(name: Name) -> str:
    """A name in a message: its common name, else its organisation."""
    parts = dict(name)
    return parts.get("commonName") or parts.get("organizationName") or "without a name"


def authorities(data: str | bytes) -> tuple[Certificate, ...]:
    """The authorities among PEM or DER certificates; raises ssl.SSLError for what is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=data)
    return tuple(of(found) for found in context.get_ca_certs())


def _name(given: t.Any) -> Name:
    return tuple((str(key), str(value)) for relative in given for key, value in relative)
