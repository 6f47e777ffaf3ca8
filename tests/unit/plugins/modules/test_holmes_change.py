# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), against a double of the API server that stores Leases and namespaces."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _change, _lease, _module, _plan
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_change

from tests.unit.fixtures.drift_world import NS, installed
from tests.unit.fixtures.lease_world import LEASE, LEASES, NAMESPACES, LeaseApi, Refusal, holder
from tests.unit.fixtures.live_world import rendered
from tests.unit.fixtures.release_history import deployed, history, superseded
from tests.unit.fixtures.values_world import NEW

Object = dict[str, t.Any]
Runner = t.Callable[..., tuple[int, Object]]
ANNA, BERT = holder(), holder(12, "ops2", user="bert")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(_module, "MISSING", None)

    def runner(api: LeaseApi, **options: t.Any) -> tuple[int, Object]:
        for name in ("connect", "connect_patiently"):
            monkeypatch.setattr(holmes_change, name, lambda params: api.cluster)
        with patch_module_args({"holder": ANNA, **options}), pytest.raises(SystemExit) as ended:
            holmes_change.main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return runner


def hold(api: LeaseApi, who: t.Any = BERT) -> _lease.Found:
    _lease.take(api.cluster, "holmes", "holmes", who, 600)
    found = _lease.look(api.cluster, "holmes", "holmes")
    assert found
    api.writes.clear()
    return found


def test_begun_and_ended_leave_nothing_and_change_nothing(run: Runner) -> None:
    api = LeaseApi()
    code, result = run(api, seconds=[17, "1m"])
    assert (code, result["changed"], result["lock"], result["former"]) == (0, False, ANNA, {})
    assert api.stored[LEASE]["spec"]["leaseDurationSeconds"] == 77
    assert (result["verdict"], [check["id"] for check in result["checks"]]) == ("ready", ["release.lock"])
    code, result = run(api, state="ended", lock=result["lock"], holder={})
    assert (code, result["changed"], LEASE in api.stored) == (0, False, False)


def test_another_run_is_in_the_way(run: Runner) -> None:
    api = LeaseApi()
    found = hold(api)
    code, result = run(api)
    assert (code, result["verdict"], api.writes) == (1, "not_ready", [])
    assert result["msg"].startswith("[release.lock] Another run is at work on this release: bert@ops2")
    assert result["held"]["renewed"] == found.renewed_at and result["held"]["holder"] == BERT
    assert result["lock"] == {}


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("why", ["gone", "expired"])
def test_a_lock_that_is_over_is_taken_over(run: Runner, why: str, check_mode: bool) -> None:
    api = LeaseApi()
    found = hold(api)
    if why == "expired":
        api.seconds += 600
    gone = found.ticket if why == "gone" else {}
    code, result = run(api, gone=gone, _ansible_check_mode=check_mode)
    assert (code, result["former"]["why"], result["former"]["identity"]) == (0, why, found.identity)
    assert result["lock"] == ({} if check_mode else ANNA) and bool(api.writes) is not check_mode
    assert ("was taken over" in result["checks"][0]["message"]) is not check_mode


def test_check_mode_writes_nothing_and_only_warns(run: Runner) -> None:
    api = LeaseApi()
    assert run(api, _ansible_check_mode=True)[1]["lock"] == {}
    hold(api)
    code, result = run(api, _ansible_check_mode=True)
    assert (code, result["verdict"], api.writes) == (0, "ready_with_limitations", [])
    assert "bert@ops2" in result["checks"][0]["message"] and result["held"]["holder"] == BERT
    run(api, state="ended", lock=BERT, _ansible_check_mode=True)
    assert LEASE in api.stored


