# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules about security contexts and TLS of HolmesGPT's server."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Repair

from tests.unit.fixtures.rule_world import assert_told
from tests.unit.fixtures.values_world import NEW, OLD, build, case

CHECK, TLS = "values.security_context", "values.server_tls"


def container(**fields: t.Any) -> dict[str, t.Any]:
    return {"containerSecurityContext": fields}


def pods(**fields: t.Any) -> dict[str, t.Any]:
    return {"podSecurityContext": fields}


@pytest.mark.parametrize(
    ("values", "path", "status", "text"),
    [
        ({}, NEW, "pass", ""),
        (container(runAsUser=1, runAsGroup=0, allowPrivilegeEscalation=False), NEW, "pass", ""),
        (pods(fsGroup=0, runAsNonRoot=False, runAsUser=None), NEW, "pass", ""),
        (pods(runAsNonRoot=True, runAsUser=7), NEW, "pass", ""),
        (container(readOnlyRootFilesystem=False), NEW, "fail", "the key would stand there twice"),
        (container(readOnlyRootFilesystem=False), OLD, "pass", ""),
        (container(fsGroup="x"), OLD, "pass", ""),
        ({"podSecurityContext": "text, of which values.type speaks"}, NEW, "pass", ""),
        (pods(runAsUser="10001"), NEW, "fail", "podSecurityContext.runAsUser is no whole number"),
        (pods(runAsGroup=True), NEW, "fail", "podSecurityContext.runAsGroup is no whole number"),
        (pods(fsGroup=-1), NEW, "fail", "podSecurityContext.fsGroup is no whole number"),
        (container(runAsUser=1.5), NEW, "fail", "containerSecurityContext.runAsUser is no whole number"),
        (pods(runAsNonRoot="true"), NEW, "fail", "podSecurityContext.runAsNonRoot is not true or false"),
        (container(privileged=1), NEW, "fail", "containerSecurityContext.privileged is not true or false"),
        (container(allowPrivilegeEscalation="no"), NEW, "fail", "allowPrivilegeEscalation is not true or false"),
        (container(readOnlyRootFilesystem="x"), NEW, "fail", "readOnlyRootFilesystem is not true or false"),
        (container(privileged=None, runAsUser=None), NEW, "pass", ""),
        (pods(runAsNonRoot=True, runAsUser=0), NEW, "fail", "runAsNonRoot is true and runAsUser is 0"),
        ({**pods(runAsNonRoot=True, runAsUser=7), **container(runAsUser=0)}, NEW, "fail", "runAsUser is 0"),
        ({**pods(runAsNonRoot=True), **container(runAsUser=7)}, NEW, "pass", ""),
        ({**pods(runAsNonRoot=True), **container(runAsNonRoot=False)}, NEW, "pass", ""),
        (pods(runAsNonRoot=True), NEW, "fail", "without runAsUser, but the image runs as root"),
        (container(runAsNonRoot=True), NEW, "fail", "without runAsUser"),
        ({**pods(runAsNonRoot=True), "openshift": True}, NEW, "pass", ""),
        ({**pods(runAsNonRoot=True, runAsUser=0), "openshift": True}, NEW, "fail", "runAsUser is 0"),
    ],
)
def test_security_context(values: dict[str, t.Any], path: Path, status: str, text: str) -> None:
    assert_told(CHECK, case(values, chart_path=path), status, text)


@pytest.mark.parametrize(
    ("values", "other"),
    [
        *((pods(**{field: True}), "containerSecurityContext") for field in ("allowPrivilegeEscalation", "privileged")),
        *((pods(**{field: None}), "containerSecurityContext") for field in ("capabilities", "procMount")),
        (pods(readOnlyRootFilesystem=True), "containerSecurityContext"),
        *(
            (container(**{field: None}), "podSecurityContext")
            for field in ("fsGroup", "fsGroupChangePolicy", "sysctls")
        ),
        *(
            (container(**{field: []}), "podSecurityContext")
            for field in ("supplementalGroups", "supplementalGroupsPolicy")
        ),
    ],
)
def test_a_field_of_the_other_context(values: dict[str, t.Any], other: str) -> None:
    ((name, fields),) = values.items()
    (field,) = fields
    assert_told(CHECK, case(values), "fail", f"{name}.{field} does not exist", f"Move it to {other}.")


