# SPDX-License-Identifier: GPL-3.0-or-later
"""How long certificates hold."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_dates import Row, judge, of_bundle

from tests.unit.fixtures import tls_world
from tests.unit.fixtures.tls_world import Pki
from tests.unit.fixtures.verify_world import FakeCluster

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


def test_a_self_signed_servers_certificate_in_the_bundle(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"additionalEnvVars": [{"name": "CERTIFICATE", "value": pki.value("self_signed")}]}
    (row,) = of_bundle(FakeCluster(), "obs", values)
    assert (row.what, row.subject) == ("the variable CERTIFICATE", "CN=server")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(HolmesError, match="only the library cryptography"):
        of_bundle(FakeCluster(), "obs", values)


@pytest.mark.parametrize(
    ("left", "status", "told"),
    [
        (timedelta(days=30), PASS, "in 30 days."),
        (timedelta(days=29, hours=23), WARN, "in 29 days."),
        (timedelta(days=1, hours=5), WARN, "in 1 day."),
        (timedelta(hours=3), WARN, "in 0 days."),
        (timedelta(seconds=-1), FAIL, "expired on"),
    ],
)
def test_days(left: timedelta, status: str, told: str) -> None:
    rows = [Row("HolmesGPT", "far", NOW + timedelta(days=900)), Row("HolmesGPT", "near", NOW + left)]
    found = judge(rows, {}, NOW)
    assert (found.status, told in found.message, "'near'" in found.message) == (status, True, True)
    assert [row["subject"] for row in found.evidence["certificates"]] == ["near", "far"]


@pytest.mark.parametrize(
    ("life", "left", "status"),
    [
        (timedelta(days=30), timedelta(days=28), PASS),
        (timedelta(days=30), timedelta(days=10), PASS),
        (timedelta(days=30), timedelta(days=9, hours=23), WARN),
        (timedelta(hours=24), timedelta(hours=8), PASS),
        (timedelta(hours=24), timedelta(hours=7), WARN),
        (timedelta(days=365), timedelta(days=30), PASS),
        (timedelta(days=365), timedelta(days=29), WARN),
        (timedelta(hours=24), timedelta(seconds=-1), FAIL),
    ],
)
def test_what_lives_shortly_is_renewed_often(life: timedelta, left: timedelta, status: str) -> None:
    end = NOW + left
    assert judge([Row("the API server", "x", end, end - life)], {}, NOW).status == status


def test_the_start_is_read_of_what_is_in_the_bundle(pki: Pki) -> None:
    (row,) = of_bundle(
        FakeCluster(), "obs", {"additionalEnvVars": [{"name": "CERTIFICATE", "value": pki.value("root")}]}
    )
    assert row.start and row.end - row.start == timedelta(days=3650)


def test_what_ends_matters_more_than_what_was_not_seen() -> None:
    assert judge([Row("x", "y", NOW + timedelta(days=3))], {"z": "why"}, NOW).status == WARN
    assert judge([Row("x", "y", NOW + timedelta(days=300))], {"z": "why"}, NOW).status == NOT_CHECKED
