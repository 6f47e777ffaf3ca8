# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Helm has to run, and what happens to a release that a killed run left pending."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _recovery
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    decode_payload,
    encode_payload,
    release_of,
)

CHART = {"name": "holmes", "version": "0.45.0"}
VALUES = {"image": "holmes:0.45.0", "global": {"onprem": {"chartSha256": "aa"}}}


def secret(
    revision: int, status: str, began: str = "1970-01-01T00:16:40.123456789Z", values: dict[str, t.Any] | None = None
) -> dict[str, t.Any]:
    payload = {
        "name": "holmes",
        "namespace": "holmes",
        "version": revision,
        "info": {"status": status, "description": "x", "last_deployed": began},
        "chart": {"metadata": {**CHART, "appVersion": "0.45.0"}},
        "config": VALUES if values is None else values,
        "manifest": "kept",
    }
    return {
        "type": "helm.sh/release.v1",
        "metadata": {
            "name": f"sh.helm.release.v1.holmes.v{revision}",
            "resourceVersion": "7",
            # Helm 3 copies modifiedAt from the revision before: it says nothing about this one.
            "labels": {"status": status, "modifiedAt": "1"},
        },
        "data": {"release": encode_payload(payload)},
    }


class FakeCluster:
    """Answers list and get from a script of states; the last one stays."""

    def __init__(self, *states: list[dict[str, t.Any]]) -> None:
        self.states = list(states)
        self.reads = 0

    def get(self, path: str, **query: str) -> dict[str, t.Any]:
        state = self.states[min(self.reads, len(self.states) - 1)]
        self.reads += 1
        return {"items": state}

    def text(self, path: str, **query: str) -> str:
        raise AssertionError(path)


class FakeTime:
    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> Clock:
        return Clock(now=lambda: self.seconds, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.mark.parametrize(
    ("newest", "chart", "values", "apply", "said"),
    [
        (None, CHART, VALUES, True, "no release"),
        (secret(3, "deployed"), CHART, VALUES, False, "revision 3 is deployed"),
        (secret(3, "failed"), CHART, VALUES, True, "revision 3 is failed"),
        (secret(3, "superseded"), CHART, VALUES, True, "superseded"),
        (secret(3, "deployed"), {**CHART, "version": "0.46.0"}, VALUES, True, "0.46.0"),
        (secret(3, "deployed"), CHART, {**VALUES, "image": "holmes:0.46.0"}, True, "values"),
        (secret(3, "deployed"), CHART, {**VALUES, "global": {"onprem": {"chartSha256": "bb"}}}, True, "archive"),
    ],
)
def test_decision(newest: t.Any, chart: t.Any, values: t.Any, apply: bool, said: str) -> None:
    decision = _recovery.decide(release_of(newest) if newest else None, chart, digest(values))
    assert decision.apply is apply
    assert said in decision.reason


def test_a_live_helm_is_waited_for() -> None:
    cluster = FakeCluster([secret(2, "pending-upgrade")], [secret(2, "pending-upgrade")], [secret(2, "deployed")])
    time = FakeTime()
    newest = _recovery.settle(cluster, "holmes", "holmes", 60, time.clock(), wall=lambda: 1000.0)
    assert newest is not None and newest.status == "deployed"
    assert time.seconds == 2 * _recovery.POLL


@pytest.mark.parametrize(
    ("wall", "waited"),
    [(1000.0, 60), (1030.0, 30), (5000.0, 0), (10.0, 60)],
    ids=["just now", "half the grace ago", "long ago", "clock of the other host is ahead"],
)
def test_a_dead_one_is_given_what_is_left_of_the_grace(wall: float, waited: float) -> None:
    time = FakeTime()
    newest = _recovery.settle(
        FakeCluster([secret(2, "pending-install")]), "holmes", "holmes", 60, time.clock(), lambda: wall
    )
    assert newest is not None and newest.status == "pending-install"
    assert time.seconds == waited


def test_marking_failed_keeps_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[t.Any] = []
    monkeypatch.setattr(_recovery, "patch", lambda cluster, path, body: written.append((path, body)))
    pending = secret(2, "pending-upgrade")

    class One:
        def get(self, path: str) -> t.Any:
            return pending

    _recovery.mark_failed(One(), release_of(pending))
    [(path, body)] = written
    assert path.endswith("/namespaces/holmes/secrets/sh.helm.release.v1.holmes.v2")
    assert body["metadata"] == {"resourceVersion": "7", "labels": {"status": "failed"}}
    before, after = decode_payload(pending["data"]["release"]), decode_payload(body["data"]["release"])
    assert after["info"]["status"] == "failed" and "pending-upgrade" in after["info"]["description"]
    assert {k: v for k, v in after.items() if k != "info"} == {k: v for k, v in before.items() if k != "info"}


def test_check_mode_does_not_claim_to_have_done_it() -> None:
    release = release_of(secret(2, "pending-upgrade"))
    assert "would be marked" in _recovery.recovered_check(release, check_mode=True).message
    assert "was marked" in _recovery.recovered_check(release, check_mode=False).message


@pytest.mark.parametrize(
    ("began", "age"),
    [
        ("1970-01-01T00:16:40.123456789Z", 20.0),
        ("1970-01-01T00:16:40Z", 20.0),
        ("1970-01-01T09:16:40.5+09:00", 20.0),
        ("1970-01-01T00:20:00Z", 0.0),
        ("", 0.0),
        ("soon", 0.0),
    ],
)
def test_age_is_counted_from_the_start_of_the_revision(began: str, age: float) -> None:
    assert _recovery.age_of(release_of(secret(2, "pending-upgrade", began)), now=1020.0) == age
