# SPDX-License-Identifier: GPL-3.0-or-later
"""Service accounts and rights of the guide, changed on a running release in both directions."""

from __future__ import annotations

import json

from tests.e2e.site_run import Place, Vars
from tests.life.steps import changed


def may_list(place: Place, what: str) -> bool:
    """The same for kinds that the cluster does not have, of which kubectl would leave out the group."""
    resource, _dot, group = what.partition(".")
    account = place.pods()[0]["spec"]["serviceAccountName"]
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{place.namespace}:{account}",
            "resourceAttributes": {"verb": "list", "group": group, "resource": resource},
        },
    }
    answer = place.site.exec("kubectl", "create", "-f", "-", "-o", "json", input=json.dumps(review)).stdout
    return bool(json.loads(answer)["status"]["allowed"])


def test_accounts_and_rights_change_on_a_running_release_in_both_directions(place: Place) -> None:
    """The guide's own account, then the chart's; fewer custom resources and a rule of one's own, then the defaults."""
    site, namespace = place.site, place.namespace
    argo, own = "applications.argoproj.io", "leases.coordination.k8s.io"

    def rights() -> dict[str, bool]:
        return {what: may_list(place, what) for what in ("pods", "nodes", argo, own)}

    def account() -> str:
        return str(place.pods()[0]["spec"]["serviceAccountName"])

    usual = {"pods": True, "nodes": True, argo: True, own: False}
    chart_account, role = f"{namespace}-holmes-service-account", f"{namespace}-holmes-cluster-role"
    place.install()
    assert (account(), rights()) == (chart_account, usual)

    binding = f"{namespace}-of-the-test"
    site.kubectl("create", "serviceaccount", "reader", "-n", namespace)
    try:
        user = f"--serviceaccount={namespace}:reader"
        site.kubectl("create", "clusterrolebinding", binding, "--clusterrole=view", user)
        changed(place, "site.yml", holmes_rbac_create=False, holmes_service_account="reader")
        assert (account(), rights()) == ("reader", {"pods": True, "nodes": False, argo: False, own: False})
        assert role not in site.kubectl("get", "clusterrole", "-o", "name"), "nothing of the chart's stays"
        changed(place, "site.yml")
        assert (account(), rights()) == (chart_account, usual)
        assert site.kubectl("get", "serviceaccount", "reader", "-n", namespace), "the test's own stays"
    finally:
        site.kubectl("delete", "clusterrolebinding", binding)

    rule = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "list"]}
    fewer: Vars = {"holmes_crd_permissions": {"argo": False}, "holmes_custom_cluster_role_rules": [rule]}
    before = place.pods()[0]["metadata"]["uid"]
    changed(place, "site.yml", **fewer)
    assert rights() == {**usual, argo: False, own: True}
    changed(place, "site.yml")
    assert rights() == usual
    assert place.pods()[0]["metadata"]["uid"] == before, "rights are no reason to restart"
