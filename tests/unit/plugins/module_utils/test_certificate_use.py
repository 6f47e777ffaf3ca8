# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a bundle of certificates is of use."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _certificate_details, _certificate_use
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import encode
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate_use import LIMIT, MANY, Judgement, judge
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.unit.fixtures.certificates import made, without_library
from tests.unit.fixtures.values_world import certificate

AUTHORITY, _ = certificate()
LEAF, _ = certificate("server", authority=False, issuer="Site CA")
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
ROOT = made("Site Root")
MIDDLE = made("Site Issuing CA", signed_by=ROOT)
LOWER = made("Team CA", signed_by=MIDDLE)


def told(pem: str) -> list[Judgement]:
    found = judge(encode(pem))
    assert all(bool(one.fix) == (one.status != "pass") for one in found), found
    return found


@pytest.mark.parametrize(
    ("pem", "status", "message"),
    [
        (AUTHORITY, "pass", "Authority: Site CA, valid until 20"),
        (AUTHORITY + certificate("Second CA")[0], "pass", "; Second CA, valid until"),
        (certificate(days=10)[0], "warn", "The authority 'Site CA' expires on 20"),
        (certificate(days=-1)[0], "fail", "The authority 'Site CA' expired on 20"),
        (certificate(days=30, starts=10)[0], "fail", "The authority 'Site CA' is valid only from 20"),
        (AUTHORITY + certificate(days=-1)[0], "warn", "expired on"),
        (certificate(days=-1)[0] + AUTHORITY, "warn", "Usable beside it: Site CA, valid until"),
        (
            LEAF + AUTHORITY,
            "warn",
            "'CN=server' is a server's certificate and no authority, so it makes nothing trusted.",
        ),
        (AUTHORITY + certificate(days=30, starts=10)[0], "warn", "is valid only from"),
        (certificate("lonely", authority=False)[0] + LEAF, "warn", "is a server's certificate"),
        (LEAF + certificate(days=10)[0], "warn", "is a server's certificate"),
        (LEAF + certificate(days=-1)[0], "fail", "is a server's certificate"),
        (certificate("lonely", authority=False, days=-1)[0] + LEAF, "fail", "'CN=lonely' expired on"),
        (AUTHORITY + BROKEN, "fail", "A certificate of the bundle cannot be parsed."),
        (LEAF, "fail", "is a server's certificate and no authority"),
        (certificate("lonely", authority=False)[0], "pass", "Authority: CN=lonely, self-signed"),
        (BROKEN, "fail", "cannot be parsed"),
        ("no certificate", "fail", "contains no certificate"),
        (AUTHORITY.replace("CERTIFICATE", "X509 CERTIFICATE"), "pass", "Site CA"),
        (ROOT.pem + MIDDLE.pem + LOWER.pem, "pass", "Site Root"),
    ],
)
def test_the_whole(pem: str, status: str, message: str) -> None:
    found = told(pem)
    assert (len(found), found[0].status, message in found[0].message) == (1, status, True), found


@pytest.mark.parametrize(
    ("pem", "fix"),
    [
        (certificate(days=10)[0], "Add its successor to holmes_ca_file now; both may stand there."),
        (certificate(days=-1)[0], "Set holmes_ca_file to its successor."),
        (certificate(days=30, starts=10)[0], "Check the clock of this host."),
        (LEAF, "Set holmes_ca_file to the certificate of its issuer, 'CN=Site CA'."),
        (LEAF + AUTHORITY, "If nothing needs it any more, remove it from there."),
        (certificate("lonely", authority=False, days=-1)[0], "Set holmes_ca_file to its successor."),
        (BROKEN, "Compare the file with the original: openssl x509 -in FILE -noout"),
    ],
)
def test_the_fix(pem: str, fix: str) -> None:
    assert fix in told(pem)[0].fix


@pytest.mark.parametrize(("days", "status"), [(29.9, "warn"), (30.1, "pass"), (-0.1, "fail"), (0.1, "warn")])
def test_dates(days: float, status: str) -> None:
    assert told(made(days=days).pem)[0].status == status


def test_no_base64() -> None:
    for value in ("###", AUTHORITY, "ü"):
        (found,) = judge(value)
        assert (found.status, "is not base64; the server would die at start." in found.message) == ("fail", True)
        assert found.fix == "Set holmes_ca_file to the PEM file instead."


