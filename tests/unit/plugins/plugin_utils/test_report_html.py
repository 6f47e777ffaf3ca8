# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: nothing from outside, everything escaped, verdict first, each thing where a reader looks for it."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import typing as t
from html.parser import HTMLParser

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._evidence import evidence_text
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._findings import findings
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._html import html
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import report_of

from tests.unit.fixtures import report_fleet as fleet

VOID = {"meta", "br"}
EVIL = (
    """<script>alert(1)</script> <img src=x onerror=alert(2)> "' onmouseover="x" </pre></details> {{ 7*7 }} {% raw %}"""
)


class Page(HTMLParser):
    """Elements and text of a page, and whether it is well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


PAGES = {"one": Page(html(fleet.one())), "three": Page(html(fleet.three())), "many": Page(html(fleet.many()))}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_comes_from_outside(name: str) -> None:
    page = PAGES[name]
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "form", "base")
        assert not set(attributes) & {"src", "style", "onclick", "onload"}, tag
        assert str(attributes.get("href", "#")).startswith("#")
    style = "".join(re.findall(r"<style>(.*?)</style>", html(fleet.one()), re.DOTALL))
    assert "url(" not in style and "@import" not in style


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_hosts_and_headings_are_in_order(name: str) -> None:
    page = PAGES[name]
    anchors = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    links = {str(attributes["href"])[1:] for attributes in page.all("a")}
    assert links and links <= set(anchors)
    levels = [int(tag[1]) for tag, _attributes in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert page.all("html") == [{"lang": "en"}]


def test_the_only_script_is_the_one_that_the_policy_allows() -> None:
    text = html(fleet.one())
    (script,) = re.findall(r"<script>(.*?)</script>", text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [one["content"] for one in PAGES["one"].all("meta") if one.get("http-equiv")]
    assert f"script-src 'sha256-{digest}'" in str(policy).replace("&#39;", "'") and "default-src 'none'" in str(policy)


def test_verdict_first_then_failures_then_the_rest() -> None:
    text = PAGES["three"].text
    places = [
        text.index(words)
        for words in (
            "NOT READY 3 hosts: 1 READY",
            "Failures",
            "Not from registry.site.example:5000",
            "Set holmes_image_registry",
            "Warnings, and what was not checked",
            "ends in 12 days",
            "No chat was wanted.",
            "Exceptions in use",
            "Accepted by name",
            "Fleet",
            "Run and versions",
            "Running images",
        )
    ]
    assert places == sorted(places)
    assert fleet.DIGEST in text and "Kubernetes 1.34.2" in text


def test_the_same_finding_of_many_hosts_is_told_once() -> None:
    summary = PAGES["many"].text.partition("Exceptions in use")[0]
    assert summary.count("Not from registry.site.example:5000") == 1
    assert "4 hosts plant-006.site.example" in summary
    assert "25 hosts" in summary and "and 17 more" in summary


def test_what_most_hosts_have_comes_first() -> None:
    def host(name: str, *messages: tuple[str, str]) -> t.Any:
        return fleet.fragment(name, [fleet.check("verify", one, one, "fail", message) for one, message in messages])

    rare, wide = ("a.rare", "rare"), ("b.wide", "often")
    report = report_of([host("a", rare, ("b.wide", "once")), host("b", wide), host("c", wide)])
    (first, second) = findings(report, ("fail",))
    assert (first["id"], first["number"], second["id"], second["number"]) == ("b.wide", 3, "a.rare", 1)
    assert [(one["message"], len(one["hosts"])) for one in first["messages"]] == [("often", 2), ("once", 1)]


def test_a_failure_leads_with_its_message_and_tells_the_fix_once() -> None:
    hosts = [fleet.unreachable(f"h{number}") for number in range(3)]
    for number, host in enumerate(hosts):
        host["checks"][0]["message"] = f"Refused by 192.0.2.{number}."
    text = Page(html(report_of(hosts))).text
    summary = text.partition("Failures")[2].partition("Warnings, and what")[0]
    assert summary.count("--limit") == 1
    assert summary.index("Refused by") < summary.index("The host can be reached")
    assert "Expected The host can be reached" in summary
    evidence = text.partition("Run and versions")[2]
    assert evidence.index("Refused by") < evidence.index("Expected The host can be reached")


def test_two_installations_of_a_host_are_told_apart() -> None:
    two = [fleet.fragment("a", fleet.foreign_image(), title=f"holmes in {name}") for name in ("one", "two")]
    page = Page(html(report_of([*two, fleet.fragment("b", fleet.ready())])))
    fleet_table = page.text.partition("Fleet")[2].partition("Hosts")[0]
    assert "a (holmes in one)" in fleet_table and "a (holmes in two)" in fleet_table and "b (" not in fleet_table


def test_hosts_are_folded_only_if_there_are_many() -> None:
    def unfolded(name: str) -> list[bool]:
        return ["open" in one for one in PAGES[name].all("details") if "host" in str(one.get("class", "")).split()]

    assert unfolded("three") == [True] * 3
    assert unfolded("many") == [False] * 40


def test_whatever_a_cluster_says_is_text() -> None:
    check = fleet.check(
        "verify", "verify.logs", EVIL, "fail", EVIL, fix=EVIL, evidence={EVIL: [EVIL], "may_be_accepted": [EVIL]}
    )
    given = {"title": EVIL, "state": EVIL, "failed_step": EVIL, "exceptions": {"llm.latency": EVIL}}
    text = html(report_of([fleet.fragment(EVIL, [check, *fleet.good()], **given), fleet.fragment("b", [check])]))
    page = Page(text)
    assert len(page.all("script")) == 1 and not page.all("img")
    assert not any(name.startswith("on") for _tag, attributes in page.elements for name in attributes)
    assert "{{ 7*7 }} {% raw %}" in page.text and "49" not in page.text.partition("Hosts")[0]
    assert text.count("<script>alert(1)") == 0


def test_can_and_cannot() -> None:
    text = PAGES["one"].text
    assert "can get, list pods the whole cluster can" in text
    assert "cannot get, list secrets the whole cluster cannot" in text
    assert "(not as expected)" not in text
    row = {"verb": "delete", "resource": "pods", "scope": "holmes", "allowed": True, "expected": False}
    unknown = {**row, "verb": "get", "allowed": None}
    check = fleet.check("verify", "access.review", "t", "fail", evidence={"table": [unknown, row, "odd"]})
    text = Page(html(report_of([fleet.fragment("a", [check])]))).text
    assert "can delete pods holmes cannot (not as expected)" in text
    assert "unknown get pods holmes cannot (not as expected)" in text


def test_evidence_is_readable() -> None:
    told = evidence_text({"a": {"b": [1, {"c": "x", "d": []}]}, "e": "", "f": None, "g": "two\nlines", "h": True})
    assert told.splitlines() == [
        "a:",
        "  b:",
        "    - 1",
        "    - c: x",
        "      d: []",
        'e: ""',
        "f: null",
        "g: two",
        "lines",
        "h: true",
    ]


def test_every_evidence_is_in_the_page() -> None:
    assert "first_token_seconds: 9.2" in PAGES["one"].text
    assert "known: - holmes-holmes-6f7c9d5b8-x2kq4" in PAGES["one"].text


def test_a_report_of_no_host_is_a_page() -> None:
    assert "NOT READY no host" in Page(html(report_of([]))).text


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(text: str) -> t.Iterator[dict[str, str]]:
    """Each set of colours, those of the dark and the printed page upon those of the light one."""
    light: dict[str, str] = {}
    for block in re.findall(r":root\{(.*?)\}", text, re.DOTALL):
        found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", block))
        found = {
            key: value if len(value) == 7 else "#" + "".join(2 * sign for sign in value[1:])
            for key, value in found.items()
        }
        light = light or found
        yield {**light, **found}


def test_every_colour_can_be_read() -> None:
    """WCAG AA: 4.5 to 1."""
    found = list(colours(html(fleet.one())))
    assert len(found) == 3
    for given in found:
        pairs = [
            ("text", "card"),
            ("text", "bg"),
            ("soft", "card"),
            ("soft", "bg"),
            ("soft", "code"),
            ("link", "card"),
            ("text", "code"),
        ]
        pairs += [(name, f"{name}-bg") for name in ("pass", "warn", "fail", "not_checked")] + [("not_run", "card")]
        pairs += [(name, "card") for name in ("pass", "warn", "fail")] + [("text", "fail-bg"), ("link", "bg")]
        for one, other in pairs:
            assert contrast(given[one], given[other]) >= 4.5, (one, other, given)


def test_a_large_fleet_takes_seconds() -> None:
    checks = [{**check, "id": f"{check['id']}_{number}"} for number in range(6) for check in fleet.good()][:100]
    report = report_of([fleet.fragment(f"h{number}", checks) for number in range(200)])
    before = time.process_time()
    text = html(report)
    assert time.process_time() - before < 20
    assert text.count('class="c"') == 20000 and len(text) < 12_000_000
