# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of HolmesGPT's own API: from its Secret, or nothing."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._api_key import read

from tests.unit.fixtures.verify_world import FakeCluster, forbidden

WHERE = "/api/v1/namespaces/holmes/secrets/keys"
HERE = {"secret": "keys", "key": "api"}


@pytest.mark.parametrize(
    ("found", "key"),
    [
        ({"data": {"api": "c2Vzc2Ft"}}, "sessam"),
        ({"data": {"other": "c2Vzc2Ft"}}, ""),
        ({"data": {"api": "no base64"}}, ""),
        ({"data": {"api": "//79"}}, ""),
        ({}, ""),
        (forbidden("get secrets"), ""),
    ],
)
def test_what_the_secret_holds(found: t.Any, key: str) -> None:
    assert read(FakeCluster({WHERE: found}), "holmes", HERE) == key


@pytest.mark.parametrize("reference", [{}, {"secret": "keys"}, {"secret": None, "key": "api"}])
def test_nothing_is_asked_without_a_name(reference: dict[str, t.Any]) -> None:
    cluster = FakeCluster()
    assert read(cluster, "holmes", reference) == "" and cluster.asked == []


def test_a_secret_that_is_not_there() -> None:
    assert read(FakeCluster(), "holmes", HERE) == ""
