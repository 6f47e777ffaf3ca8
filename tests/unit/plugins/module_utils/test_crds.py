# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions of a chart and of a cluster: what counts as equal, what an update sends."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _crds

from tests.unit.fixtures.upgrade_world import NEW, OLD, chart, definitions, served

Object = dict[str, t.Any]
ONE = definitions()[0]
VERSION = ONE["spec"]["versions"][0]


def with_schema(**schema: t.Any) -> Object:
    """The definition with more in its schema."""
    whole = {"openAPIV3Schema": {**VERSION["schema"]["openAPIV3Schema"], **schema}}
    return {**ONE, "spec": {**ONE["spec"], "versions": [{**VERSION, "schema": whole}]}}


def test_the_definitions_of_a_chart() -> None:
    names = ["healthchecks.holmesgpt.dev", "scheduledhealthchecks.holmesgpt.dev"]
    assert [one["metadata"]["name"] for one in _crds.of_chart(chart(NEW))] == names
    assert _crds.of_chart(chart(OLD)) == []
    above = replace(chart(OLD), subcharts={"inner": chart(NEW)})
    assert [one["metadata"]["name"] for one in _crds.of_chart(above)] == names
    odd = {"crds/x.txt": "kind: CustomResourceDefinition", "crds/y.yaml": "kind: Other", "z.yaml": "kind: x"}
    assert _crds.of_chart(replace(chart(OLD), files=odd)) == []


@pytest.mark.parametrize(
    ("wanted", "live", "state"),
    [
        (ONE, None, "missing"),
        (ONE, served(ONE), "same"),
        (ONE, served(ONE, conversion={"strategy": "Webhook"}), "different"),
        (ONE, served(ONE, preserveUnknownFields=False), "same"),
        (ONE, served(ONE, scope="Cluster"), "different"),
        (ONE, served(ONE, versions=[{**VERSION, "served": False}]), "different"),
        (ONE, served(ONE, versions=[{**VERSION, "deprecated": False, "additionalPrinterColumns": []}]), "same"),
        (with_schema(description=""), served(ONE), "same"),
        (with_schema(description="x"), served(ONE), "different"),
        (ONE, served(with_schema(description="x")), "different"),
        (with_schema(minProperties=0), served(ONE), "different"),
        (with_schema(minProperties=1.0), served(with_schema(minProperties=1)), "same"),
        (with_schema(default=""), served(ONE), "different"),
    ],
)
def test_only_the_specification_counts(wanted: Object, live: Object | None, state: str) -> None:
    assert _crds.state(wanted, live) == state


def test_the_defaults_of_names_are_no_difference() -> None:
    names = {key: value for key, value in ONE["spec"]["names"].items() if key not in ("listKind", "singular")}
    assert _crds.state({**ONE, "spec": {**ONE["spec"], "names": names}}, served(ONE)) == "same"


def test_stored_versions_that_are_dropped() -> None:
    assert _crds.dropped(ONE, None) == [] == _crds.dropped(ONE, served(ONE))
    assert _crds.dropped(ONE, served(ONE, "v1alpha0", "v1alpha1")) == ["v1alpha0"]


def merged(old: t.Any, change: t.Any) -> t.Any:
    """RFC 7386, as the API server does it."""
    if not isinstance(change, dict):
        return change
    found = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def test_an_update_gives_exactly_the_wanted_specification_and_touches_nothing_else() -> None:
    old = served(
        ONE,
        conversion={"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"]}},
        names={**ONE["spec"]["names"], "categories": ["all"]},
        preserveUnknownFields=True,
    )
    change = _crds.update(ONE, old)
    assert change["metadata"] == {"resourceVersion": "7"} and set(change) == {"metadata", "spec"}
    after = merged(old, change)
    assert _crds.state(ONE, after) == "same"
    assert "webhook" not in after["spec"]["conversion"] and "categories" not in after["spec"]["names"]
    assert after["metadata"]["labels"] == {"team": "platform"} and after["status"] == old["status"]
