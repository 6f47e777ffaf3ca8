# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers are verified, against files that exist."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_tls import PATHS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tls import winners

from tests.unit.fixtures.env_rules import assert_row, deployment, verdict_of
from tests.unit.fixtures.values_world import case, env

CHECK = "values.tls_verify"
FIX = "and set holmes_ca_file to the authority of the server, so that it can be verified."


def given(**variables: str) -> dict[str, t.Any]:
    return {"additionalEnvVars": env(**variables)}


def tool(**fields: t.Any) -> dict[str, t.Any]:
    return {"toolsets": {"x": {"config": fields}}}


def mounted(path: str) -> dict[str, t.Any]:
    return {"additionalVolumeMounts": [{"name": "ca", "mountPath": path}]}


@pytest.mark.parametrize(
    "values",
    [
        {},
        given(SSL_VERIFY="true", NODE_TLS_REJECT_UNAUTHORIZED="1", GIT_SSL_NO_VERIFY="false"),
        given(SSL_VERIFY="0"),
        given(SSL_VERIFY="$(CA)", SSL_CERT_FILE="", CA="/x"),
        given(SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt", SSL_CERT_DIR="/etc/ssl"),
        given(REQUESTS_CA_BUNDLE="/usr/lib/x.pem", CURL_CA_BUNDLE="/etc/pki/tls/x", NODE_EXTRA_CA_CERTS="/opt/x"),
        given(SSL_CERT_FILE="/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", GIT_SSL_CAINFO="/app/ca"),
        given(SSL_CERT_DIR="/etc/ca-certificates"),
        {**given(REQUESTS_CA_BUNDLE="/tmp/custom_ca.pem"), "certificate": "x"},
        {**given(SSL_CERT_FILE="/ca/bundle.pem"), **mounted("/ca")},
        {**given(SSL_CERT_FILE="/ca/bundle.pem"), **mounted("/ca/")},
        {**given(SSL_CERT_FILE="/ca/bundle.pem"), **mounted("/ca/bundle.pem")},
        tool(verify_ssl=True, insecure=False, ssl_verify="true", verify="/ca"),
        tool(verified=False, insecurity=True, prometheus_ssl_enabled=True),
        {"podAnnotations": {"verify_ssl": "false"}},
    ],
)
def test_right(values: dict[str, t.Any]) -> None:
    assert_row(CHECK, case(values), "pass", "Servers are verified")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_VERIFY", "False"),
        ("SSL_VERIFY", " false "),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
        ("GIT_SSL_NO_VERIFY", "1"),
        ("GIT_SSL_NO_VERIFY", "true"),
        ("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "TRUE"),
    ],
)
def test_variables(name: str, value: str) -> None:
    text = f"{name} switches off the verification of servers: anybody in between could read keys and answers."
    assert_row(CHECK, case(given(**{name: value})), "warn", text, f"Remove {name}, {FIX}")
    accepted = case(given(**{name: value}), exceptions={f"{CHECK}:{name}": "For a test."})
    assert "Accepted (For a test.)" in verdict_of(CHECK, accepted).message


@pytest.mark.parametrize("value", ["0", "1"])
def test_a_variable_of_another_python(value: str) -> None:
    text = "PYTHONHTTPSVERIFY means nothing to Python 3; servers are verified."
    found = case(given(PYTHONHTTPSVERIFY=value), exceptions={f"{CHECK}:PYTHONHTTPSVERIFY": "Legacy."})
    assert "Accepted (Legacy.)" in verdict_of(CHECK, found).message
    assert_row(CHECK, case(given(PYTHONHTTPSVERIFY=value)), "warn", text, "Remove PYTHONHTTPSVERIFY.")


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"modelList": {"a": {"ssl_verify": False}}}, "modelList.a.ssl_verify"),
        (
            {"modelList": {"a": {"litellm_params": [{"ssl_verify": "false"}]}}},
            "modelList.a.litellm_params.0.ssl_verify",
        ),
        (tool(verify_ssl=False), "toolsets.x.config.verify_ssl"),
        (tool(verifySSL=0), "toolsets.x.config.verifySSL"),
        (tool(verify_certs="no"), "toolsets.x.config.verify_certs"),
        (tool(verify_certificates=False), "toolsets.x.config.verify_certificates"),
        (tool(verify=False), "toolsets.x.config.verify"),
        (tool(tls_verify="off"), "toolsets.x.config.tls_verify"),
        (tool(prometheus_ssl_enabled=False), "toolsets.x.config.prometheus_ssl_enabled"),
        (tool(insecure=True), "toolsets.x.config.insecure"),
        (tool(insecureSkipVerify="true"), "toolsets.x.config.insecureSkipVerify"),
        (tool(insecure_skip_tls_verify=1), "toolsets.x.config.insecure_skip_tls_verify"),
        (tool(skip_tls_verification="yes"), "toolsets.x.config.skip_tls_verification"),
        (tool(disable_ssl="on"), "toolsets.x.config.disable_ssl"),
        ({"mcp_servers": {"x": {"config": {"verify_ssl": False}}}}, "mcp_servers.x.config.verify_ssl"),
    ],
)
def test_settings(values: dict[str, t.Any], place: str) -> None:
    text = f"{place} switches off the verification of that server: anybody in between could read its key."
    assert_row(CHECK, case(values), "warn", text, f"Remove it, {FIX}")
    accepted = case(values, exceptions={f"{CHECK}:{place}": "For a test."})
    assert "Accepted (For a test.)" in verdict_of(CHECK, accepted).message


