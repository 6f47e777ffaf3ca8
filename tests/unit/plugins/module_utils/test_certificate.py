# SPDX-License-Identifier: GPL-3.0-or-later
"""From a PEM file to the chart's value."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate as c
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.fixtures.values_world import certificate

AUTHORITY, KEY = certificate()


def test_a_file_becomes_one_line_of_base64(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(AUTHORITY)
    value = c.from_file(str(tmp_path / "ca.pem"))
    assert "\n" not in value
    assert base64.b64decode(value).decode() == AUTHORITY


def test_text_around_the_blocks_and_other_line_ends_are_left_out() -> None:
    content = f"Certificate:\n  Data: x\n{AUTHORITY}# second\n{AUTHORITY}".replace("\n", "\r\n").encode()
    assert c.pem_text(content, "x") == AUTHORITY + AUTHORITY


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (KEY.encode(), "contains a private key"),
        ((AUTHORITY + KEY).encode(), "contains a private key"),
        (x509.load_pem_x509_certificate(AUTHORITY.encode()).public_bytes(Encoding.DER), "is DER"),
        (b"", "contains no certificate"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----", "contains no certificate"),
        (b"\xff\xfe\x00", "contains no certificate"),
    ],
)
def test_files_that_are_no_authority(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(HolmesError, match=sentence) as caught:
        c.from_file(str(tmp_path / "ca.pem"))
    assert KEY.splitlines()[1] not in str(caught.value.as_result())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(HolmesError, match="cannot be read on this host: No such file"):
        c.from_file(str(tmp_path / "ca.pem"))


def test_blocks_have_the_lines_that_openssl_knows() -> None:
    other = AUTHORITY.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
    third = AUTHORITY.replace("CERTIFICATE", "X509 CERTIFICATE")
    assert c.blocks_of(AUTHORITY + other + third) == [AUTHORITY.strip()] * 3


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (c.encode(AUTHORITY), ""),
        ("\n".join([c.encode(AUTHORITY)[:76], c.encode(AUTHORITY)[76:]]), "it had several lines"),
        (c.encode(AUTHORITY) + "\n", "it had several lines"),
        (AUTHORITY, "it was PEM text instead of base64 of it"),
    ],
)
def test_repair(value: str, wrong: str) -> None:
    assert c.repaired(value) == (c.encode(AUTHORITY), wrong)


def test_no_repair_for_a_private_key() -> None:
    with pytest.raises(HolmesError, match="private key"):
        c.repaired(KEY)
