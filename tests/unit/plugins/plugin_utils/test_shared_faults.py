# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault of many hosts is told once, and what only looks alike is not put together."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._findings import findings
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._html import html
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._matrix import matrix
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, report_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import key_of, shared_faults

from tests.unit.fixtures import report_fleet as fleet
from tests.unit.plugins.plugin_utils.test_report_files import validate
from tests.unit.plugins.plugin_utils.test_report_html import Page

REFUSED = "registry.site.example:5000 refuses the log-in of Secret holmes-registry."
FIX = "Correct holmes_registry_username and holmes_registry_password."


def refused(message: str = REFUSED, status: str = "fail", check: str = "registry.login", **evidence: t.Any) -> t.Any:
    given = {"endpoint": "registry.site.example:5000", **evidence}
    return fleet.check("preflight", check, "t", status, message, fix="" if status == "pass" else FIX, evidence=given)


def run(**hosts: t.Any) -> Report:
    """Each host with its one check beside those that pass."""
    found = {name: checks if isinstance(checks, list) else [checks] for name, checks in hosts.items()}
    return report_of([fleet.fragment(name, [*fleet.ready(), *checks]) for name, checks in found.items()])


def test_what_many_hosts_say_of_one_server_is_one_fault() -> None:
    (fault,) = run(a=refused(), b=refused(), c=[], d=refused())["shared"]
    assert fault == {
        "id": "registry.login",
        "endpoint": "registry.site.example:5000",
        "message": REFUSED,
        "fix": FIX,
        "hosts": ["a", "b", "d"],
    }


@pytest.mark.parametrize(
    "other",
    [
        refused(endpoint="registry.other.example:5000"),
        refused(endpoint=""),
        refused("registry.site.example:5000 wants a log-in."),
        refused(check="registry.reachable"),
        refused(status="not_checked"),
        refused(status="warn"),
        refused(status="pass"),
        refused(cause="denied"),
    ],
    ids=["server", "in the cluster", "message", "check", "not checked", "warning", "pass", "cause"],
)
def test_what_differs_is_not_put_together(other: t.Any) -> None:
    assert run(a=refused(), b=other)["shared"] == []


def test_one_host_shares_nothing_even_with_two_installations() -> None:
    two = [fleet.fragment("a", [refused()], title=title) for title in ("one in one", "two in two")]
    assert report_of(two)["shared"] == [] and run(a=[refused(), refused()])["shared"] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (refused("no answer within 10 s"), refused("no answer within 9.87 s")),
        (
            refused("no tag 'x' of Deployment a-holmes", cause="no_tag x"),
            refused("no tag 'x' of Deployment b-holmes", cause="no_tag x"),
        ),
    ],
    ids=["seconds", "names of objects"],
)
def test_the_same_cause_in_other_words(first: t.Any, second: t.Any) -> None:
    (fault,) = run(a=first, b=second, c=second)["shared"]
    assert fault["hosts"] == ["a", "b", "c"] and fault["message"] == second["message"], "what most of them say"


def test_the_widest_spread_comes_first_and_order_changes_nothing() -> None:
    tls = refused("The certificate expired on 2026-01-01.", check="tls.registry")
    hosts = run(a=[tls, refused()], b=[refused(), tls], c=refused())["hosts"]
    faults = shared_faults(hosts)
    assert [(fault.number, fault.key[0], len(fault.hosts)) for fault in faults] == [
        (1, "registry.login", 3),
        (2, "tls.registry", 2),
    ]
    assert [fault.as_dict() for fault in shared_faults(hosts[::-1])] == [fault.as_dict() for fault in faults]


def test_the_report_is_of_the_published_shape() -> None:
    validate(run(a=refused(), b=refused()))


def test_the_table_says_it_once_and_rows_refer_to_it() -> None:
    lines = matrix(run(a=refused(), b=refused(), c=[]))
    assert lines[1:4] == [
        "  [1] registry.login at registry.site.example:5000, shared by 2 of 3 hosts:",
        f"      {REFUSED}",
        f"      -> {FIX}",
    ]
    assert "\n".join(lines).count(REFUSED) == 1
    assert [line.rpartition("s  ")[2] for line in lines[5:]] == ["NOT READY [1]", "NOT READY [1]", "READY"]


def test_the_page_says_it_once_above_all_and_each_host_leads_there() -> None:
    alone = refused("Only here.", check="registry.image")
    report = run(a=refused(), b=[refused(), alone], c=[])
    text, page = html(report), Page(html(report))
    assert text.index("Shared faults") < text.index("Failures")
    assert page.text.count(FIX) == 3, "the shared fault once; the one that is alone among the failures and at its host"
    assert "2 of 3 hosts" in page.text
    links = [attributes["href"] for attributes in page.all("a") if "shared" in str(attributes["href"])]
    assert links == ["#shared-1", "#shared-1"]
    told = findings(report, ("fail",), [key_of(refused())])
    assert [group["id"] for group in told] == ["registry.image"]
    assert "Shared faults" not in html(run(a=refused(), b=[]))