@pytest.mark.parametrize(("there", "make"), [(True, True), (False, True), (False, False)])
def test_the_namespace_is_made_once_with_our_label(run: Runner, there: bool, make: bool) -> None:
    api = LeaseApi(namespace=there)
    predicted = run(api, create_namespace=make, _ansible_check_mode=True)[1]
    assert api.writes == []
    code, result = run(api, create_namespace=make)
    made = make and not there
    assert (code, result["changed"], result["namespace_created"]) == (0, made, made)
    assert (predicted["changed"], predicted["diff"]) == (result["changed"], result["diff"])
    assert bool(result["lock"]) is (there or make)
    if made:
        labels = api.stored[f"{NAMESPACES}/holmes"]["metadata"]["labels"]
        assert labels == {"app.kubernetes.io/managed-by": "holmesgpt.onprem"} == result["diff"]["after"]["labels"]
        assert run(api, create_namespace=True)[1]["changed"] is False


@pytest.mark.parametrize("refused", [f"get {LEASE}", f"post {LEASES}"])
def test_without_the_right_it_goes_on_with_a_warning(run: Runner, refused: str) -> None:
    api = LeaseApi(refuse={refused: Refusal(403, "eve cannot touch leases")})
    code, result = run(api)
    assert (code, result["verdict"], result["lock"]) == (0, "ready_with_limitations", {})
    assert "eve cannot touch leases" in result["checks"][0]["message"]


def test_the_end_never_fails_for_what_others_did(run: Runner) -> None:
    api = LeaseApi(refuse={f"get {LEASE}": Refusal(500, "broken")})
    assert run(api, state="ended")[0] == 0
    api = LeaseApi()
    hold(api)
    assert run(api, state="ended", lock=ANNA)[0] == 0 and LEASE in api.stored


def test_an_api_server_in_trouble_is_a_failure(run: Runner) -> None:
    code, result = run(LeaseApi(refuse={f"post {LEASES}": Refusal(500, "etcd is gone")}))
    assert code == 1 and "etcd is gone" in result["msg"]


def test_documentation_and_argument_spec_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Object] = []

    def spy(spec: Object, **_options: t.Any) -> t.NoReturn:
        seen.append(spec)
        raise InterruptedError

    monkeypatch.setattr(holmes_change, "cluster_module", spy)
    with pytest.raises(InterruptedError):
        holmes_change.main()
    documented = yaml.safe_load(holmes_change.DOCUMENTATION)["options"]
    assert set(documented) == set(seen[0])
    for name, spec in seen[0].items():
        for key in ("type", "default", "choices"):
            assert documented[name].get(key) == spec.get(key), (name, key)


