# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a private authority."""

from __future__ import annotations

import base64
import builtins
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate as c
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.fixtures.values_world import certificate

AUTHORITY, KEY = certificate()
LEAF, _ = certificate("server", authority=False, issuer="Site CA")
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def test_a_file_becomes_one_line_of_base64(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(AUTHORITY)
    value = c.from_file(str(tmp_path / "ca.pem"))
    assert "\n" not in value
    assert base64.b64decode(value).decode() == AUTHORITY
    assert c.judge(value).status == "pass"


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


@pytest.mark.parametrize(
    ("pem", "status", "message"),
    [
        (AUTHORITY, "pass", "Site CA, valid until"),
        (AUTHORITY + certificate("Second CA")[0], "pass", "Second CA"),
        (certificate(days=10)[0], "warn", "expires on"),
        (certificate(days=-1)[0], "fail", "expired on"),
        (certificate(days=30, starts=10)[0], "fail", "is valid only from"),
        (AUTHORITY + certificate(days=-1)[0], "warn", "expired on"),
        (certificate(days=-1)[0] + AUTHORITY, "warn", "Usable beside it: Site CA, valid until"),
        (LEAF + AUTHORITY, "warn", "is a server's certificate and no authority"),
        (AUTHORITY + certificate(days=30, starts=10)[0], "warn", "is valid only from"),
        (certificate("lonely", authority=False)[0] + LEAF, "warn", "is a server's certificate"),
        (LEAF + certificate(days=10)[0], "warn", "is a server's certificate"),
        (LEAF + certificate(days=-1)[0], "fail", "is a server's certificate"),
        (certificate("lonely", authority=False, days=-1)[0] + LEAF, "fail", "'CN=lonely' expired on"),
        (AUTHORITY + BROKEN, "fail", "cannot be parsed"),
        (LEAF, "fail", "is a server's certificate and no authority"),
        (certificate("lonely", authority=False)[0], "pass", "self-signed"),
        (BROKEN, "fail", "cannot be parsed"),
        ("no certificate", "fail", "contains no certificate"),
        (AUTHORITY * 400, "fail", "an environment variable holds at most"),
    ],
)
def test_judgement(pem: str, status: str, message: str) -> None:
    found = c.judge(c.encode(pem))
    assert (found.status, message in found.message) == (status, True), found
    assert bool(found.fix) == (status != "pass")


def test_no_base64() -> None:
    assert c.judge("###").status == "fail"
    assert "not base64" in c.judge(AUTHORITY).message


def test_without_the_library_a_leaf_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    real, expired = builtins.__import__, certificate(days=-1)[0]

    def without(name: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert c.judge(c.encode(LEAF)).status == "not_checked"
    both = c.judge(c.encode(LEAF + expired))
    assert (both.status, "expired on" in both.message) == ("not_checked", True), "the other one may be usable"
    assert c.judge(c.encode(AUTHORITY)).status == "pass", "an authority needs no library"


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
