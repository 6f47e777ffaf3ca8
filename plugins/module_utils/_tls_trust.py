# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which authorities somebody trusts: the pods, Helm, this host.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Contexts are made plainly, without the strict mode that Python has from 3.13 on: no verdict may depend on the Python of
this host.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ssl
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import blocks_of, pem_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_certificate import Certificate, authorities
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tls import winners

# Any trusted certificate ends a chain, as in Go's programs (Helm, container runtimes). OpenSSL's X509_V_FLAG.
PARTIAL_CHAIN = 0x80000


class Trust(t.NamedTuple):
    """``name`` is who trusts, ``variable`` what an authority has to be added to, ``site`` what stands there by now.

    ``doubt``: why others may be trusted in truth; empty if that is known. ``mark`` is equal for the same authorities.
    """

    context: ssl.SSLContext
    name: str
    variable: str
    site: tuple[Certificate, ...] = ()
    doubt: str = ""
    mark: str = ""

    @property
    def same(self) -> list[str]:
        """What is equal for hosts whose judgement of a certificate is the same, to its words."""
        return [self.mark, self.name, self.variable, self.doubt]


def of_pods(values: Values) -> Trust:
    """The image's own authorities (those of certifi) and the ``certificate`` of the values (facts: CERTIFICATE)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _load_public(context)
    pem = _given(values)
    site = _load(context, pem, "The value 'certificate'", "holmes_ca_file") if pem else ()
    return Trust(context, "HolmesGPT's pods", "holmes_ca_file", site, _doubt(values), _mark("pods", pem))


def of_file(path: str, variable: str, name: str, *, system: bool = False) -> Trust:
    """A PEM file alone, or with the system's authorities; without a file these."""
    if not path:
        return of_data("", variable, name)
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        message = f"{variable} '{path}' cannot be read on this host: {error.strerror}."
        raise HolmesError(message, "Correct the path or its permissions.") from None
    return of_data(pem_text(content, f"{variable} '{path}'"), variable, name, system=system)


def of_data(data: str | bytes, variable: str, name: str, *, system: bool = False) -> Trust:
    """PEM text or DER alone, or with the system's authorities; without any these."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | PARTIAL_CHAIN)
    if system or not data:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    site = _load(context, data, variable, variable) if data else ()
    return Trust(context, name, variable, site, mark=_mark("system" if system else "", data))


def _mark(kind: str, data: str | bytes) -> str:
    content = data.encode("utf-8") if isinstance(data, str) else data
    return f"{kind} {hashlib.sha256(content).hexdigest()}"


def unverified() -> ssl.SSLContext:
    """For diagnosis only: to see which certificate is shown, and what time it is there. Nothing secret is ever sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load(context: ssl.SSLContext, data: str | bytes, told: str, variable: str) -> tuple[Certificate, ...]:
    given = "\n".join(blocks_of(data)) if isinstance(data, str) else data
    try:
        context.load_verify_locations(cadata=given)
        return authorities(given)
    except ssl.SSLError:
        message = f"{told} holds a certificate that cannot be parsed."
        raise HolmesError(message, f"Name a file with certificates in PEM form in {variable}.") from None


def _load_public(context: ssl.SSLContext) -> None:
    """Those of certifi, which comes with the Python client of Kubernetes; without it the system's."""
    try:
        import certifi

        context.load_verify_locations(cafile=certifi.where())
    except (ImportError, OSError):
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)


def _given(values: Values) -> str:
    value = values.get("certificate") or env_literal(values, "CERTIFICATE") or ""
    if not isinstance(value, str) or not value:
        return ""
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        message = "The value 'certificate' is not base64, so it is not known what the pods would trust."
        raise HolmesError(message, "Set holmes_ca_file to the PEM file instead.") from None
    return pem_text(content, "The value 'certificate'")


def _doubt(values: Values) -> str:
    if (env_literal(values, "SSL_VERIFY") or "").strip().lower() == "false":
        return "SSL_VERIFY switches verification off in the pods"
    names = winners(values)
    if env_entry(values, "CERTIFICATE") and env_literal(values, "CERTIFICATE") is None:
        names.append("CERTIFICATE from a Secret")
    return f"{' and '.join(names)} decides what the pods trust, which is not known here" if names else ""
