# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server shows: each fault of a certificate is told from every other, by real handshakes."""

from __future__ import annotations

import ssl
import time
import typing as t
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _tls_probe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import Party, fault_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Straight
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import of_data, of_pods, unverified

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.tls_world import HOST, Pki
from tests.unit.fixtures.verify_world import HolmesServer

WHO = Party(f"the model server at {HOST}:8000", HOST, "holmes_llm_api_base")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


def line(port: int, trust: ssl.SSLContext | None = None, host: str = HOST) -> Straight:
    return Straight("from here", host, f"{host}:{port}", trust, ("127.0.0.1", port))


def looked(tls: Path, trust: t.Any, timeout: float = 5) -> t.Any:
    with HolmesServer({}, tls=tls) as server:
        return _tls_probe.look(line(server.port), trust.context, timeout)


# What the server shows (its certificate, and what it sends along), what is trusted, kind, message, fix.
FAULTS = [
    (("expired",), ("root",), "expired", "of the model server at model.site.internal:8000 expired on 20", "Renew it"),
    (
        ("early",),
        ("root",),
        "not_yet_valid",
        "valid only from 2090-01-01 00:00 UTC, and the clock of this",
        "tls.clock",
    ),
    (
        ("wrong_host",),
        ("root",),
        "host_mismatch",
        "does not fit its name 'model.site.internal': it is made for other.site.internal, third.site.internal.",
        "Use one of these names in holmes_llm_api_base",
    ),
    (("self_signed",), ("root",), "unknown_authority", "is self-signed ('server')", "Add it to holmes_ca_file"),
    (
        ("good",),
        ("foreign",),
        "unknown_authority",
        "signed by the authority 'Northwind Root CA', which",
        "holmes_ca_file",
    ),
    (
        ("good", "root"),
        ("foreign",),
        "unknown_authority",
        "by the authority 'Northwind Root CA'",
        "'Northwind Root CA' to",
    ),
    (("good",), (), "unknown_authority", "by the authority 'Northwind Root CA'", "holmes_ca_file"),
    (
        ("below",),
        ("root",),
        "incomplete_chain",
        "its issuer 'Northwind Issuing CA' is neither sent nor among the trusted ('Northwind Root CA')",
        "followed by that of 'Northwind Issuing CA'",
    ),
    (
        ("below", "intermediate"),
        ("foreign",),
        "unknown_authority",
        "'Northwind Root CA'",
        "'Northwind Root CA' to holmes_ca",
    ),
    (("below_division",), ("root",), "incomplete_chain", "its issuer 'Northwind Factory CA' is neither", "followed by"),
    (("below_between",), ("root",), "incomplete_chain", "its issuer 'Intermediate CA' is neither", "followed by"),
    (("below_between",), (), "incomplete_chain", "among the trusted (public authorities only)", "followed by"),
    (
        ("below", "intermediate"),
        ("old",),
        "unknown_authority",
        "'Northwind Root CA'",
        "'Northwind Root CA' to holmes_ca",
    ),
    (
        ("below",),
        ("intermediate",),
        "missing_root",
        "whose own issuer 'Northwind Root CA' is missing",
        "'Northwind Root CA'",
    ),
    (("aged",), ("old",), "expired", "'Northwind Former CA' in holmes_ca_file, which signs", "its successor"),
]


@pytest.mark.parametrize(("shown", "trusted", "kind", "message", "fix"), FAULTS)
def test_each_fault_has_its_own_sentence(
    pki: Pki, shown: tuple[str, ...], trusted: tuple[str, ...], kind: str, message: str, fix: str
) -> None:
    trust = of_pods({"certificate": pki.value(*trusted)} if trusted else {})
    seen = looked(pki.both(*shown), trust)
    fault = fault_of(seen, WHO, trust, datetime.now(timezone.utc))
    assert fault is not None
    assert fault.kind == kind
    assert message in fault.message
    assert fix in fault.fix
    assert not any(word in f"{fault.message} {fault.fix}".lower() for word in ("insecure", "skip", "verify=false"))


RIGHT = [(("good",), ("root",)), (("below", "intermediate"), ("root",)), (("self_signed",), ("self_signed",))]


@pytest.mark.parametrize(("shown", "trusted"), RIGHT)
def test_a_trusted_chain_has_no_fault(pki: Pki, shown: tuple[str, ...], trusted: tuple[str, ...]) -> None:
    trust = of_pods({"certificate": pki.value(*trusted)})
    seen = looked(pki.both(*shown), trust)
    assert seen.code == 0
    assert HOST in seen.sent[0].names
    assert fault_of(seen, WHO, trust, datetime.now(timezone.utc)) is None


def test_programs_in_go_end_a_chain_at_any_trusted_certificate(pki: Pki) -> None:
    assert looked(pki.both("below"), of_data(pki.pem("intermediate"), "holmes_ca_file", "Helm")).code == 0


def test_a_file_is_trusted_alone_or_beside_the_system(pki: Pki) -> None:
    alone = of_data(pki.pem("root"), "v", "n").context.cert_store_stats()["x509_ca"]
    beside = of_data(pki.pem("root"), "v", "n", system=True).context.cert_store_stats()["x509_ca"]
    system = of_data("", "v", "n").context.cert_store_stats()["x509_ca"]
    assert (alone, beside) == (1, system + 1)


def test_what_is_shown_is_read_even_if_it_is_refused(pki: Pki) -> None:
    seen = looked(pki.both("expired", "root"), of_pods({"certificate": pki.value("root")}))
    assert seen.sent[0].called == "server"
    assert seen.sent[0].end < datetime.now(timezone.utc)
    assert "127.0.0.1" in seen.sent[0].names


def test_a_handshake_that_hangs_ends_at_its_deadline() -> None:
    with tls_world.silent() as port:
        started = time.monotonic()
        with pytest.raises(Unreachable, match="handshake did not end within 0 s") as caught:
            _tls_probe.look(line(port), unverified(), 0.3)
        assert caught.value.kind == "timeout"
        assert time.monotonic() - started < 2


def test_which_of_both_is_spoken(pki: Pki) -> None:
    with HolmesServer({}) as plain, HolmesServer({}, tls=pki.both("expired")) as secure:
        for server, http, tls in ((plain, True, False), (secure, False, True)):
            assert _tls_probe.speaks_http(line(server.port), 2) is http
            assert _tls_probe.speaks_tls(line(server.port), 2) is tls


@pytest.mark.parametrize(
    ("kind", "text", "asked"),
    [
        ("refused", "connection refused", False),
        ("dns", "unknown", False),
        ("forbidden", "no right", False),
        ("timeout", "no answer within 5 s", False),
        ("timeout", "the TLS handshake did not end within 5 s", True),
        ("tls", "TLS failed: WRONG_VERSION_NUMBER", True),
        ("reset", "the connection broke", True),
    ],
)
def test_the_other_scheme_is_tried_only_where_it_can_be_it(kind: str, text: str, asked: bool) -> None:
    with HolmesServer({}) as plain:
        found = _tls_probe.spoken_instead(line(plain.port, unverified()), Unreachable(kind, text), 2)
    assert found == ("http" if asked else "")
