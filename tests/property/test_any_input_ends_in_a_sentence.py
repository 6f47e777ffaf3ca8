# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is given: an answer with checks, or one sentence. Never another exception."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_arguments import ARGUMENTS
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.property.garbage import anything, broken_text, keys, mapping, mutated, spoiled, texts
from tests.property.intents import sensible
from tests.property.samples import Values
from tests.property.world import CHARTS, Files, answer, assert_check, pretend, real

charts = pytest.mark.parametrize("chart", CHARTS, ids=[path.name for path in CHARTS])


def check(request: Request, render: t.Any = pretend) -> None:
    found = answer(request, render)
    if not isinstance(found, HolmesError):
        assert len({one.id for one in found.checks}) == len(found.checks)
        for one in found.checks:
            assert_check(one)


@charts
@given(values=mutated(), profile=st.sampled_from(("airgap", "none")))
def test_good_values_with_something_wrong(chart: Path, values: Values, profile: str) -> None:
    check(Request(chart=str(chart), values=values, profile=profile))


@charts
@given(values=anything)
def test_anything_as_values(chart: Path, values: t.Any) -> None:
    check(Request(chart=str(chart), values=values))


@charts
@given(texts_=st.lists(st.one_of(broken_text(), st.text()), min_size=1, max_size=2))
def test_files_with_something_wrong(chart: Path, texts_: list[str]) -> None:
    with Files() as files:
        check(Request(chart=str(chart), values_files=[files.write(text) for text in texts_]))


@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-16"))))
def test_files_that_are_no_text(content: bytes) -> None:
    with Files() as files:
        check(Request(chart=str(CHARTS[0]), values_files=[files.write(content)]))


@charts
@settings(max_examples=max(10, settings().max_examples // 8))
@given(values=mutated(2))
def test_good_values_with_something_wrong_in_helm(chart: Path, values: Values) -> None:
    check(Request(chart=str(chart), values=values), real)


# Paths are left out: any file of this machine would be read.
OPTIONS = sorted(set(ARGUMENTS) - {"chart", "values_files", "ca_file", "helm_binary", "dest"})


@st.composite
def options(draw: st.DrawFn) -> dict[str, t.Any]:
    """Some options with anything in them, where Ansible lets it through."""
    given_ = {name: draw(inside(ARGUMENTS[name])) for name in draw(st.lists(st.sampled_from(OPTIONS), max_size=5))}
    return through_ansible({"chart": str(draw(st.sampled_from(CHARTS))), **given_})


def through_ansible(given_: dict[str, t.Any]) -> dict[str, t.Any]:
    """The parameters that a module gets; what Ansible itself refuses is not ours to judge."""
    nested = [given_.get(name) for name, spec in ARGUMENTS.items() if "options" in spec]
    # Ansible ends in a TypeError of its own for a number where it wants a mapping with known keys.
    assume(all(isinstance(one, (dict, type(None))) for one in nested))
    found = ArgumentSpecValidator(ARGUMENTS).validate(given_)
    assume(not found.error_messages)
    return dict(found.validated_parameters)


def inside(spec: dict[str, t.Any]) -> st.SearchStrategy[t.Any]:
    """Anything, but more often of a shape that gets past Ansible."""
    if spec.get("choices"):
        return st.sampled_from(spec["choices"])
    if "options" in spec:
        return st.fixed_dictionaries({}, optional={name: inside(one) for name, one in spec["options"].items()})
    kind = spec.get("type", "raw")
    if kind == "list":
        return st.lists(inside({"type": spec.get("elements", "raw")}), max_size=3)
    by_name = st.dictionaries(keys, st.dictionaries(keys, anything, max_size=3), max_size=3)
    shaped = {"str": texts, "int": st.integers(), "bool": st.booleans(), "dict": st.one_of(by_name, mapping)}
    return shaped.get(kind, st.one_of(anything, by_name))


@given(params=options())
def test_anything_as_options(params: dict[str, t.Any]) -> None:
    check(Request.from_options(params))


@charts
@given(data=st.data())
def test_a_good_intent_with_something_wrong(chart: Path, data: st.DataObject) -> None:
    intent = spoiled(data.draw, data.draw(sensible(chart)))
    known = {name: value for name, value in intent.items() if name in OPTIONS}
    check(Request.from_options(through_ansible({"chart": str(chart), **known})))
