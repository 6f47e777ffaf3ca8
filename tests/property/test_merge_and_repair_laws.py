# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of merging and repairing: nothing is lost, nothing is done twice, the later one wins."""

from __future__ import annotations

import copy
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    ENV_LISTS,
    NAMED_LISTS,
    env_entry,
    get,
    merge,
    merge_named,
    normalised,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_repair import repair
from hypothesis import given
from hypothesis import strategies as st

from tests.property.garbage import keys, mapping, mutated, scalars
from tests.property.samples import Values
from tests.property.world import CHARTS
from tests.unit.fixtures.values_world import keys as chart_keys

charts = pytest.mark.parametrize("chart", CHARTS, ids=[path.name for path in CHARTS])
layers = st.one_of(mutated(), mapping)
names = st.sampled_from(("A", "B", "C", "D"))
entries = st.builds(lambda name, value: {"name": name, "value": value}, names, st.sampled_from(("1", "2", "3")))
named = st.lists(entries, max_size=4, unique_by=lambda entry: entry["name"])


@given(layer=layers)
def test_nothing_changes_nothing(layer: Values) -> None:
    before = copy.deepcopy(layer)
    assert same(merge(layer, {}), layer) and same(merge({}, layer), layer)
    assert same(layer, before)


@given(base=layers, over=layers)
def test_inputs_stay_as_they_are_and_are_not_shared(base: Values, over: Values) -> None:
    before = copy.deepcopy((base, over))
    result = merge(base, over)
    spoil(result)
    assert same((base, over), before)


@given(base=layers, over=layers)
def test_the_later_one_wins(base: Values, over: Values) -> None:
    assert_wins(merge(base, over), over, ())


def assert_wins(result: t.Any, over: t.Any, path: tuple[str, ...]) -> None:
    for key, value in over.items():
        here = (*path, key)
        if isinstance(value, dict) and value:
            assert_wins(result[key], value, here)
        elif here in NAMED_LISTS and isinstance(value, list):
            assert all(
                any(same(item, kept) for kept in result[key]) for item in value if not is_named_twice(value, item)
            )
        elif not isinstance(value, dict):
            assert same(result[key], value)


def is_named_twice(listing: list[t.Any], item: t.Any) -> bool:
    name = item.get("name") if isinstance(item, dict) else None
    return sum(isinstance(other, dict) and other.get("name") == name for other in listing) > 1


@given(layer=layers)
def test_merging_twice_is_merging_once(layer: Values) -> None:
    if all(_unique(get(layer, path)) for path in NAMED_LISTS):
        assert same(merge(layer, layer), layer)


@given(first=named, second=named, third=named)
def test_named_lists_merge_in_any_grouping(first: t.Any, second: t.Any, third: t.Any) -> None:
    left, right = merge_named(merge_named(first, second), third), merge_named(first, merge_named(second, third))
    assert left == right
    for entry in [*first, *second, *third]:
        assert [item["name"] for item in left].count(entry["name"]) == 1


TREES = st.recursive(scalars, lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=8)


@given(data=st.data())
def test_layers_merge_in_any_grouping(data: st.DataObject) -> None:
    """As long as a key is a mapping in all of them or in none; else it matters what was replaced in between."""
    shape = data.draw(st.dictionaries(keys, st.one_of(st.none(), st.just({})), max_size=4))
    inner = st.fixed_dictionaries(
        {},
        optional={
            key: scalars if kind is None else st.dictionaries(keys, scalars, max_size=3) for key, kind in shape.items()
        },
    )
    first, second, third = data.draw(inner), data.draw(inner), data.draw(inner)
    assert same(merge(merge(first, second), third), merge(first, merge(second, third)))


@charts
@given(values=mutated(), server=st.sampled_from(((0, 45, 0), (0, 22, 0), (0, 16, 1), None)))
def test_what_was_repaired_needs_no_repair(chart: Path, values: Values, server: t.Any) -> None:
    found = chart_keys(chart)
    before = copy.deepcopy(normalised(values))
    once, done = repair(before, found, server, {})
    assert same(before, normalised(values)), "the values themselves were changed"
    twice, again = repair(once, found, server, {})
    assert same(twice, once)
    assert again == []
    for told in done:
        assert told.id.startswith("values.") and told.message and told.fix
    for path in ENV_LISTS:
        for entry in get(values, path) if isinstance(get(values, path), list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"] != "MODEL":
                assert env_entry(once, entry["name"]) is not None, "an entry was lost"


@given(values=layers)
def test_normalising_is_done_once(values: Values) -> None:
    assert same(normalised(normalised(values)), normalised(values))


def same(left: t.Any, right: t.Any) -> bool:
    """Equality in which a NaN is itself, and true is not 1."""
    return bool(repr(left) == repr(right))


def spoil(data: t.Any) -> None:
    """Changes everything in place that can be changed."""
    for item in list(data.values()) if isinstance(data, dict) else list(data) if isinstance(data, list) else []:
        spoil(item)
    if isinstance(data, (dict, list)):
        data.clear()


def _unique(listing: t.Any) -> bool:
    found = (
        [item["name"] for item in listing if isinstance(item, dict) and isinstance(item.get("name"), str)]
        if isinstance(listing, list)
        else []
    )
    return isinstance(listing, (list, type(None))) and len(found) == len(set(found)) == len(listing or [])
