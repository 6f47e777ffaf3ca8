# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET at a registry or its token server, with TLS as the nodes' container runtime does it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import ssl
import typing as t
from http.client import HTTPConnection, HTTPSConnection, InvalidURL
from urllib.parse import urljoin, urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    OTHER,
    TLS,
    Answer,
    Unreachable,
    exchange,
    tls_context,
)

# What is wrong with a certificate.
EXPIRED = "expired"
EARLY = "early"
NAME = "name"
UNTRUSTED = "untrusted"
# X509_V_ERR_* of OpenSSL.
_FAULTS = {9: EARLY, 10: EXPIRED, 62: NAME, 64: NAME}
# X509_V_FLAG_PARTIAL_CHAIN of OpenSSL; the module ssl names it from Python 3.10 on.
_PARTIAL_CHAIN = 0x80000
_REDIRECTS = (301, 302, 303, 307, 308)
_FOLLOWED = 3


def context(ca_file: str) -> ssl.SSLContext:
    """The site's authorities besides those of this host; raises HolmesError for a file that is none.

    As strict as Go, in which container runtimes are written, whatever the Python: a name in the subject does not count,
    a certificate without key identifiers does, and any authority that is trusted ends a chain.
    """
    made = tls_context(ca_file)
    made.load_default_certs()
    made.hostname_checks_common_name = False
    made.verify_flags = ssl.VerifyFlags((made.verify_flags | _PARTIAL_CHAIN) & ~ssl.VERIFY_X509_STRICT)
    return made


def certificate_fault(error: Unreachable) -> str:
    """One of the words above, or empty if the certificate is not the reason."""
    cause = error.__cause__
    if error.kind != TLS or not isinstance(cause, ssl.SSLCertVerificationError):
        return ""
    return _FAULTS.get(cause.verify_code, UNTRUSTED)


def get(url: str, headers: t.Mapping[str, str], tls: ssl.SSLContext, timeout: float) -> Answer:
    """The answer; a redirect is followed on the same host only, so no header reaches another one."""
    try:
        for _count in range(_FOLLOWED):
            answer = _once(url, headers, tls, timeout)
            there = urljoin(url, answer.headers.get("location", url))
            if answer.status not in _REDIRECTS or urlsplit(there)[:2] != urlsplit(url)[:2]:
                return answer
            url = there
        return answer
    except (ValueError, InvalidURL, HolmesError):
        # Characters that no request may hold. The headers are our own, so it is the address, which a server named.
        raise Unreachable(OTHER, "its address is not usable") from None


def _once(url: str, headers: t.Mapping[str, str], tls: ssl.SSLContext, timeout: float) -> Answer:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = (
        HTTPSConnection(host, port, timeout=timeout, context=tls)
        if parts.scheme == "https"
        else HTTPConnection(host, port, timeout=timeout)
    )
    return exchange(connection, "GET", path, headers, None, timeout)
