# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock: taken by one, renewed, given back, taken over only when it is over; whoever is quicker."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _lease
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError

from tests.unit.fixtures.lease_world import LEASE, LEASES, LeaseApi, Refusal, holder

ANNA, BERT = holder(), holder(12, "ops2", user="bert")
PLACE = ("holmes", "holmes")


def take(api: LeaseApi, who: t.Any, seconds: int = 600, gone: t.Any = None) -> _lease.Taken:
    return _lease.take(api.cluster, *PLACE, who, seconds, gone)


def found(api: LeaseApi) -> _lease.Found:
    lease = _lease.look(api.cluster, *PLACE)
    assert lease is not None
    return lease


def test_a_new_lock_says_who_since_when_and_how_long() -> None:
    api = LeaseApi()
    assert take(api, ANNA) == _lease.Taken("new")
    lease = api.stored[LEASE]
    assert lease["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "holmesgpt.onprem"}
    assert lease["spec"] == {
        "holderIdentity": "anna@ops1, process 4711, inventory host berlin",
        "acquireTime": "2027-01-15T08:00:00.000000Z",
        "renewTime": "2027-01-15T08:00:00.000000Z",
        "leaseDurationSeconds": 600,
        "leaseTransitions": 0,
    }
    assert found(api).holder == ANNA


def test_another_run_is_told_who_holds_it_and_writes_nothing() -> None:
    api = LeaseApi()
    take(api, ANNA)
    api.seconds += 100
    with pytest.raises(_lease.Held) as held:
        take(api, BERT)
    for part in ("anna@ops1, process 4711", "since 2027-01-15T08:00:00", "in 500 s"):
        assert part in held.value.msg
    assert "kubectl delete lease holmesgpt-onprem-holmes -n holmes" in held.value.fix
    assert len(api.writes) == 1


def test_the_same_run_keeps_its_lock_and_when_it_got_it() -> None:
    api = LeaseApi()
    take(api, ANNA)
    api.seconds += 500
    assert take(api, ANNA, 50).how == "renewed"
    api.seconds += 49
    _lease.renew(api.cluster, *PLACE, ANNA)
    lease = found(api)
    assert (lease.acquired_at, lease.renewed_at) == ("2027-01-15T08:00:00.000000Z", "2027-01-15T08:09:09.000000Z")
    assert (lease.left(api.seconds), lease.transitions) == (50, 0)


@pytest.mark.parametrize(("seconds", "free"), [(599, False), (600, True)])
def test_it_is_taken_over_when_its_time_has_passed(seconds: int, free: bool) -> None:
    api = LeaseApi()
    take(api, ANNA)
    api.seconds += seconds
    if not free:
        with pytest.raises(_lease.Held):
            take(api, BERT)
        return
    taken = take(api, BERT)
    assert taken.how == "expired" and taken.former is not None and taken.former.holder == ANNA
    assert (found(api).holder, found(api).transitions) == (BERT, 1)


def test_only_exactly_the_hold_that_is_over_is_taken_over() -> None:
    api = LeaseApi()
    take(api, ANNA)
    ticket = found(api).ticket
    api.seconds += 1
    _lease.renew(api.cluster, *PLACE, ANNA)
    with pytest.raises(_lease.Held):
        take(api, BERT, gone=ticket)
    assert take(api, BERT, gone=found(api).ticket).how == "gone"


@pytest.mark.parametrize("there", [False, True])
def test_of_two_that_are_equally_quick_one_wins(there: bool) -> None:
    api = LeaseApi()
    if there:
        take(api, holder(1, "ops3"), 1)
        api.seconds += 5
    api.before.append(lambda: take(api, BERT))
    with pytest.raises(_lease.Held, match="bert@ops2"):
        take(api, ANNA)
    assert found(api).holder == BERT


def test_a_lock_that_was_given_back_meanwhile_is_free() -> None:
    api = LeaseApi()
    take(api, ANNA, 1)
    api.seconds += 5
    api.before.append(lambda: _lease.drop(api.cluster, *PLACE, ANNA))
    assert take(api, BERT).how == "new"


def test_a_lock_that_is_lost_stops_the_run() -> None:
    api = LeaseApi()
    with pytest.raises(HolmesError, match=r"^\[release.lock\] .* is gone: this run stops before it changes"):
        _lease.renew(api.cluster, *PLACE, ANNA)
    take(api, BERT)
    with pytest.raises(HolmesError, match="is held by bert@ops2"):
        _lease.renew(api.cluster, *PLACE, ANNA)
    assert found(api).holder == BERT
    _lease.renew(api.cluster, *PLACE, {})


def test_only_our_own_is_given_back() -> None:
    api = LeaseApi()
    assert _lease.drop(api.cluster, *PLACE, ANNA) is False
    take(api, BERT)
    assert _lease.drop(api.cluster, *PLACE, ANNA) is False and LEASE in api.stored
    assert _lease.drop(api.cluster, *PLACE, BERT) is True and LEASE not in api.stored


def test_one_that_changes_hands_while_it_is_deleted_stays() -> None:
    api = LeaseApi()
    take(api, ANNA, 1)
    api.seconds += 5
    api.before.append(lambda: take(api, BERT))
    assert _lease.drop(api.cluster, *PLACE, ANNA) is False
    assert found(api).holder == BERT


@pytest.mark.parametrize(
    ("lease", "left"),
    [
        ({}, 0),
        ({"spec": {"holderIdentity": "x"}}, 0),
        ({"spec": {"holderIdentity": "x", "renewTime": "soon", "leaseDurationSeconds": 9}}, 0),
        ({"spec": {"renewTime": "2027-01-15T08:00:00Z", "leaseDurationSeconds": 9}}, 0),
        ({"spec": {"holderIdentity": "x", "renewTime": "2027-01-15T08:00:00Z", "leaseDurationSeconds": 9}}, 9),
    ],
)
def test_a_lease_that_somebody_edited(lease: dict[str, t.Any], left: int) -> None:
    api = LeaseApi()
    metadata = {"name": "holmesgpt-onprem-holmes", "annotations": {"holmesgpt.onprem/holder": "{"}}
    api.stored[LEASE] = {"metadata": {**metadata, "resourceVersion": "1"}, "spec": {}, **lease}
    assert found(api).left(api.seconds) == left
    if not left:
        assert take(api, ANNA).how == "expired"


@pytest.mark.parametrize(
    ("here", "alive", "after", "status", "said"),
    [
        (holder(12), True, 0, "fail", "process 4711 is alive"),
        (holder(12), False, 0, "pass", "process is gone"),
        (holder(4711, inventory_host="seoul"), True, 0, "fail", "same run"),
        (BERT, False, 0, "fail", "cannot be seen from here"),
        (BERT, True, 600, "pass", "not renewed it within 600 s"),
        (ANNA, True, 0, "pass", "No other run"),
    ],
)
def test_a_glance(here: t.Any, alive: bool, after: int, status: str, said: str) -> None:
    api = LeaseApi()
    take(api, ANNA)
    api.seconds += after
    check = _lease.glance(api.cluster, *PLACE, here, lambda pid, started: alive)
    assert check.status == status and said in check.message
    assert len(api.writes) == 1


def test_a_glance_believes_who_could_see_more() -> None:
    api = LeaseApi()
    take(api, ANNA)
    check = _lease.glance(api.cluster, *PLACE, BERT, gone=found(api).ticket)
    assert (check.status, check.evidence["why"]) == ("pass", "gone")


def test_without_the_right_a_glance_warns() -> None:
    api = LeaseApi(refuse={f"get {LEASE}": Refusal(403, "eve cannot get leases")})
    check = _lease.glance(api.cluster, *PLACE)
    assert check.status == "warn" and "eve cannot get leases" in check.message
    assert "get, create, patch and delete of leases" in check.fix


def test_a_missing_right_is_the_callers_to_judge() -> None:
    with pytest.raises(KubeError) as refused:
        take(LeaseApi(refuse={f"post {LEASES}": Refusal(403)}), ANNA)
    assert refused.value.forbidden


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (holder(inventory_host="seoul"), "It is host 'berlin' of this same run"),
        (holder(12), "Its process 4711 is alive"),
        (BERT, "cannot be seen from here"),
    ],
)
def test_who_is_in_the_way_is_told_as_far_as_it_is_known(who: t.Any, said: str) -> None:
    api = LeaseApi()
    take(api, ANNA)
    with pytest.raises(_lease.Held, match=said):
        take(api, who)
