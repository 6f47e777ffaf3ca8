# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long certificates hold, as rows, and the check over all of them.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import base64
import ssl
import typing as t
from datetime import datetime, timedelta

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate_details as details
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _tls_check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import blocks_of, pem_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Reader, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import (
    CERTIFICATES,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_certificate import authorities, ends_soon
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_probe import Seen
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, get

BUNDLE = "the variable CERTIFICATE"
_FIXES = {
    "the API server": "Renew it the way the cluster was set up (by kubeadm: kubeadm certs renew), before it ends.",
    "HolmesGPT": "Renew it in the Secret of holmes_server_tls (or at holmes_verify_url), and run site.yml.",
    BUNDLE: "Put the authority's successor beside it into holmes_ca_file, and run site.yml.",
}
_OTHER = "Have a new one issued to the server that shows it; put a new authority into holmes_ca_file."


class Unusable(HolmesError):
    """The pod's CERTIFICATE brings no authority, and why."""


class Row(t.NamedTuple):
    """``what`` has it; ``subject`` is its name; ``end`` and ``start`` (None: not known) in UTC."""

    what: str
    subject: str
    end: datetime
    start: datetime | None = None

    def days(self, now: datetime) -> int:
        return (self.end - now).days


def of_server(seen: Seen, trust: Trust, what: str) -> list[Row]:
    """The server's own and its authorities, as far as they are known; raises HolmesError if there is none to read."""
    if not seen.sent:
        raise HolmesError(f"it cannot be read ({seen.text})")
    return [Row(what, one.called, one.end, one.start) for one in _tls_check.chain_of(seen, trust)]


def of_bundle(reader: Reader, namespace: str, values: Values) -> list[Row]:
    """Those in the pod's CERTIFICATE, base64 of PEM, literal or from a Secret. Raises HolmesError and Unusable."""
    text = _bundle_text(reader, namespace, env_entry(values, "CERTIFICATE") or {})
    return [row for block in blocks_of(_pem(text)) for row in _of_block(block)] if text else []


def _bundle_text(reader: Reader, namespace: str, entry: t.Mapping[str, t.Any]) -> str:
    source = get(entry, ("valueFrom", "secretKeyRef"))
    if not source:
        return str(entry.get("value") or "")
    data = reader.get(path_of(CORE, "secrets", namespace, str(source.get("name")))).get("data") or {}
    return base64.b64decode(str(data.get(source.get("key")) or "")).decode("utf-8", "replace")


def _pem(text: str) -> str:
    """Decoded as HolmesGPT does it: what is no base64 is passed over, so that PEM text may become any bytes."""
    if "-----BEGIN" in text:
        raise Unusable("it is PEM text and not base64 of it")
    try:
        content = base64.b64decode(text)
    except ValueError:
        raise Unusable("it is no base64 text") from None
    try:
        return pem_text(content, "it")
    except HolmesError as error:
        if b"PRIVATE KEY" in content:
            raise
        raise Unusable(error.msg.rstrip(".")) from None


def _of_block(block: str) -> list[Row]:
    """Python tells only the end of authorities, the library cryptography that of others, too."""
    try:
        found = authorities(block)
    except ssl.SSLError:
        raise Unusable("it holds a certificate that cannot be parsed") from None
    if found:
        return [Row(BUNDLE, one.called, one.end, one.start) for one in found]
    other = details.read(block)
    if other is None:
        raise HolmesError("it holds a certificate that is no authority, whose end only the library cryptography tells")
    return [Row(BUNDLE, other.subject, other.end)]


def judge(rows: t.Sequence[Row], unseen: t.Mapping[str, str], now: datetime, unusable: str = "") -> Check:
    """``unseen``: whose certificates were not seen, and why. ``unusable``: why those in the pod are none."""
    rows = sorted(dict.fromkeys(rows), key=lambda row: row.end)
    told = [
        {"what": row.what, "subject": row.subject, "until": f"{row.end:%Y-%m-%d}", "days": row.days(now)}
        for row in rows
    ]
    evidence: dict[str, t.Any] = {"certificates": told, "unseen": dict(unseen)}
    if unusable:
        message = f"The pod's variable CERTIFICATE brings HolmesGPT no authority of the site: {unusable}."
        fix = (
            "Name the authority's PEM file in holmes_ca_file and run site.yml; the value 'certificate' is base64 of it."
        )
        return failed(CERTIFICATES, message, fix, **evidence)
    bad = [row for row in rows if ends_soon(row.start, row.end, now)]
    if bad:
        message = "; ".join(_sentence(row, now) for row in bad[:4])
        fix = " ".join(dict.fromkeys(_FIXES.get(row.what, _OTHER) for row in bad))
        say = failed if bad[0].end - now < timedelta(0) else warned
        return say(CERTIFICATES, f"{message}.", fix, **evidence)
    if unseen:
        whys = "; ".join(f"{what}: {why}" for what, why in unseen.items())
        message = f"{_first(rows, now)} Not everything could be looked at: {whys}."
        fix = "See the checks of these servers, and the rights that docs/checks/live.md lists."
        return unchecked(CERTIFICATES, message, fix, **evidence)
    return passed(CERTIFICATES, _first(rows, now), **evidence)


def _first(rows: t.Sequence[Row], now: datetime) -> str:
    if not rows:
        return "No certificate was found to look at: nothing here speaks TLS."
    row = rows[0]
    return (
        f"{len(rows)} certificates; the first to end is '{row.subject}' of {row.what}, on {row.end:%Y-%m-%d}, in "
        f"{row.days(now)} days."
    )


def _sentence(row: Row, now: datetime) -> str:
    if row.end < now:
        return f"The certificate '{row.subject}' of {row.what} expired on {row.end:%Y-%m-%d}"
    days = row.days(now)
    ends = f"ends on {row.end:%Y-%m-%d}, in {days} {'day' if days == 1 else 'days'}"
    return f"The certificate '{row.subject}' of {row.what} {ends}"
