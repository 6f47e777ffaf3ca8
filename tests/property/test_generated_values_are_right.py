# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated from a sensible intent passes its own validation, and is the same every time."""

from __future__ import annotations

import copy
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, PASS, HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.intents import Intent, sensible
from tests.property.world import CHARTS, Files, answer, pretend, real

charts = pytest.mark.parametrize("chart", CHARTS, ids=[path.name for path in CHARTS])
few = settings(max_examples=max(10, settings().max_examples // 8))


def made(chart: Path, intent: Intent, render: t.Any) -> _values.Outcome:
    found = answer(Request(chart=str(chart), **intent), render)
    assert not isinstance(found, HolmesError), found.msg
    return found


def failures(outcome: _values.Outcome) -> list[str]:
    return [f"{check.id}: {check.message}" for check in outcome.checks if check.status == FAIL]


def assert_right(chart: Path, intent: Intent, render: t.Any) -> None:
    outcome = made(chart, intent, render)
    assert failures(outcome) == []
    assert [check.status for check in outcome.checks if check.id == "values.literal_secret"] == [PASS]
    # verify compares it with the release: what Helm stores is the file.
    assert outcome.result["values_sha256"] == digest(yaml.safe_load(outcome.text))
    # What Helm reads from the file is what was meant, and its own validation accepts it as if a user had written it.
    assert _yaml_text.load_mapping(outcome.text, "text") == (outcome.values, ())
    kept = {key: intent[key] for key in ("release_name", "namespace", "registry", "image", "profile") if key in intent}
    with Files() as files:
        again = made(chart, {**kept, "values_files": [files.write(outcome.text)]}, render)
    assert failures(again) == []
    assert again.text == outcome.text
    assert again.result["values_sha256"] == outcome.result["values_sha256"]


@charts
@given(data=st.data())
def test_they_pass_and_are_their_own_input(chart: Path, data: st.DataObject) -> None:
    assert_right(chart, data.draw(sensible(chart)), pretend)


@charts
@few
@given(data=st.data())
def test_helm_agrees(chart: Path, data: st.DataObject) -> None:
    assert_right(chart, data.draw(sensible(chart)), real)


def shuffled(data: st.DataObject, value: t.Any) -> t.Any:
    """The same with the keys of every mapping in another order."""
    if isinstance(value, dict):
        return {key: shuffled(data, value[key]) for key in data.draw(st.permutations(list(value)))}
    return [shuffled(data, item) for item in value] if isinstance(value, list) else value


def told(outcome: _values.Outcome) -> list[tuple[str, ...]]:
    return [(check.id, check.title, check.status, check.message, check.fix) for check in outcome.checks]


@charts
@given(data=st.data())
def test_they_are_the_same_every_time_whatever_the_order_of_keys(chart: Path, data: st.DataObject) -> None:
    intent = data.draw(sensible(chart))
    before = copy.deepcopy(intent)
    first, second = made(chart, intent, pretend), made(chart, intent, pretend)
    assert intent == before, "the intent itself was changed"
    other = made(chart, shuffled(data, intent), pretend)
    assert first.text == second.text == other.text
    assert first.result == second.result == other.result
    assert told(first) == told(second)
    # The sentences follow the order in which things were given.
    assert [one[:3] for one in told(first)] == [one[:3] for one in told(other)]
