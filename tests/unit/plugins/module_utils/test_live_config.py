# SPDX-License-Identifier: GPL-3.0-or-later
"""live.config: the ConfigMaps of the pod against Helm's record, and against the pod's start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_config import check

from tests.unit.fixtures.live_objects import CANARY, CONFIG_MAP, CORE, CREATED, LATER, STARTED, running, written
from tests.unit.fixtures.live_world import World, world
from tests.unit.fixtures.values_world import NEW, OLD
from tests.unit.fixtures.verify_world import forbidden

RESTART = "kubectl -n obs rollout restart deployment/holmes-holmes"


def one(installation: World) -> Check:
    (found,) = check(installation.scene())
    assert found.id == "live.config"
    assert CANARY not in json.dumps(found.as_dict())
    assert bool(found.fix) is (found.status != PASS)
    return found


@pytest.mark.parametrize("chart", [NEW, OLD])
def test_a_good_one(chart: Path) -> None:
    found = one(world(chart))
    assert (found.status, found.message) == (PASS, f"As recorded, and older than the pods: {CONFIG_MAP}.")
    assert found.evidence == {
        "config_maps": [{"name": CONFIG_MAP, "recorded": True, "exists": True, "changed": CREATED}],
        "started": STARTED,
    }


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"model_list.yaml": f"x: {CANARY}"}, "differs in model_list.yaml"),
        ({"model_list.yaml": None}, "lacks model_list.yaml"),
        ({"extra.yaml": CANARY}, "has besides extra.yaml"),
    ],
)
def test_an_edit_by_hand_names_the_key_and_not_its_text(data: dict[str, str | None], told: str) -> None:
    drifted = world()
    whole = {**drifted.config_map["data"], **data}
    drifted.config_map["data"] = {key: text for key, text in whole.items() if text is not None}
    found = one(drifted)
    assert found.status == FAIL
    assert found.message == f"Not what Helm recorded: ConfigMap {CONFIG_MAP} {told}."
    assert RESTART in found.fix


def test_it_was_deleted_although_it_is_optional_for_the_pod() -> None:
    gone = world()
    del gone.answers[f"{CORE}/configmaps/{CONFIG_MAP}"]
    found = one(gone)
    assert found.status == FAIL
    assert "does not exist" in found.message


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([written("data", at=LATER)], FAIL),
        ([written("data", at=CREATED), written("data", at=LATER, by="kubectl-edit")], FAIL),
        ([written("binaryData", at=LATER)], FAIL),
        ([written("data", at=CREATED), written("metadata.labels", at=LATER, by="kubectl-label")], PASS),
        ([written("data", at=STARTED)], PASS),
        ([], PASS),
    ],
)
def test_a_change_after_the_start_is_not_in_use(entries: list[dict[str, object]], status: str) -> None:
    changed = world()
    changed.config_map["metadata"]["managedFields"] = entries
    found = one(changed)
    assert found.status == status
    if status == FAIL:
        assert f"{CONFIG_MAP} at {LATER}" in found.message
        assert found.fix.endswith(RESTART)


def test_made_anew_after_the_start() -> None:
    changed = world()
    changed.config_map["metadata"].update(managedFields=None, creationTimestamp=LATER)
    assert one(changed).status == FAIL


def test_the_pod_that_runs_longest_counts() -> None:
    two = world()
    two.config_map["metadata"]["managedFields"] = [written("data", at=LATER)]
    two.pods = [running(two.deployment, "young", "2026-11-23T07:00:00Z"), running(two.deployment, "old")]
    found = one(two)
    assert (found.status, "pod old " in found.message) == (FAIL, True)
    two.pods = two.pods[:1]
    assert one(two).status == PASS


def test_a_config_map_of_ones_own_is_only_asked_for_its_age() -> None:
    own = world(values="additional_env_froms: [{configMapRef: {name: site, optional: true}}]")
    assert one(own).status == PASS
    own.answers[f"{CORE}/configmaps/site"] = {"metadata": {"creationTimestamp": CREATED}, "data": {"A": CANARY}}
    assert one(own).status == PASS
    own.answers[f"{CORE}/configmaps/site"]["metadata"]["creationTimestamp"] = LATER
    assert one(own).status == FAIL


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("/etc/pki/ca-trust", WARN),
        ("/etc/holmes/configuration", WARN),
        ("/etc/holmes/config", FAIL),
        ("/etc/holmes/config/more.yaml", FAIL),
        ("/etc/holmes", FAIL),
    ],
)
@pytest.mark.parametrize("source", ["configMap: {name: ca}", "projected: {sources: [{configMap: {name: ca}}]}"])
def test_a_file_of_somebody_elses_config_map_may_be_renewed(place: str, status: str, source: str) -> None:
    own = world(
        values=f"{{additionalVolumes: [{{name: trust, {source}}}], "
        f"additionalVolumeMounts: [{{name: trust, mountPath: {place}}}]}}"
    )
    own.answers[f"{CORE}/configmaps/ca"] = {"metadata": {"creationTimestamp": CREATED}, "data": {"ca.crt": "x"}}
    assert one(own).status == PASS
    own.answers[f"{CORE}/configmaps/ca"]["metadata"]["managedFields"] = [written("data", at=LATER, by="trust-manager")]
    found = one(own)
    assert (found.status, f"ca at {LATER}" in found.message, RESTART in found.fix) == (status, True, True)
    own.config_map["metadata"]["managedFields"] = [written("data", at=LATER)]
    assert one(own).status == FAIL


def test_a_renewed_file_says_nothing_of_what_was_recorded() -> None:
    own = world(values="additionalVolumes: [{name: trust, configMap: {name: ca}}]")
    own.answers[f"{CORE}/configmaps/ca"] = {"metadata": {"creationTimestamp": LATER}, "data": {}}
    assert one(own).status == WARN
    own.release = None
    assert one(own).status == NOT_CHECKED


def test_a_node_whose_clock_is_behind() -> None:
    late = world()
    late.config_map["metadata"]["managedFields"] = [written("data", at="2026-11-23T05:00:00Z")]
    late.pods = [running(late.deployment, started="2026-11-23T04:59:58Z")]
    late.pods[0]["metadata"]["creationTimestamp"] = "2026-11-23T05:00:00Z"
    found = one(late)
    assert (found.status, found.evidence["started"]) == (PASS, "2026-11-23T05:00:00Z")
    late.pods[0]["metadata"]["creationTimestamp"] = "2026-11-23T04:59:59Z"
    assert one(late).status == FAIL


def test_without_the_record_only_the_age_is_judged() -> None:
    unknown = world()
    unknown.release = None
    found = one(unknown)
    assert (found.status, "list secrets" in found.fix) == (NOT_CHECKED, True)
    unknown.config_map["metadata"]["managedFields"] = [written("data", at=LATER)]
    assert one(unknown).status == FAIL


def test_the_right_that_is_missing_is_named() -> None:
    blind = world()
    blind.answers[f"{CORE}/configmaps/{CONFIG_MAP}"] = forbidden("get configmaps")
    found = one(blind)
    assert found.status == NOT_CHECKED
    assert found.fix == "Allow the verifying account to get configmaps in namespace obs."


def test_no_container_runs() -> None:
    dead = world()
    dead.pods[0]["status"]["containerStatuses"][0]["state"] = {}
    assert one(dead).status == NOT_CHECKED
