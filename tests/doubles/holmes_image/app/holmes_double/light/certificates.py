# SPDX-License-Identifier: GPL-3.0-or-later
"""CERTIFICATE: base64 of PEM, added to what the HTTPS client trusts (DOUBLE).

The real library appends to certifi's bundle; here it is Debian's.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from pathlib import Path

from .profiles import Profile

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
COPY = Path("/tmp/custom_ca.pem")  # noqa: S108 - the file of the real server


def add_certificate(profile: Profile, encoded: str, bundle: Path = BUNDLE, copy: Path = COPY) -> Path:
    """Returns the bundle to trust. Raises binascii.Error for text that is not base64, as the real server does.

    A bundle that cannot be written is copied; 0.16.1 does so only for PermissionError and ends on a read-only root.
    """
    if not encoded:
        return bundle
    own = base64.b64decode(encoded)
    try:
        with bundle.open("ab") as out:
            out.write(own)
    except OSError as error:
        if not (profile.read_only_root or isinstance(error, PermissionError)):
            raise
        copy.write_bytes(bundle.read_bytes() + own)
        bundle = copy
    print("added custom certificate")
    return bundle


def trust(bundle: Path, env: Mapping[str, str]) -> ssl.SSLContext:
    """What the client trusts: SSL_VERIFY, then SSL_CERT_FILE and SSL_CERT_DIR win over the bundle."""
    verify = env.get("SSL_VERIFY", "")
    if verify.lower() == "false":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if verify and Path(verify).exists():
        return ssl.create_default_context(cafile=verify)
    if env.get("SSL_CERT_FILE") or env.get("SSL_CERT_DIR"):
        return ssl.create_default_context(cafile=env.get("SSL_CERT_FILE"), capath=env.get("SSL_CERT_DIR"))
    return ssl.create_default_context(cafile=str(bundle))
