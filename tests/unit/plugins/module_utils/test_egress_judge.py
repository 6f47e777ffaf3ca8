# SPDX-License-Identifier: GPL-3.0-or-later
"""egress.blocked and egress.model: what the attempts of a pod mean."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_judge import Tried, judge, read

from tests.unit.fixtures.egress_world import MODEL, SHUT, reached, tried


def checks(rows: t.Sequence[dict[str, t.Any]]) -> dict[str, Check]:
    found = judge([Tried(**row) for row in rows], "holmes-1")
    assert [check.id for check in found] == ["egress.blocked", "egress.model"]
    assert all(bool(check.fix) is (check.status != PASS) for check in found)
    return {check.id.partition(".")[2]: check for check in found}


@pytest.mark.parametrize(
    ("rows", "blocked", "model"),
    [
        ([*SHUT, MODEL], PASS, PASS),
        ([*SHUT], NOT_CHECKED, NOT_CHECKED),
        ([*SHUT, tried("model", "llm")], NOT_CHECKED, FAIL),
        ([*SHUT, MODEL, tried("model", "second")], PASS, FAIL),
        ([reached("outside", "1.1.1.1", answered=True), MODEL], FAIL, PASS),
        ([reached("outside", "1.1.1.1", answered=True)], FAIL, NOT_CHECKED),
        ([reached("outside", "2606:4700::1", answered=True), MODEL], FAIL, PASS),
        ([reached("outside", "1.1.1.1"), MODEL], WARN, NOT_CHECKED),
        ([reached("outside", "1.1.1.1"), reached("outside", "1.0.0.1", answered=True), MODEL], FAIL, NOT_CHECKED),
        ([reached("outside", "1.1.1.1"), MODEL, tried("model", "second")], WARN, FAIL),
        ([reached("outside", "api.openai.com", "10.1.2.3"), MODEL], PASS, PASS),
        ([reached("outside", "api.openai.com", "10.1.2.3", answered=True), MODEL], PASS, PASS),
        ([reached("outside", "api.openai.com", "104.18.6.192", answered=True), MODEL], FAIL, PASS),
        ([*SHUT, MODEL, reached("proxy", "proxy.site", answered=True, label="api.openai.com")], FAIL, PASS),
        ([*SHUT, MODEL, tried("proxy", "proxy.site", answered=True, error="HTTP 403")], PASS, PASS),
    ],
)
def test_verdicts(rows: list[dict[str, t.Any]], blocked: str, model: str) -> None:
    found = checks(rows)
    assert (found["blocked"].status, found["model"].status) == (blocked, model)


def test_sentences() -> None:
    open_ = checks([reached("outside", "2606:4700::1", answered=True), MODEL])["blocked"]
    assert open_.message == "From inside pod holmes-1 the internet is reached: [2606:4700::1]:443."
    assert "egress.blocked in holmes_exceptions" in open_.fix
    through = checks([*SHUT, MODEL, reached("proxy", "proxy.site", label="api.openai.com")])["blocked"]
    assert "through the proxy proxy.site:443: api.openai.com" in through.message
    shut = checks([*SHUT, MODEL])
    assert shut["blocked"].message.endswith("reached, and not 1.1.1.1:443, raw.githubusercontent.com:443.")
    assert shut["model"].message.endswith("can be connected to: llm.models.svc:443.")
    assert shut["blocked"].evidence["tried"][0] == {
        "host": "1.1.1.1",
        "port": 443,
        "connected": False,
        "answered": False,
        "error": "x",
    }
    lost = checks([*SHUT, tried("model", "llm.models.svc", error="gaierror: Name or service not known")])["model"]
    assert "llm.models.svc:443 (gaierror: Name or service not known)" in lost.message
    mesh = checks([reached("outside", "1.1.1.1"), MODEL])["model"]
    assert "llm.models.svc:443 are taken, but so are those to where nobody speaks" in mesh.message
    assert "verify.chat" in mesh.fix
    absent = checks([*SHUT, tried("model", "", label="local", port=0, error="no URL in BASE")])["model"]
    assert "local (no URL in BASE)" in absent.message


@pytest.mark.parametrize("output", ["", "no json", "[1]", '{"a": 1}', "[{}]", '[{"kind": "x"}]', "null", '["x"]'])
def test_what_a_pod_prints_is_not_trusted(output: str) -> None:
    assert read(output) is None


def test_noise_around_the_line_does_not_matter_and_long_texts_are_cut() -> None:
    rows = read(f"warning\n{json.dumps([tried(error='x' * 999, ok='no')])}\nbye\n")
    assert rows is not None
    assert len(rows[0].error) == 200
    assert rows[0].ok is False
