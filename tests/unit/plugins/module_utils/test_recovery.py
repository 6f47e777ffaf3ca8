# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Helm has to run, and what happens to a release that a killed run left pending."""

from __future__ import annotations

import dataclasses
import time
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _recovery, _recovery_wait, _release_record
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._helm_process import Helm
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import (
    decode_payload,
    encode_payload,
    release_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_choose import good

CHART = {"name": "holmes", "version": "0.45.0"}
VALUES = {"image": "holmes:0.45.0", "global": {"onprem": {"chartSha256": "aa"}}}


def secret(
    revision: int,
    status: str,
    began: str = "1970-01-01T00:16:40.123456789Z",
    values: dict[str, t.Any] | None = None,
    description: str = "x",
) -> dict[str, t.Any]:
    payload = {
        "name": "holmes",
        "namespace": "holmes",
        "version": revision,
        "info": {"status": status, "description": description, "last_deployed": began},
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

    def now(self) -> float:
        return time.time()


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
    newest = _recovery_wait.wait_out(cluster, "holmes", "holmes", 60, clock=time.clock(), wall=lambda: 1000.0).newest
    assert newest is not None and newest.status == "deployed"
    assert time.seconds == 2 * _recovery_wait.POLL


@pytest.mark.parametrize(
    ("wall", "waited"),
    [(1000.0, 60), (1030.0, 30), (5000.0, 0), (10.0, 60)],
    ids=["just now", "half the grace ago", "long ago", "clock of the other host is ahead"],
)
def test_a_dead_one_is_given_what_is_left_of_the_grace(wall: float, waited: float) -> None:
    time = FakeTime()
    cluster = FakeCluster([secret(2, "pending-install")])
    newest = _recovery_wait.wait_out(cluster, "holmes", "holmes", 60, clock=time.clock(), wall=lambda: wall).newest
    assert newest is not None and newest.status == "pending-install"
    assert time.seconds == waited


def test_marking_failed_keeps_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[t.Any] = []
    monkeypatch.setattr(_release_record, "patch", lambda cluster, path, body: written.append((path, body)))
    pending = secret(2, "pending-upgrade")

    class One:
        def get(self, path: str) -> t.Any:
            return pending

    _release_record.mark_failed(One(), release_of(pending))
    [(path, body)] = written
    assert path.endswith("/namespaces/holmes/secrets/sh.helm.release.v1.holmes.v2")
    assert body["metadata"] == {"resourceVersion": "7", "labels": {"status": "failed"}}
    before, after = decode_payload(pending["data"]["release"]), decode_payload(body["data"]["release"])
    assert after["info"]["status"] == "failed" and "pending-upgrade" in after["info"]["description"]
    assert {k: v for k, v in after.items() if k != "info"} == {k: v for k, v in before.items() if k != "info"}

    _release_record.mark_failed(One(), release_of(pending), _release_record.NOT_SERVING.format(ids="verify.rollout"))
    marked = release_of({**pending, "data": written[-1][1]["data"]})
    assert marked.description.startswith("Does not serve (verify.rollout)")
    _release_record.mark_verified(One(), release_of(secret(3, "deployed")))
    seen = release_of({**pending, "data": written[-1][1]["data"]})
    assert seen.status == "deployed" and _release_record.verified(seen)
    assert _release_record.mark_verified(One(), seen) is False
    # Whatever Helm calls it later.
    assert not good(dataclasses.replace(marked, status="superseded"))


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


ALONE: t.Callable[..., list[Helm]] = lambda *_place: []  # noqa: E731
FORMER = {"identity": "anna@ops1, process 4711", "why": "gone"}


def recover(monkeypatch: pytest.MonkeyPatch, *revisions: dict[str, t.Any], **options: t.Any) -> tuple[t.Any, list[str]]:
    """What is made of it, and which Secrets were marked."""
    marked: list[str] = []
    monkeypatch.setattr(_recovery, "working", options.pop("helms", ALONE))
    monkeypatch.setattr(_recovery, "mark_failed", lambda cluster, release: marked.append(release.secret_name))
    former = options.pop("former", FORMER)
    return _recovery.recover(One(*revisions), "holmes", "holmes", 60, former, **options), marked


class One(FakeCluster):
    """A cluster with these revisions, each to be read alone as well."""

    def __init__(self, *revisions: dict[str, t.Any]) -> None:
        super().__init__(list(revisions))

    def get(self, path: str, **query: str) -> dict[str, t.Any]:
        listed = super().get(path, **query)
        name = path.rpartition("/")[2]
        return listed if name == "secrets" else next(it for it in listed["items"] if it["metadata"]["name"] == name)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["pending-install"], "goes on from there, as there is no good one"),
        (["deployed", "pending-upgrade"], "goes on from revision 1, the last good one"),
        (["superseded", "deployed", "pending-rollback"], "goes on from revision 2, the last good one"),
        (["superseded", "pending-upgrade"], "goes on from there, as there is no good one"),
        (["superseded", "uninstalling"], "goes on from there and makes again what was removed"),
        (["superseded", "uninstalled"], "left uninstalled by 'helm uninstall --keep-history'"),
        (["deployed", "deployed", "pending-upgrade"], "revision 2, the newest of 2 that count as deployed"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_helm_cannot_go_on_from_is_marked(
    monkeypatch: pytest.MonkeyPatch, states: list[str], said: str, check_mode: bool
) -> None:
    revisions = [secret(number, state) for number, state in enumerate(states, 1)]
    recovered, marked = recover(monkeypatch, *revisions, check_mode=check_mode)
    newest = f"sh.helm.release.v1.holmes.v{len(states)}"
    assert (recovered.changed, marked) == (True, [] if check_mode else [newest])
    [check] = recovered.checks
    assert check.id == "release.recovered" and said in check.message
    gone = "What Helm had deleted by then is gone." if states[-1] == "uninstalling" else "Nothing is deleted."
    assert check.message.endswith(gone)
    assert check.evidence["was"] == states[-1] and check.evidence["owner"] == FORMER["identity"]
    assert (check.evidence["helm_alive"], check.evidence["waited"]) == ("none", 0)


@pytest.mark.parametrize(
    "states", [[], ["failed"], ["superseded"], ["deployed", "failed"], ["deployed", "deployed"], ["deployed"]]
)
def test_what_helm_goes_on_from_by_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch, states: list[str]) -> None:
    recovered, marked = recover(monkeypatch, *[secret(number, state) for number, state in enumerate(states, 1)])
    assert (recovered.changed, recovered.checks, marked) == (False, [], [])


@pytest.mark.parametrize(
    ("state", "marks"),
    [("pending-install", 0), ("pending-upgrade", 0), ("failed", 0), ("uninstalling", 1), ("uninstalled", 1)],
)
def test_before_a_removal_only_what_would_be_passed_over_is_marked(
    monkeypatch: pytest.MonkeyPatch, state: str, marks: int
) -> None:
    assert len(recover(monkeypatch, secret(1, state), removal=True)[1]) == marks


def test_a_revision_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = secret(2, "pending-upgrade")
    broken["data"]["release"] = "bm90IGEgcmVsZWFzZQ=="
    with pytest.raises(HolmesError, match="sh.helm.release.v1.holmes.v2 cannot be read"):
        recover(monkeypatch, secret(1, "deployed"), broken)


def waited(
    *states: str, over: bool, helms: t.Any, began: str = "", removed: str = ""
) -> tuple[_recovery_wait.Settled, float]:
    time = FakeTime()
    revisions = [secret(2, state, began or "1970-01-01T00:16:40Z") for state in states]
    for revision in revisions if removed else []:
        payload = decode_payload(revision["data"]["release"])
        payload["info"]["deleted"] = removed
        revision["data"]["release"] = encode_payload(payload)
    cluster = One(*revisions[:1])
    cluster.states = [[revision] for revision in revisions]
    settled = _recovery_wait.wait_out(
        cluster,
        "holmes",
        "holmes",
        60,
        over=over,
        helms=lambda: helms(time.seconds),
        clock=time.clock(),
        wall=lambda: 1000.0,
    )
    return settled, time.seconds


@pytest.mark.parametrize(
    ("over", "helms", "seconds", "alive"),
    [
        (True, lambda now: [], 0, "none"),
        (False, lambda now: [], 60, "none"),
        (True, lambda now: None, 60, "unknown"),
        (True, lambda now: [Helm(9, now + 5)] if now < 20 else [], 20, "none"),
        (False, lambda now: [Helm(9, 5)] if now < 80 else [], 80, "none"),
    ],
    ids=["over", "nobody knows", "processes cannot be seen", "a Helm that ends", "a Helm outlives the grace"],
)
def test_how_long_it_is_waited(over: bool, helms: t.Any, seconds: float, alive: str) -> None:
    settled, took = waited("pending-upgrade", over=over, helms=helms)
    assert (took, settled.waited, settled.helm_alive) == (seconds, seconds, alive)


def test_nothing_is_done_beside_a_living_helm() -> None:
    with pytest.raises(HolmesError, match="process 9 on this host.*for 60 s; nothing is done beside it") as refused:
        waited("pending-upgrade", over=True, helms=lambda now: [Helm(9, now)])
    assert "holmes_pending_grace" in refused.value.fix


def test_a_removal_began_later_than_its_revision() -> None:
    began, removed = "1970-01-01T00:00:01Z", "1970-01-01T00:16:30Z"
    assert waited("uninstalling", over=False, helms=lambda now: [], began=began, removed=removed)[1] == 50
    assert waited("uninstalling", over=False, helms=lambda now: [], began=began)[1] == 0


@pytest.mark.parametrize(
    ("newest", "since", "wanted", "marked"),
    [
        (secret(3, "pending-upgrade"), 2, digest(VALUES), True),
        (secret(3, "pending-upgrade"), 3, digest(VALUES), False),
        (secret(3, "pending-upgrade"), 2, "0" * 64, False),
        (secret(3, "deployed"), 2, digest(VALUES), False),
        (None, 0, digest(VALUES), False),
    ],
    ids=["ours", "there before", "of somebody else", "finished", "none"],
)
def test_what_a_dead_helm_of_this_run_began_is_given_up(
    monkeypatch: pytest.MonkeyPatch, newest: t.Any, since: int, wanted: str, marked: bool
) -> None:
    given_up: list[int] = []
    monkeypatch.setattr(_recovery, "mark_failed", lambda _cluster, release: given_up.append(release.revision))
    _recovery.give_up(FakeCluster([newest] if newest else []), "holmes", "holmes", since, wanted)
    assert given_up == ([3] if marked else [])
