# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of rules: documentation, joining of findings, and the rules about chart, keys, environment and pod."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rules, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    RULES,
    Finding,
    Rule,
    fail,
    good,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Layer, Repair

from tests.unit.fixtures.values_world import GUIDE, NEW, OLD, case, chart, judge

DOCS = Path(__file__).resolve().parents[4] / "docs" / "checks" / "values.md"

Row = tuple[str, str, str]


def verdict_of(check: str, case_: Case) -> Check:
    found = judge(check, case_)
    assert found.message and "\n" not in found.message
    assert bool(found.fix) == (found.status != "pass"), found
    return found


def assert_row(check: str, case_: Case, status: str, text: str) -> None:
    found = verdict_of(check, case_)
    assert (found.status, text in found.message) == (status, True), found


def test_every_rule_has_its_section_in_the_docs() -> None:
    sections = re.findall(r"^## (\S+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == [check.id for check in _rules.judge(case({}))]
    assert len(sections) == len(set(sections))


def test_ids_are_dotted_and_titles_are_there() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"(values|render)\.[a-z_]+[a-z0-9_]*", rule.id)
        assert rule.title and not rule.title.endswith(".")


@pytest.mark.parametrize(
    ("findings", "status", "message", "fix", "evidence"),
    [
        ([], "pass", "title", "", {}),
        ([good("a"), good("b")], "pass", "a", "", {}),
        ([good("a", x=1), warn("b", "fb", y=2)], "warn", "b", "fb", {"x": 1, "y": 2}),
        ([warn("b", "fb"), fail("c", "fc")], "fail", "(1) c (2) b", "(1) fc (2) fb", {}),
        ([fail("b", "f", k=["x"]), fail("c", "f", k=["y"])], "fail", "b c", "f", {"k": ["x", "y"]}),
        ([fail("b", "f", k=1), fail("b", "f", k=2)], "fail", "b", "f", {"k": 1}),
        ([warn("a\n  b", "f\ng")], "warn", "a b", "f g", {}),
        ([unclear("u", "fu"), good("a")], "not_checked", "u", "fu", {}),
        ([unclear("u", "fu"), warn("b", "fb")], "warn", "(1) b (2) u", "(1) fb (2) fu", {}),
    ],
)
def test_findings_are_joined_into_one_check(
    findings: list[Finding],
    status: str,
    message: str,
    fix: str,
    evidence: dict[str, t.Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = Rule("values.chart", "title", lambda _case: findings)
    found = _rules._check(rule, case({}), Exceptions({}))
    assert (found.id, found.title, found.status, found.message, found.fix) == (
        "values.chart",
        "title",
        status,
        message,
        fix,
    )
    assert found.evidence == evidence


# --- chart, names, version, key


@pytest.mark.parametrize(
    ("sha256", "status", "text"),
    [
        ("", "pass", "holmes 0.45.0"),
        (chart(NEW).sha256, "pass", "holmes 0.45.0"),
        (f"sha256:{chart(NEW).sha256.upper()}", "pass", "holmes 0.45.0"),
        ("0" * 64, "fail", "was expected"),
    ],
)
def test_chart(sha256: str, status: str, text: str) -> None:
    assert_row("values.chart", case({}, chart_sha256=sha256), status, text)


def test_another_chart(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: robusta\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("")
    assert_row("values.chart", case({}, chart_path=tmp_path), "warn", "not 'holmes'")


@pytest.mark.parametrize(
    ("names", "status"), [({}, "pass"), ({"release_name": "A"}, "fail"), ({"namespace": "a" * 64}, "fail")]
)
def test_names(names: dict[str, t.Any], status: str) -> None:
    assert judge("values.names", case({}, **names)).status == status


@pytest.mark.parametrize(
    ("server", "path", "status", "text"),
    [
        ((0, 45, 0), NEW, "pass", "0.45.0"),
        ((0, 45, 3), NEW, "pass", "0.45.3"),
        ((0, 16, 1), NEW, "warn", "made for 0.45.0"),
        ((0, 45, 0), OLD, "warn", "made for 0.16.1"),
        (None, NEW, "not_checked", "Neither the image's tag nor the chart"),
    ],
)
def test_server_version(server: t.Any, path: Path, status: str, text: str) -> None:
    assert_row("values.server_version", case({}, server=server, chart_path=path), status, text)


KEYED = {"additionalEnvVars": [{"name": "HOLMES_API_KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}


@pytest.mark.parametrize(
    ("values", "server", "status", "text"),
    [
        ({}, (0, 45, 0), "pass", "No key is asked for"),
        (KEYED, (0, 27, 0), "pass", "Requests need the key"),
        (KEYED, (0, 26, 9), "warn", "no effect before 0.27"),
        ({**KEYED, "operator": {"enabled": True}}, (0, 45, 0), "warn", "operator sends no key"),
        ({"operator": {"enabled": True}}, (0, 45, 0), "pass", "No key is asked for"),
    ],
)
def test_api_key(values: dict[str, t.Any], server: t.Any, status: str, text: str) -> None:
    assert_row("values.api_key", case(values, server), status, text)


# --- keys


def from_file(text: str) -> Case:
    values, duplicates = _yaml_text.load_mapping(text, "f")
    return case(values, layers=(Layer("the values file 'f'", values, duplicates),))


def test_duplicate_key() -> None:
    twice = from_file(GUIDE + "\nadditionalEnvVars: []\n")
    assert_row("values.duplicate_key", twice, "fail", "the values file 'f', line 18, 'additionalEnvVars'")
    assert_row("values.duplicate_key", from_file(GUIDE), "pass", "")


@pytest.mark.parametrize(
    ("values", "status", "text"),
    [
        ({"modelList": {}}, "pass", ""),
        ({"modellist": {}}, "fail", "'modellist' (did you mean 'modelList'?)"),
        ({"config": {"temperature": 1}}, "fail", "'config' (did you mean modelList (holmes_models)"),
        ({"env": []}, "fail", "additionalEnvVars (holmes_env)"),
        ({"holmes": {"image": "x"}}, "fail", "umbrella chart"),
        ({"zzz": 1, "yyy": 1}, "fail", "'zzz', 'yyy'."),
    ],
)
def test_unknown_key(values: dict[str, t.Any], status: str, text: str) -> None:
    assert_row("values.unknown_key", case(values), status, text)


def test_unknown_keys_name_their_origin_and_spare_the_profile() -> None:
    layers = (Layer("the air-gap profile", {"p": 1}, given=False), Layer("one", {"a": 1}), Layer("two", {"b": 1}))
    found = judge("values.unknown_key", case({}, layers=layers))
    assert "in one: 'a'" in found.message and "in two: 'b'" in found.message and "'p'" not in found.message
    assert found.evidence == {"keys": ["a", "b"]}


def test_what_was_repaired_is_no_unknown_key() -> None:
    given = case({"config": {"model": "a"}})
    repair = Repair("values.config_model", ("config", "model"), "It was translated.", "Replace it.")
    repaired = replace(given, repairs=(repair,))
    assert judge("values.unknown_key", given).status == "fail"
    assert judge("values.unknown_key", repaired).status == "pass"
    assert_row("values.config_model", repaired, "warn", "It was translated.")
    assert_row("values.config_model", given, "pass", "")


def test_what_was_repaired_is_no_dead_key_either() -> None:
    given = case({"enableAccountsCreate": True})
    repair = Repair("values.config_model", ("enableAccountsCreate",), "It was left out.", "Remove it.")
    assert judge("values.dead_key", replace(given, repairs=(repair,))).status == "pass"


def test_dead_key() -> None:
    assert_row("values.dead_key", case({"enableAccountsCreate": False}), "warn", "'enableAccountsCreate'")
    found = verdict_of("values.dead_key", case({"openshift": True}))
    assert (found.status, found.evidence) == ("pass", {"shipped_without_effect": ["enableAccountsCreate"]})
