# SPDX-License-Identifier: GPL-3.0-or-later
"""Other workloads of the release: whose accounts are looked at, and what it means that one may write."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_others import accounts, foreign_servers, judge
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY, Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import Grant, Rights

Object = dict[str, t.Any]


def workload(kind: str, name: str, account: str = "") -> Object:
    pods: Object = {"containers": [{"name": "main"}]}
    if account:
        pods["serviceAccountName"] = account
    spec: Object = {"template": {"spec": pods}}
    return {
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"jobTemplate": {"spec": spec}} if kind == "CronJob" else pods if kind == "Pod" else spec,
    }


OBJECTS = [
    workload("Deployment", "holmes-holmes", "own"),
    workload("Deployment", "remediation", "writer"),
    workload("StatefulSet", "cache"),
    workload("CronJob", "nightly", "writer"),
    workload("Pod", "one", "alone"),
    {"kind": "Service", "metadata": {"name": "remediation"}, "spec": {}},
    {"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {}},
]
USED = {"writer": ["Deployment/remediation"]}


def rights(*verbs: str, unread: tuple[str, ...] = ()) -> dict[str, Rights]:
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": list(verbs)}
    return {"writer": Rights([Grant("b", "role-of-writer", "", "ServiceAccount", [rule])], [], list(unread))}


def test_every_workload_but_holmesgpts_own_is_looked_at() -> None:
    assert accounts(OBJECTS, "own") == {
        "writer": ["Deployment/remediation", "CronJob/nightly"],
        "default": ["StatefulSet/cache"],
        "alone": ["Pod/one"],
    }


SERVERS = [
    ({"in": {"url": "http://remediation.holmes.svc.cluster.local:8000/sse"}}, []),
    ({"in": {"config": {"url": "http://remediation:8000"}}}, []),
    ({"out": {"config": {"url": "http://tools.site.internal/mcp"}}}, ["out"]),
    ({"odd": {"url": "http://[x"}, "none": None}, ["odd", "none"]),
]


@pytest.mark.parametrize(("servers", "foreign"), SERVERS)
def test_servers_of_the_release_are_judged_by_their_accounts(servers: Object, foreign: list[str]) -> None:
    assert foreign_servers(servers, OBJECTS) == foreign


def none() -> Exceptions:
    return Exceptions({})


def test_an_add_on_that_deletes_pods_is_a_failure_that_may_be_accepted_by_its_name() -> None:
    check = judge(rights("get", "delete"), USED, [], none())
    assert check.status == "fail"
    assert (
        "ServiceAccount writer of Deployment/remediation: verbs delete on pods (core) (role-of-writer)" in check.message
    )
    assert check.evidence[MAY] == ["access.others:writer"]
    accepted = judge(rights("get", "delete"), USED, [], Exceptions({"access.others:writer": "until May"}))
    assert (accepted.status, accepted.evidence["accepted"]) == ("warn", ["access.others:writer"])
    other = judge(rights("get", "delete"), USED, [], Exceptions({"access.others:another": "until May"}))
    assert other.status == "fail"


def test_a_server_of_somebody_else_is_a_limitation() -> None:
    check = judge({}, {}, ["out"], none())
    assert (check.status, "MCP server out" in check.message) == ("warn", True)
    assert judge(rights("delete"), USED, ["out"], none()).status == "fail"


def test_reading_is_fine_and_what_was_not_seen_is_said() -> None:
    assert judge(rights("get", "list"), USED, [], none()).status == "pass"
    assert judge({}, {}, [], none()).status == "pass"
    partly = judge(rights("get", unread=("It cannot list rolebindings.",)), USED, [], none())
    assert (partly.status, "cannot list rolebindings" in partly.message) == ("not_checked", True)
