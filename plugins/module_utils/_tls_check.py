# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a look at a server's certificate comes to, as a check. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_certificate import (
    Certificate,
    called,
    ends_soon,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import OF_TRUST, Party, fault_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_probe import Seen
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import Trust
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

API, REGISTRY, CHARTS, MODEL = "tls.api_server", "tls.registry", "tls.chart_repository", "tls.model_server"
CLOCK = "tls.clock"
IDS = {
    API: "Certificate of the API server",
    REGISTRY: "Certificate of the image registry",
    CHARTS: "Certificate of the chart repository",
    MODEL: "Certificate of the model server",
    CLOCK: "Clocks agree",
}
check = Voice(IDS).say


def judge(check_id: str, seen: Seen, party: Party, trust: Trust, now: datetime, **more: t.Any) -> Check:
    """A check about one server; ``more`` is further evidence."""
    evidence = {**evidence_of(seen, trust, now), "host": party.host, **more}
    fault = fault_of(seen, party, trust, now)
    if fault is not None:
        if trust.doubt and fault.kind in OF_TRUST:
            return check(check_id, NOT_CHECKED, f"{fault.message} But {trust.doubt}.", fault.fix, **evidence)
        return check(check_id, FAIL, fault.message, fault.fix, fault=fault.kind, **evidence)
    for place, one in enumerate(chain_of(seen, trust)):
        if ends_soon(one.start, one.end, now):
            whose = (
                f"The certificate of {party.told}" if place == 0 else f"The authority '{one.called}' of {party.told}"
            )
            days = (one.end - now).days
            message = f"{whose} expires on {one.end:%Y-%m-%d}, in {days} {'day' if days == 1 else 'days'}."
            fix = "Renew it before." if place == 0 else f"Put its successor beside it into {trust.variable} before."
            return check(check_id, WARN, message, fix, **evidence)
    own = seen.sent[0]
    message = f"{party.told[:1].upper()}{party.told[1:]} shows a certificate of '{called(own.issuer)}' for {party.host}"
    return check(check_id, PASS, f"{message}, valid until {own.end:%Y-%m-%d}.", **evidence)


def chain_of(seen: Seen, trust: Trust) -> list[Certificate]:
    """As far as it is known: the server's own, and upwards what was sent or is trusted."""
    chain = list(seen.sent[:1])
    known = {one.subject: one for one in (*trust.site, *seen.sent[1:])}
    while chain and chain[-1].issuer in known and known[chain[-1].issuer] not in chain:
        chain.append(known[chain[-1].issuer])
    return chain


def evidence_of(seen: Seen, trust: Trust, now: datetime) -> dict[str, t.Any]:
    """Whose certificate it is and how long it holds; the same for the authorities that are known."""
    told = [
        {"subject": one.called, "not_after": f"{one.end:%Y-%m-%dT%H:%M:%SZ}", "days_left": (one.end - now).days}
        for one in chain_of(seen, trust)
    ]
    if not told:
        return {}
    own = seen.sent[0]
    names = {"names": list(own.names), "issuer": called(own.issuer)}
    return {**told[0], **names, "authorities": told[1:]}
