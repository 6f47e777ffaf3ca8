# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's version."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_versions as v
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart


def chart(version: str, app_version: str, image: str = "") -> Chart:
    return Chart("p", "holmes", version, app_version, "", {"image": image} if image else {}, {})


@pytest.mark.parametrize(
    ("image", "version", "app_version", "default", "expected"),
    [
        ("holmes:0.45.0", "0.16.1", "0.16.1", "", (0, 45, 0)),
        ("holmes:0.45.0-light", "0.16.1", "", "", (0, 45, 0)),
        ("holmes:v0.45.1", "", "", "", (0, 45, 1)),
        ("holmes:0.45.0@sha256:" + "0" * 64, "", "", "", (0, 45, 0)),
        ("holmes:latest", "0.44.0", "0.43.2", "", (0, 43, 2)),
        ("holmes@sha256:" + "0" * 64, "0.44.0", "", "", (0, 44, 0)),
        ("holmes:0.0.0", "0.0.1", "0.0.0", "", None),
        ("", "0.0.1", "0.0.0", "holmes:0.16.1", (0, 16, 1)),
        ("holmes:0.0.9", "0.1.0", "0.0.9", "", (0, 1, 0)),
        ("", "", "", "", None),
    ],
)
def test_where_the_version_comes_from(
    image: str, version: str, app_version: str, default: str, expected: v.Version | None
) -> None:
    assert v.server_version(chart(version, app_version, default), {"image": image} if image else {}) == expected


def test_an_unknown_version_counts_as_the_newest() -> None:
    assert v.MODEL_SELECTS.holds(None)
    assert v.MODEL_SELECTS.holds((0, 23, 0))
    assert not v.MODEL_SELECTS.holds((0, 22, 9))
    assert v.text(None) == "unknown"
    assert v.text((0, 23, 0)) == "0.23.0"


def test_every_fact_has_a_source() -> None:
    facts = [fact for fact in vars(v).values() if isinstance(fact, v.Since)]
    assert len(facts) >= 5
    assert all(fact.what and fact.source for fact in facts)
