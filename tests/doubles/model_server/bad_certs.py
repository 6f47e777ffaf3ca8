#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the bad certificates for the double's fault ``certificate``, with openssl (3.0 or newer).

    bad_certs.py DIRECTORY --ca CA.crt --ca-key CA.key NAME...

``expired``: signed by the CA for the right names, but over. ``wrong_host``: signed by the CA, for another host.
``self_signed``: for the right names, signed by nobody a client knows. ``incomplete``: for the right names, signed by an
intermediate authority that is not sent with it. Each as NAME.crt and NAME.key (mode 0600).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
OTHER_HOST = "another-host.invalid"
# All that a strict verifier (Python 3.13) wants, so that each certificate is refused for its own fault only.
EXTENSIONS = """\
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""
AUTHORITY = """\
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


class CertificateError(RuntimeError):
    """openssl is missing or refused; the text is one sentence."""


def make(directory: Path, ca: Path, ca_key: Path, names: list[str]) -> dict[str, Path]:
    """Make all four in the directory; returns the certificates by name. Raises CertificateError."""
    directory.mkdir(parents=True, exist_ok=True)
    signer = ["-CA", str(ca), "-CAkey", str(ca_key)]
    # A negative number of days ends the validity yesterday: the one way that OpenSSL 3.0 offers without a CA database.
    plans = {
        "expired": (names, [*signer, "-days", "-1"]),
        "wrong_host": ([OTHER_HOST], [*signer, "-days", "3650"]),
        "self_signed": (names, ["-days", "3650"]),
    }
    with tempfile.TemporaryDirectory() as scratch:
        between = _make_one(Path(scratch) / "intermediate", ["Intermediate CA"], [*signer, "-days", "3650"], AUTHORITY)
        own = ["-CA", str(between), "-CAkey", str(between.with_suffix(".key")), "-days", "3650"]
        plans["incomplete"] = (names, own)
        return {name: _make_one(directory / name, *plan) for name, plan in plans.items()}


def _make_one(path: Path, names: list[str], signing: list[str], kind: str = EXTENSIONS) -> Path:
    key, certificate = path.with_suffix(".key"), path.with_suffix(".crt")
    with tempfile.TemporaryDirectory() as scratch:
        request, extensions = Path(scratch) / "request.pem", Path(scratch) / "extensions"
        extensions.write_text(
            kind + "subjectAltName=" + ",".join(f"DNS:{name}".replace(" ", "-") for name in names) + "\n"
        )
        _openssl("req", *KEY, "-subj", f"/CN={names[0]}", "-keyout", str(key), "-out", str(request))
        signer = signing if "-CA" in signing else [*signing, "-key", str(key)]
        _openssl("x509", "-req", "-in", str(request), "-extfile", str(extensions), *signer, "-out", str(certificate))
    key.chmod(0o600)
    return certificate


def _openssl(*arguments: str) -> None:
    try:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CertificateError("There is no openssl: install the package openssl.") from None
    if done.returncode:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise CertificateError(f"openssl {arguments[0]} failed: {reason}")


def main(arguments: list[str]) -> int:
    """Command line; 1 with one sentence when openssl cannot do it."""
    parser = argparse.ArgumentParser(
        description="Make an expired, a wrong-host, a self-signed and an incomplete certificate."
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--ca", type=Path, required=True, help="the CA's certificate")
    parser.add_argument("--ca-key", type=Path, required=True, help="the CA's key")
    parser.add_argument("names", nargs="+", help="DNS names that the right certificate has")
    options = parser.parse_args(arguments)
    try:
        made = make(options.directory, options.ca, options.ca_key, options.names)
    except CertificateError as error:
        print(f"bad_certs: {error}", file=sys.stderr)
        return 1
    print("\n".join(str(path) for path in made.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