def padded(length: int) -> str:
    """A value of exactly this length: text around the certificate is no part of it."""
    text = AUTHORITY + "#" * (length // 4 * 3 - len(AUTHORITY))
    return base64.b64encode(text.encode()).decode()


def test_the_size_of_a_variable() -> None:
    # CERTIFICATE= and the value and a null byte must stay within 128 KiB.
    assert LIMIT + len("CERTIFICATE=") + 1 == 128 * 1024
    fits, too_long = padded(LIMIT // 4 * 4), padded(LIMIT // 4 * 4 + 4)
    assert len(fits) <= LIMIT < len(too_long)
    assert judge(fits)[0].status == "pass"
    (found,) = judge(too_long)
    assert (found.status, "the pod would not start." in found.message) == ("fail", True)
    assert f"take {len(too_long)} bytes, but an environment variable holds at most {LIMIT}" in found.message
    assert found.fix == "Put only the authorities into holmes_ca_file that sign the model server and the proxy."


# --- what is odd about a bundle


def odd(pem: str) -> list[tuple[str, str]]:
    found = told(pem)[1:]
    assert {one.status for one in found} <= {"warn"}
    return [(one.message, one.fix) for one in found]


@pytest.mark.parametrize(
    ("pem", "missing"),
    [
        (ROOT.pem, []),
        (MIDDLE.pem + ROOT.pem, []),
        (LOWER.pem + MIDDLE.pem + ROOT.pem, []),
        (MIDDLE.pem, [("Site Issuing CA", "Site Root")]),
        (LOWER.pem + MIDDLE.pem, [("Site Issuing CA", "Site Root")]),
        (LOWER.pem + ROOT.pem, [("Team CA", "Site Issuing CA")]),
        (MIDDLE.pem + AUTHORITY, [("Site Issuing CA", "Site Root")]),
    ],
)
def test_the_issuer_is_missing(pem: str, missing: list[tuple[str, str]]) -> None:
    assert odd(pem) == [
        (
            f"The authority '{name}' is signed by '{issuer}', which is not in the bundle; without that root no "
            "server is trusted.",
            f"Add the certificate of '{issuer}' to holmes_ca_file.",
        )
        for name, issuer in missing
    ]


def test_names_of_other_kinds() -> None:
    by_organization = made("Site Inc", attribute=NameOID.ORGANIZATION_NAME)
    nameless = made("")
    assert told(by_organization.pem)[0].message.startswith("Authority: Site Inc,")
    assert told(nameless.pem)[0].message.startswith("Authority: without a name,")


def test_repeated_ones() -> None:
    fix = "Remove the repeated ones from holmes_ca_file."
    assert odd(AUTHORITY + ROOT.pem) == []
    assert odd(AUTHORITY * 2) == [("The bundle holds 1 certificate a second time.", fix)]
    other_words = AUTHORITY.replace("CERTIFICATE", "X509 CERTIFICATE")
    assert odd(AUTHORITY + other_words + ROOT.pem * 2) == [("The bundle holds 2 certificates a second time.", fix)]
    assert told(AUTHORITY * 3)[0].message.count("Site CA") == 1
    assert len(odd(MIDDLE.pem * 2)) == 2, "the missing issuer is told once"


def test_many() -> None:
    several = [made(f"CA {number}").pem for number in range(MANY)]
    assert odd("".join(several[1:])) == []
    value = encode("".join(several))
    message, fix = odd("".join(several))[0]
    assert message == f"The bundle holds {MANY} certificates in {len(value)} of at most {LIMIT} bytes."
    assert fix == "Put only the authorities into holmes_ca_file that sign the model server and the proxy."


WEAK = "OpenSSL may refuse it."
SHORT_KEY = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (SHORT_KEY, f"'CN=Weak' has a key of 1024 bits, and 2048 are the least; {WEAK}"),
        (rsa.generate_private_key(65537, 2048), ""),
        (ec.generate_private_key(ec.SECP192R1()), f"'CN=Weak' has a key of 192 bits, and 224 are the least; {WEAK}"),
        (ec.generate_private_key(ec.SECP224R1()), ""),
    ],
    ids=["rsa1024", "rsa2048", "ec192", "ec224"],
)
def test_weak_keys(key: t.Any, message: str) -> None:
    fix = "Set holmes_ca_file to a newer authority."
    assert odd(made("Weak", key=key).pem) == ([(message, fix)] if message else [])


def test_weak_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    # A SHA-1 signature cannot be made any more everywhere, so the answer of the library is.
    found = _certificate_details.read(MIDDLE.pem)
    assert found and found.digest == "sha256" and (found.kind, found.bits) == ("EC", 256)
    for digest, weak in (("sha1", True), ("md5", True), ("sha256", False), ("", False)):
        answer = found._replace(digest=digest)
        monkeypatch.setattr(_certificate_details, "read", lambda _block, answer=answer: answer)
        told_of = f"'CN=Site Issuing CA' is signed with {digest.upper()}; {WEAK}"
        assert any(message == told_of for message, _fix in odd(MIDDLE.pem + ROOT.pem)) is weak
    root = found._replace(digest="sha1", subject="CN=a", issuer="CN=a")
    monkeypatch.setattr(_certificate_details, "read", lambda _block: root)
    assert odd(ROOT.pem) == [], "nobody looks at a root's own signature"


def test_details() -> None:
    found = _certificate_details.read(made("A", key=rsa.generate_private_key(65537, 2048), digest=hashes.SHA384()).pem)
    assert found and found[:2] == ("CN=A", "CN=A") and found[3:] == ("RSA", 2048, "sha384")
    assert _certificate_details.read(BROKEN) is None
    assert _certificate_details.weakness(BROKEN) == ""


def test_without_the_library_a_leaf_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    expired, weak = certificate(days=-1)[0], made("Weak", key=SHORT_KEY).pem
    without_library(monkeypatch)
    (found,) = judge(encode(LEAF))
    assert (found.status, found.message) == (
        "not_checked",
        "A certificate of the bundle is no authority; whether it is self-signed was not checked.",
    )
    assert found.fix.startswith("Install the Python library cryptography on this host, or set holmes_ca_file")
    both = judge(encode(LEAF + expired))[0]
    assert (both.status, "expired on" in both.message) == ("not_checked", True), "the other one may be usable"
    assert [one.status for one in judge(encode(AUTHORITY))] == ["pass"], "an authority needs no library"
    assert [one.status for one in judge(encode(weak))] == ["pass"], "keys are not looked at"
    assert [one.status for one in judge(encode(MIDDLE.pem * 2))] == ["pass", "warn", "warn"], "chains need none either"


def test_a_failure_is_all_that_is_told() -> None:
    assert [one.status for one in judge(encode(certificate(days=-1)[0] * 2))] == ["fail"]


def test_the_clock_can_be_given() -> None:
    later = _certificate_use.datetime.now(_certificate_use.timezone.utc) + _certificate_use.timedelta(days=400)
    assert judge(encode(AUTHORITY), later)[0].status == "fail"