def test_fixes_of_security_contexts() -> None:
    assert_told(CHECK, case(container(readOnlyRootFilesystem=False)), "fail", "", "Remove it; HolmesGPT writes only")
    assert_told(CHECK, case(pods(runAsUser="1")), "fail", "", "Write podSecurityContext.runAsUser: 10001, without")
    assert_told(CHECK, case(pods(runAsNonRoot="x")), "fail", "", "Write true or false, without quotes.")
    assert_told(CHECK, case(pods(runAsNonRoot=True)), "fail", "", "Set holmes_pod_security: restricted")
    assert_told(CHECK, case(pods(runAsNonRoot=True, runAsUser=0)), "fail", "", "Set runAsUser: 10001.")


def test_what_was_repaired() -> None:
    repair = Repair(CHECK, ("containerSecurityContext", "readOnlyRootFilesystem"), "It was left out.", "Remove it.")
    assert_told(CHECK, replace(case({}), repairs=(repair,)), "warn", "It was left out.", "Remove it.")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "pass"),
        ({"pod_security": "restricted"}, "pass"),
        ({"pod_security": "restricted", "rbac": {"openshift": True}}, "pass"),
        ({"values": container(readOnlyRootFilesystem=True)}, "warn"),
        ({"values": container(readOnlyRootFilesystem=False)}, "fail"),
    ],
)
def test_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == CHECK]
    assert found.status == status, found


def tls(**keys: t.Any) -> dict[str, t.Any]:
    return {"tls": keys}


ON = {"enabled": True, "secretName": "cert"}


@pytest.mark.parametrize(
    ("values", "status", "message", "fix"),
    [
        ({}, "pass", "The server answers in clear text, inside the cluster", ""),
        (tls(enabled=False), "pass", "in clear text", ""),
        (tls(enabled=False, secretName=""), "pass", "in clear text", ""),
        ({"tls": None}, "pass", "in clear text", ""),
        (tls(**ON), "pass", "The certificate comes from the Secret 'cert'", ""),
        (tls(**ON, keyfilePasswordSecretKey="p"), "pass", "The certificate comes", ""),
        (tls(enabled=True), "fail", "no Secret holds the certificate", "Set holmes_server_tls.secret to"),
        (tls(enabled=True, secretName=5), "fail", "no Secret holds the certificate", ""),
        (tls(**ON, caCertsSecretKey="ca.crt"), "warn", "(mTLS): the probes only try the port", "client_ca_key, unless"),
        (tls(enabled=True, caCertsSecretKey="ca.crt"), "fail", "no Secret holds the certificate", ""),
        (tls(secretName="cert"), "warn", "tls.enabled is not true", "Set holmes_server_tls, which turns it on"),
        (tls(caCertsSecretKey="x"), "warn", "tls.enabled is not true", ""),
    ],
)
def test_server_tls(values: dict[str, t.Any], status: str, message: str, fix: str) -> None:
    assert_told(TLS, case(values), status, message, fix)


def test_tls_of_a_chart_that_has_none() -> None:
    assert_told(TLS, case({}, chart_path=OLD), "pass")
    message, fix = "the server of this chart cannot serve TLS", "let an ingress serve TLS, and remove holmes_server_tls"
    assert_told(TLS, case({}, chart_path=OLD, server_tls={"secret": "cert"}), "fail", message, fix)
    assert_told(TLS, case(tls(**ON), chart_path=OLD), "fail", message)
    assert_told(TLS, case(tls(enabled=False, secretName="x"), chart_path=OLD), "pass")


@pytest.mark.parametrize(
    ("server", "status"), [((0, 35, 9), "fail"), ((0, 36, 0), "pass"), ((0, 36, 1), "pass"), (None, "pass")]
)
def test_tls_of_a_server_that_has_none(server: t.Any, status: str) -> None:
    message = "0.35.9 answers in clear text and fails its probes" if status == "fail" else "The certificate"
    fix = "Use a newer image, or remove holmes_server_tls" if status == "fail" else ""
    assert_told(TLS, case(tls(**ON), server=server), status, message, fix)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"server_tls": {"secret": "cert"}}, "pass"),
        ({"server_tls": {"secret": "cert", "client_ca_key": "ca.crt"}}, "warn"),
        ({"chart": OLD, "server_tls": {"secret": "cert"}}, "fail"),
    ],
)
def test_tls_with_the_real_helm(options: dict[str, t.Any], status: str) -> None:
    (found,) = [check for check in build(**options).checks if check.id == TLS]
    assert found.status == status, found