LOST = "which nothing mounts into the pod: it verifies no server."


@pytest.mark.parametrize("name", PATHS)
def test_a_file_that_nothing_mounts(name: str) -> None:
    fix = f"Remove {name} and set holmes_ca_file, or mount it (additionalVolumes, additionalVolumeMounts)."
    assert_row(CHECK, case(given(**{name: "/ca/x.pem"})), "fail", f"{name} names '/ca/x.pem', {LOST}", fix)
    accepted = case(given(**{name: "/ca/x.pem"}), exceptions={f"{CHECK}:{name}": "In the image."})
    assert "Accepted (In the image.)" in verdict_of(CHECK, accepted).message


@pytest.mark.parametrize(
    "values",
    [
        {**given(SSL_CERT_FILE="/ca/x.pem"), **mounted("/c")},
        {**given(SSL_CERT_FILE="/cab/x.pem"), **mounted("/ca")},
        {**given(SSL_CERT_FILE="/tmp/x.pem"), **mounted("/tmp")},
        {**given(SSL_CERT_FILE="/tmp/x.pem"), **mounted("/tmp/")},
        {**given(SSL_CERT_FILE="/ca/x.pem"), "additionalVolumeMounts": [5, {"name": "x"}]},
        given(SSL_CERT_FILE="/tmp/custom_ca.pem"),
        given(SSL_CERT_FILE="/usrlocal/x.pem"),
        given(SSL_CERT_FILE="ca.pem"),
        given(SSL_VERIFY="/ca/x.pem"),
    ],
)
def test_other_mounts_are_no_help(values: dict[str, t.Any]) -> None:
    assert_row(CHECK, case(values), "fail", LOST)


def test_what_was_rendered_counts() -> None:
    values = {**given(SSL_CERT_FILE="/ca/x.pem"), **mounted("/ca")}
    there = deployment(volumeMounts=[{"name": "x", "mountPath": "/y"}, {"name": "ca", "mountPath": "/ca"}])
    elsewhere = deployment(volumeMounts=[{"name": "x", "mountPath": "/y"}])
    elsewhere[0]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "ca", "mountPath": "/ca"}]
    assert_row(CHECK, case(given(SSL_CERT_FILE="/ca/x.pem"), manifests=there), "pass")
    assert_row(CHECK, case(values, manifests=elsewhere), "fail", LOST)


def secret(name: str) -> dict[str, t.Any]:
    return {"additionalEnvVars": [{"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, []),
        (given(SSL_VERIFY="false"), []),
        (given(SSL_VERIFY="True"), []),
        (given(SSL_VERIFY=""), []),
        (given(SSL_VERIFY="/x"), ["SSL_VERIFY"]),
        (
            given(SSL_CERT_DIR="/x", SSL_CERT_FILE="/x", SSL_VERIFY="/x"),
            ["SSL_VERIFY", "SSL_CERT_FILE", "SSL_CERT_DIR"],
        ),
        (given(SSL_CERT_FILE=""), []),
        (secret("SSL_CERT_FILE"), ["SSL_CERT_FILE"]),
        (given(REQUESTS_CA_BUNDLE="/x"), []),
    ],
)
def test_winners(values: dict[str, t.Any], names: list[str]) -> None:
    assert winners(values) == names
