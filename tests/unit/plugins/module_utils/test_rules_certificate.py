# SPDX-License-Identifier: GPL-3.0-or-later
"""The private authority can be used by this server."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._certificate import encode
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Repair

from tests.unit.fixtures.certificates import made
from tests.unit.fixtures.env_rules import assert_row, deployment, verdict_of
from tests.unit.fixtures.values_world import NEW, OLD, case, certificate, env

CHECK = "values.certificate"
PEM, KEY = certificate()
GOOD = encode(PEM)
MIDDLE = encode(made("Issuing CA", signed_by=made("Site Root")).pem)


def given(**variables: str) -> dict[str, t.Any]:
    return {"certificate": GOOD, "additionalEnvVars": env(**variables)}


@pytest.mark.parametrize(
    ("values", "status", "pieces"),
    [
        ({}, "pass", ("No private authority is given",)),
        ({"certificate": ""}, "pass", ("No private authority is given",)),
        ({"certificate": None, "additionalEnvVars": env(SSL_CERT_FILE="/x")}, "pass", ("No private authority",)),
        ({"certificate": GOOD}, "pass", ("Authority: Site CA",)),
        ({"additionalEnvVars": env(CERTIFICATE=GOOD)}, "pass", ("Authority: Site CA",)),
        ({"additionalEnvVars": env(CERTIFICATE="")}, "pass", ("No private authority",)),
        ({"additionalEnvVars": env(CERTIFICATE="###")}, "fail", ("not base64",)),
        ({"certificate": 5}, "fail", ("The value 'certificate' must be text.", "Set holmes_ca_file to the PEM file")),
        ({"certificate": "###"}, "fail", ("not base64; the server would die", "Set holmes_ca_file to the PEM file")),
        ({"certificate": encode(certificate(days=3)[0])}, "warn", ("expires on", "Add its successor")),
        ({"certificate": MIDDLE}, "warn", ("is signed by 'Site Root', which is not in the bundle", "Add the cert")),
        ({"certificate": encode(PEM * 2)}, "warn", ("1 certificate a second time", "Remove the repeated ones")),
        ({"certificate": encode(KEY)}, "fail", ("The value 'certificate' contains a private key",)),
    ],
)
def test_certificate(values: dict[str, t.Any], status: str, pieces: tuple[str, ...]) -> None:
    found = assert_row(CHECK, case(values), status, *pieces)
    assert KEY.splitlines()[1] not in repr(found)


def test_it_may_come_from_a_secret() -> None:
    values = {"additionalEnvVars": [{"name": "CERTIFICATE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}
    text = "CERTIFICATE comes from a Secret, so it was not looked at."
    assert_row(CHECK, case(values), "not_checked", text, "Set holmes_ca_file instead.")
    assert_row(CHECK, case({**values, "certificate": GOOD}), "pass", "Site CA")


@pytest.mark.parametrize(
    ("values", "text", "fix"),
    [
        (given(SSL_CERT_FILE="/x"), "SSL_CERT_FILE wins over 'certificate' for the model", "Remove SSL_CERT_FILE."),
        (given(SSL_CERT_DIR="/x"), "SSL_CERT_DIR wins over 'certificate'", "Remove SSL_CERT_DIR."),
        (given(SSL_VERIFY="/x"), "SSL_VERIFY wins over 'certificate'", "Remove SSL_VERIFY."),
        (
            given(SSL_CERT_DIR="/x", SSL_CERT_FILE="/x"),
            "SSL_CERT_FILE and SSL_CERT_DIR win over 'certificate' for the model server's connection.",
            "Remove SSL_CERT_FILE and SSL_CERT_DIR.",
        ),
    ],
)
def test_variables_that_win(values: dict[str, t.Any], text: str, fix: str) -> None:
    assert_row(CHECK, case(values), "warn", text, fix)


def test_a_variable_that_does_not_win() -> None:
    assert_row(CHECK, case(given(SSL_VERIFY="True", SSL_CERT_FILE="", REQUESTS_CA_BUNDLE="/x")), "pass")


def test_what_could_not_be_used_or_was_repaired() -> None:
    unusable = replace(case({"certificate": "###"}), problems={CHECK: HolmesError("It is DER.", "Convert it.")})
    found = assert_row(CHECK, unusable, "fail", "It is DER.", "Convert it.")
    assert "base64" not in found.message
    repair = Repair(CHECK, ("certificate",), "It was put right.", "Use ca_file.")
    repaired = replace(case({"certificate": GOOD}), repairs=(repair,))
    assert_row(CHECK, repaired, "warn", "It was put right.", "Use ca_file.")
    still = verdict_of(CHECK, replace(case({"certificate": "###"}), repairs=(repair,)))
    assert "put right" not in still.message


GATE = "dies at start over 'certificate' if its root file system is read-only (from 0.22.0 on it does not)."
LOCKED, OPEN = ({"securityContext": {"readOnlyRootFilesystem": value}} for value in (True, False))


@pytest.mark.parametrize(
    ("server", "chart", "rendered", "dies"),
    [
        ((0, 21, 0), NEW, [], True),
        ((0, 22, 0), NEW, [], False),
        (None, NEW, [], False),
        ((0, 21, 0), OLD, [], False),
        ((0, 21, 0), OLD, deployment(**LOCKED), True),
        ((0, 21, 0), NEW, deployment(**OPEN), False),
        ((0, 21, 0), NEW, deployment(), False),
        ((0, 22, 0), NEW, deployment(**LOCKED), False),
    ],
)
def test_a_read_only_root(server: t.Any, chart: t.Any, rendered: t.Any, dies: bool) -> None:
    found = case({"certificate": GOOD}, server, chart, manifests=rendered)
    if dies:
        fix = "Use a newer HolmesGPT, or remove holmes_ca_file and mount the authority and name it in SSL_CERT_FILE."
        assert_row(CHECK, found, "fail", f"HolmesGPT 0.21.0 {GATE}", fix)
    else:
        assert_row(CHECK, found, "pass", "Site CA")
    assert_row(CHECK, case({}, server, chart, manifests=rendered), "pass", "No private authority")


def test_the_evidence_tells_what_it_is_used_for() -> None:
    models = {"a": {"api_base": "https://llm.site/v1"}, "b": {"api_base": "http://vllm:8000/v1"}}
    servers = {"x": {"config": {"url": "https://tools.site/mcp"}}}
    found = verdict_of(CHECK, case({"certificate": GOOD, "modelList": models, "mcp_servers": servers}))
    assert found.evidence == {"https_hosts": ["llm.site", "tools.site"], "bytes": len(GOOD)}
    assert verdict_of(CHECK, case({"certificate": GOOD})).evidence == {"https_hosts": [], "bytes": len(GOOD)}
