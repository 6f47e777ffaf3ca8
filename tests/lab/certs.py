# SPDX-License-Identifier: GPL-3.0-or-later
"""The Site CA and the certificates it signs, by openssl."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from pathlib import Path

from .errors import LabError

DAYS = "3650"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]


def _openssl(arguments: list[str], what: str) -> None:
    # openssl opens key files for their owner only
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise LabError(f"{what} cannot be made: {(done.stderr.strip() or 'no message').splitlines()[-1]}")


def alternative_names(names: list[str]) -> str:
    """The value of subjectAltName: DNS names and IP addresses. Raises LabError for anything else."""
    entries = []
    for name in names:
        try:
            entries.append(f"IP:{ipaddress.ip_address(name)}")
        except ValueError as error:
            if not re.fullmatch(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name):
                raise LabError(f"{name!r} is neither a DNS name in lower case nor an IP address") from error
            entries.append(f"DNS:{name}")
    return ",".join(entries)


def make_ca(directory: Path) -> Path:
    """ca.key and ca.crt ("Site CA") in the directory, if they are not there yet; returns the certificate."""
    key, certificate = directory / "ca.key", directory / "ca.crt"
    if not certificate.exists():
        extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        added = [word for extension in extensions for word in ("-addext", extension)]
        part = certificate.with_suffix(".part")
        arguments = ["req", "-x509", *KEY, "-days", DAYS, "-subj", "/O=Site/CN=Site CA", *added]
        _openssl([*arguments, "-keyout", str(key), "-out", str(part)], "The Site CA")
        part.chmod(0o644)
        part.rename(certificate)
    return certificate


def make_certificate(directory: Path, name: str, names: list[str]) -> tuple[Path, Path]:
    """(NAME.crt, NAME.key): a server certificate for the given DNS names and addresses, signed by the Site CA.

    The .crt holds the certificate and the CA's. A certificate made before under this name is replaced.
    Raises LabError for a bad name or when openssl fails.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) or name == "ca":
        raise LabError(f"{name!r} cannot name a certificate: use a to z, digits, dots and dashes, and not 'ca'")
    key, certificate, part = (directory / f"{name}.{end}" for end in ("key", "crt", "part"))
    extensions = [
        f"subjectAltName={alternative_names(names or [name])}",
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth",
        "authorityKeyIdentifier=keyid",  # or strict verifiers (Python 3.13) refuse the chain
    ]
    added = [word for extension in extensions for word in ("-addext", extension)]
    signer = ["-CA", str(directory / "ca.crt"), "-CAkey", str(directory / "ca.key")]
    arguments = ["req", "-x509", *KEY, *signer, "-days", DAYS, "-subj", f"/CN={(names or [name])[0]}", *added]
    _openssl([*arguments, "-keyout", str(key), "-out", str(part)], f"The certificate {name}")
    part.write_text(part.read_text() + (directory / "ca.crt").read_text())
    part.chmod(0o644)
    part.rename(certificate)
    return certificate, key
