# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a certificate is refused, and what to do about it. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_certificate import Certificate, Name, called
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_probe import Seen
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust

# Kinds of Fault.
UNKNOWN, INCOMPLETE, ROOT = "unknown_authority", "incomplete_chain", "missing_root"
EXPIRED, EARLY, NAME, OTHER = "expired", "not_yet_valid", "host_mismatch", "refused"
# These depend on what is trusted; the others on the certificate alone.
OF_TRUST = (UNKNOWN, INCOMPLETE, ROOT)

# OpenSSL's X509_V_ERR_*: include/openssl/x509_vfy.h of 1.1.1 and 3.x.
_NO_ISSUER, _EARLY, _EXPIRED, _OWN, _OWN_ROOT = 2, 9, 10, 18, 19
_NO_ISSUER_HERE, _FIRST_UNKNOWN, _HOST, _ADDRESS = 20, 21, 62, 64
# Words in names of authorities that say nothing about whose they are.
_COMMON = {"authority", "certificate", "certification", "intermediate", "internal", "issuing", "root", "server", "test"}


class Party(t.NamedTuple):
    """Whose certificate it is: ``told`` in a sentence, the ``host`` asked for and the ``variable`` that names it."""

    told: str
    host: str
    variable: str


class Fault(t.NamedTuple):
    """``kind`` is one of the words above."""

    kind: str
    message: str
    fix: str


def fault_of(seen: Seen, party: Party, trust: Trust, now: datetime) -> Fault | None:
    """None for a verified certificate."""
    if not seen.code:
        return None
    if seen.code == _EXPIRED:
        return _expired(seen, party, trust, now)
    if seen.code == _EARLY:
        return _early(seen, party, now)
    if seen.code in (_HOST, _ADDRESS):
        return _other_name(seen, party)
    if seen.code in (_OWN, _OWN_ROOT, _NO_ISSUER_HERE, _FIRST_UNKNOWN):
        return _not_trusted(seen, party, trust)
    if seen.code == _NO_ISSUER:
        return _no_root(seen, party, trust)
    message = f"The certificate of {party.told} is refused: {seen.text}."
    return Fault(OTHER, message, "Have a new certificate issued to it; 'openssl x509 -text' shows what is in this one.")


def _expired(seen: Seen, party: Party, trust: Trust, now: datetime) -> Fault:
    for place, one in enumerate(seen.sent):
        if one.end < now:
            whose = (
                f"The certificate of {party.told}" if place == 0 else f"The authority '{one.called}' of {party.told}"
            )
            fix = "Renew it, and have the server load the new one." if place == 0 else "Renew it on the server."
            return Fault(EXPIRED, f"{whose} expired on {one.end:%Y-%m-%d}.", fix)
    old = next((one for one in trust.site if one.end < now), None)
    if old:
        message = f"The authority '{old.called}' in {trust.variable}, which signs {party.told}, expired on"
        return Fault(EXPIRED, f"{message} {old.end:%Y-%m-%d}.", f"Put its successor into {trust.variable}.")
    return Fault(EXPIRED, f"A certificate in the chain of {party.told} expired.", "Renew it on the server.")


def _early(seen: Seen, party: Party, now: datetime) -> Fault:
    late = next((one for one in seen.sent if one.start > now), None)
    since = f" only from {late.start:%Y-%m-%d %H:%M}" if late else " not yet"
    message = (
        f"The certificate of {party.told} is valid{since} UTC, and the clock of this host says {now:%Y-%m-%d %H:%M}."
    )
    fix = "Correct the clock that is wrong (tls.clock compares them), or have the certificate issued anew."
    return Fault(EARLY, message, fix)


def _other_name(seen: Seen, party: Party) -> Fault:
    names = ", ".join(seen.sent[0].names) if seen.sent else ""
    told = f"it is made for {names}" if names else "it names no host in subjectAltName"
    message = f"The certificate of {party.told} does not fit its name '{party.host}': {told}."
    use = f"Use one of these names in {party.variable}, or have" if names else "Have"
    return Fault(NAME, message, f"{use} it issued with the subjectAltName '{party.host}'.")


def _not_trusted(seen: Seen, party: Party, trust: Trust) -> Fault:
    own = seen.sent[0] if seen.sent else None
    if own and own.self_signed:
        message = f"The certificate of {party.told} is self-signed ('{own.called}'), and {trust.name} do not trust it."
        fix = f"Add it to {trust.variable}; better, have one issued by the site's authority."
        return Fault(UNKNOWN, message, fix)
    if seen.code == _OWN_ROOT:
        root = next((one for one in seen.sent if one.self_signed), None)
        return _unknown(party, trust, root.called if root else "at the end of its chain")
    if own is None:
        return _unknown(party, trust, "that signed it")
    last = seen.sent[-1]
    issuer = called(last.issuer)
    if len(seen.sent) > 1 or not (_is_between(last.issuer) or _related(last.issuer, trust.site)):
        return _unknown(party, trust, issuer, alone=len(seen.sent) == 1)
    trusted = ", ".join(f"'{one.called}'" for one in trust.site) or "public authorities only"
    message = (
        f"The chain of {party.told} is incomplete: the certificate of its issuer '{issuer}' is neither sent nor among "
        f"the trusted ({trusted})."
    )
    fix = (
        f"Let the server send its own certificate followed by that of '{issuer}' (vLLM: --ssl-certfile with both). "
        f"If '{issuer}' is a root of its own, add it to {trust.variable}."
    )
    return Fault(INCOMPLETE, message, fix)


def _unknown(party: Party, trust: Trust, authority: str, alone: bool = False) -> Fault:
    message = (
        f"The certificate of {party.told} is signed by the authority '{authority}', which {trust.name} do not trust."
    )
    fix = f"Add the certificate of '{authority}' to {trust.variable}."
    if alone:
        fix += f" If '{authority}' is not a root, add its root there and let the server send '{authority}' along."
    return Fault(UNKNOWN, message, fix)


def _no_root(seen: Seen, party: Party, trust: Trust) -> Fault:
    subjects = {one.subject for one in trust.site}
    lone = next((one for one in trust.site if one.issuer not in subjects), None)
    if lone is None:
        last = called(seen.sent[-1].issuer) if seen.sent else "of its chain"
        return _unknown(party, trust, last)
    root = called(lone.issuer)
    message = (
        f"The certificate of {party.told} leads to '{lone.called}' in {trust.variable}, whose own issuer '{root}' is "
        "missing there."
    )
    return Fault(ROOT, message, f"Add the certificate of '{root}' to {trust.variable}.")


def _is_between(issuer: Name) -> bool:
    """Whether an issuer says of itself that it is no root."""
    return bool(re.search(r"intermediate|issuing|subordinate|\bsub\b", called(issuer), re.IGNORECASE))


def _related(issuer: Name, site: t.Sequence[Certificate]) -> bool:
    """Whether an issuer is of the same house as a trusted authority, as an intermediate is of its root."""
    return any(_words(issuer) & _words(one.subject) for one in site)


def _words(name: Name) -> set[str]:
    """What is particular about a name."""
    kinds = ("organizationName", "domainComponent", "commonName")
    texts = [text.lower() for kind, text in name if kind in kinds]
    return {word for text in texts for word in re.findall(r"[^\W\d_]{4,}", text)} - _COMMON