PLANNED = {"chart": {"sha256": "a" * 64}, "values_sha256": "b" * 64, "settings": {"skip_crds": True}}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow digest is slow on purpose; what the cluster has is read by test_plan."""
    monkeypatch.setattr(_plan, "_ROUNDS", 2)
    monkeypatch.setattr(_plan, "live_state", lambda *_args: [["release", "v1", "7"]])


def test_a_check_run_makes_a_plan_and_a_run_with_it_does_just_that(run: Runner, quick: None) -> None:
    api = LeaseApi()
    given = {"planned": PLANNED, "planned_secrets": {"holmes-secrets": {"key": "canary-7d01"}}}
    _code, result = run(api, _ansible_check_mode=True, **given)
    plan = result["checks"][0]
    assert plan["id"] == "release.plan" and "canary" not in json.dumps(result)
    code, result = run(api, plan=plan["evidence"]["plan"], **given)
    assert (code, [check["status"] for check in result["checks"]]) == (0, ["pass", "pass"])


def test_a_run_that_moved_changes_nothing(run: Runner, quick: None) -> None:
    api = LeaseApi()
    plan = run(api, _ansible_check_mode=True, planned=PLANNED)[1]["checks"][0]["evidence"]["plan"]
    moved = {**PLANNED, "values_sha256": "c" * 64}
    code, result = run(api, planned=moved, plan=plan, create_namespace=True)
    assert (code, api.writes, LEASE in api.stored) == (1, [], False)
    assert "[release.plan] Something has moved since the plan was made: the values" in result["msg"]


def test_what_moves_while_the_lock_is_taken_ends_the_plan(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_plan, "_ROUNDS", 2)
    live = [["release", "v1", "7"]]
    monkeypatch.setattr(_plan, "live_state", lambda *_args: list(live))
    api = LeaseApi()
    plan = run(api, _ansible_check_mode=True, planned=PLANNED)[1]["checks"][0]["evidence"]["plan"]
    api.before.append(lambda: live.append(["secret", "holmes-secrets", "u2", "3"]))
    code, result = run(api, planned=PLANNED, plan=plan)
    assert code == 1 and "the release or its Secrets on the cluster" in result["msg"]
    assert LEASE not in api.stored, "the lock was given back"


def test_what_would_be_put_back_is_part_of_the_plan(run: Runner, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    edited: list[list[str]] = []
    monkeypatch.setattr(holmes_change, "drifts", lambda *_args: list(edited))
    planned = {**PLANNED, "settings": {"repair_drift": True}}
    plan = run(LeaseApi(), _ansible_check_mode=True, planned=planned)[1]["checks"][0]["evidence"]["plan"]
    assert run(LeaseApi(), planned=planned, plan=plan)[0] == 0
    edited.append(["drift", "Service/holmes", "spec.ports changed"])
    assert run(LeaseApi(), planned=planned, plan=plan)[0] == 1


def test_a_plan_is_of_no_use_for_another_playbook(run: Runner) -> None:
    api = LeaseApi()
    code, result = run(api, plan="a-plan")
    assert (code, api.writes) == (1, []) and "holmes_plan is what 'site.yml --check' shows" in result["msg"]


def test_what_cannot_be_written_down_does_not_keep_the_lock(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: t.Any) -> t.NoReturn:
        raise HolmesError("Somebody else has written it.")

    monkeypatch.setattr(_change, "prove", refuse)
    api = LeaseApi()
    hold(api, ANNA)
    code, result = run(api, state="ended", lock=ANNA, proof=PROOF)
    assert (code, result["msg"], LEASE in api.stored) == (0, "Somebody else has written it.", False)


PROOF = {"verdict": "ready", "release": {"revision": 2, "verified": False}}


@pytest.mark.parametrize(
    ("proof", "marked"),
    [
        (PROOF, [2]),
        ({**PROOF, "verdict": "ready_with_limitations"}, [2]),
        ({**PROOF, "verdict": "not_ready"}, []),
        ({**PROOF, "release": {"revision": 2, "verified": True}}, []),
        ({**PROOF, "release": {"revision": 1, "verified": False}}, []),
        ({**PROOF, "release": {}}, []),
        ({}, []),
    ],
)
def test_what_was_seen_to_work_is_written_down(
    run: Runner, monkeypatch: pytest.MonkeyPatch, proof: Object, marked: list[int]
) -> None:
    found: list[int] = []
    monkeypatch.setattr(_change, "releases", lambda *_place: history(superseded(), deployed()))
    monkeypatch.setattr(_change, "mark_verified", lambda _cluster, one: bool(found.append(one.revision)) or True)
    api = LeaseApi()
    hold(api, ANNA)
    run(api, state="ended", lock=ANNA, proof=proof, _ansible_check_mode=True)
    assert found == []
    assert run(api, state="ended", lock=ANNA, proof=proof)[0] == 0
    assert (found, LEASE in api.stored) == (marked, False)


def test_without_a_plan_a_run_makes_none(run: Runner) -> None:
    assert [check["id"] for check in run(LeaseApi(), planned=PLANNED)[1]["checks"]] == ["release.lock"]


def test_what_was_edited_by_hand_as_it_is_on_a_cluster() -> None:
    api, recorded = installed(rendered(NEW))
    cluster = api.cluster
    assert holmes_change.drifts(cluster, NS, recorded.name) == []
    config = next(thing for thing in api.stored.values() if thing["kind"] == "ConfigMap")
    config["data"]["by-hand.yaml"] = "{}"
    ((kind, named, *told),) = holmes_change.drifts(cluster, NS, recorded.name)
    assert (kind, named) == ("drift", f"ConfigMap/{config['metadata']['name']} -n {NS}")
    assert told and "by-hand.yaml" in told[0]
