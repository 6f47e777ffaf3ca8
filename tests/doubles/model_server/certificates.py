# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLS certificates of the double, by name: ``good`` and the bad ones of a directory (NAME.crt with NAME.key).

Each new connection gets the context of the certificate that is to be shown at that moment, so a fault works at once
and without regard to SNI.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from .faults import GOOD
from .settings import Settings, SettingsError


def load(settings: Settings) -> dict[str, ssl.SSLContext]:
    """All contexts by name; empty without a TLS port. Raises SettingsError naming the file."""
    if settings.tls_port is None or settings.tls_cert is None or settings.tls_key is None:
        return {}
    contexts = {GOOD: _context(settings.tls_cert, settings.tls_key)}
    for certificate in sorted(settings.bad_cert_dir.glob("*.crt")) if settings.bad_cert_dir else []:
        if certificate.stem == GOOD:
            raise SettingsError(f"{certificate}: the name {GOOD!r} is taken by --tls-cert.")
        contexts[certificate.stem] = _context(certificate, certificate.with_suffix(".key"))
    return contexts


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or error
        raise SettingsError(f"The certificate {certificate} with the key {key} cannot be used: {reason}.") from None
    return context
