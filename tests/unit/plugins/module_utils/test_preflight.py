# SPDX-License-Identifier: GPL-3.0-or-later
"""Prerequisites, judged."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight as preflight


@pytest.mark.parametrize(
    ("path", "output", "status", "said"),
    [
        (None, "", "fail", "was not found"),
        ("/bin/helm", "helm: Exec format error", "fail", "did not answer"),
        ("/bin/helm", "v2.17.0", "fail", "out of range"),
        ("/bin/helm", "v3.11.3", "fail", "out of range"),
        ("/bin/helm", "v5.0.0", "fail", "out of range"),
        ("/bin/helm", "v3.12.0", "pass", "3.12.0"),
        ("/bin/helm", "v4.3.1+gabcdef", "pass", "4.3.1"),
    ],
)
def test_helm(path: str | None, output: str, status: str, said: str) -> None:
    check = preflight.check_helm(path, "helm", output)
    assert check.status == status
    assert said in check.message
    assert bool(check.fix) == (status == "fail")


def test_an_unverified_api_server_is_no_pass() -> None:
    assert preflight.check_api("https://api", "v1.35.4", verified=True).status == "pass"
    check = preflight.check_api("https://api", "v1.35.4", verified=False)
    assert check.status == "warn" and "holmes_kube_ca_cert" in check.fix


def test_missing_rights_are_named() -> None:
    rights = preflight.needed_rights(create_namespace=True, rbac_create=True)
    check = preflight.check_rights(rights, lambda right: right.resource != "clusterroles", "holmes")
    assert check.status == "fail"
    assert "create clusterroles.rbac.authorization.k8s.io" in check.message
    assert "deployments" not in check.message


def test_unanswered_review_is_no_pass() -> None:
    rights = preflight.needed_rights(create_namespace=False, rbac_create=False)
    assert preflight.check_rights(rights, lambda right: None, "holmes").status == "not_checked"
    assert preflight.check_rights(rights, lambda right: True, "holmes").status == "pass"


def test_rights_follow_what_will_be_made() -> None:
    resources = {right.resource for right in preflight.needed_rights(create_namespace=False, rbac_create=False)}
    assert "namespaces" not in resources and "clusterroles" not in resources
    assert {"secrets", "deployments", "configmaps"} <= resources
