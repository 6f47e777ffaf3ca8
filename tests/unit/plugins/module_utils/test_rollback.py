# SPDX-License-Identifier: GPL-3.0-or-later
"""Going back by choice: which revision, what it changes, whether its images are there, and the whole plan."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rollback, _rollback_images
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_checks import TITLES as REGISTRY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_check import rollback_check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollback_choose import FailedRevision, choose, table

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import BLOBS, CONTENT
from tests.unit.fixtures.registry_pods import secret
from tests.unit.fixtures.registry_world import BASIC, PASSWORD, FakeRegistry, login
from tests.unit.fixtures.release_history import (
    TOKEN,
    Object,
    deployed,
    failed,
    history,
    left,
    manifest,
    revision,
    rolled_back,
    secrets,
    superseded,
)
from tests.unit.fixtures.verify_world import FakeCluster

OTHER = {"config": {"image": "other"}}
PENDING = revision("pending-upgrade", "Preparing upgrade", **OTHER)
HIDDEN = revision("superseded", 'Upgrade "holmes" failed: no', **OTHER)
INTERRUPTED = revision("failed", "Interrupted as pending-rollback; marked failed by holmesgpt.onprem", **OTHER)

# History, wanted, chosen.
CHOSEN: list[tuple[list[Object], int, int]] = [
    ([superseded(), deployed(**OTHER)], 0, 1),
    ([superseded(), deployed(**OTHER)], 1, 1),
    ([superseded(), deployed(**OTHER)], 2, 2),
    ([superseded(), deployed(), failed()], 0, 2),
    ([superseded(), deployed(), PENDING], 0, 2),
    ([superseded(), failed(), deployed(**OTHER)], 0, 1),
    # A failed rollback makes the failed revision before it superseded.
    ([superseded(), HIDDEN, deployed(**OTHER)], 0, 1),
    # A rollback that is repeated has nothing to do; the number of what was gone back to means the same.
    ([superseded(), left(**OTHER), rolled_back(1)], 0, 3),
    ([superseded(), left(**OTHER), rolled_back(1)], 1, 3),
    ([superseded(), left(**OTHER), rolled_back(1)], 2, 2),
    # A rollback that was killed is finished, not turned around.
    ([superseded(), deployed(**OTHER), INTERRUPTED], 0, 1),
    ([superseded(), left(**OTHER), rolled_back(1, "superseded"), deployed(**OTHER)], 0, 3),
]
# History, wanted, words; whether an exception may accept it.
REFUSED: list[tuple[list[Object], int, str, bool]] = [
    ([], 0, "Helm knows no revision of it", False),
    (
        [deployed()],
        0,
        "There is no good revision before 1. There are: 1 deployed holmes-0.45.0 2026-11-01T05:00:00.",
        False,
    ),
    ([failed(), deployed()], 0, "There is no good revision before 2", False),
    ([superseded(), deployed()], 7, "Helm has no revision 7 (any more). There are: 2 deployed", False),
    ([superseded(), deployed()], -1, "Helm has no revision -1", False),
    ([failed(), deployed(**OTHER)], 1, "Revision 1 never ran well, Helm has it as failed. There are: 2 deployed", True),
    ([superseded(), HIDDEN, deployed()], 2, "Revision 2 never ran well, Helm has it as failed", True),
    ([superseded(), PENDING], 2, "Revision 2 is pending-upgrade: nobody knows", False),
    ([superseded(), revision("uninstalling", "Deletion in progress")], 2, "Revision 2 is uninstalling", False),
]


PROVEN = "Upgrade complete; verified by holmesgpt.onprem"
MADE_BY_US = {"config": {"global": {"onprem": {"chartSha256": "ab"}}}}
# Statuses and what is known of them, oldest first, and which one is the last good before the newest.
PROOFS: list[tuple[list[Object], int]] = [
    ([superseded(), superseded(**MADE_BY_US), deployed()], 1),
    ([superseded(description=PROVEN, **MADE_BY_US), superseded(**MADE_BY_US), deployed()], 1),
    ([superseded(**MADE_BY_US), superseded(**MADE_BY_US), deployed()], 2),
    ([superseded(description=PROVEN, **MADE_BY_US), superseded(), deployed()], 2),
    ([superseded(), superseded(description="Does not serve (verify.rollout); marked"), deployed()], 1),
]


@pytest.mark.parametrize(("revisions", "good"), PROOFS)
def test_one_of_ours_that_nobody_has_seen_work_is_the_last_choice(revisions: list[Object], good: int) -> None:
    assert choose(history(*revisions), 0).revision == good


@pytest.mark.parametrize(("revisions", "wanted", "chosen"), CHOSEN)
def test_which_revision_is_gone_back_to(revisions: list[Object], wanted: int, chosen: int) -> None:
    assert choose(history(*revisions), wanted).revision == chosen


@pytest.mark.parametrize(("revisions", "wanted", "told", "excusable"), REFUSED)
def test_which_revision_is_refused(revisions: list[Object], wanted: int, told: str, excusable: bool) -> None:
    with pytest.raises(HolmesError) as caught:
        choose(history(*revisions), wanted)
    assert told in caught.value.msg and "holmes_" in caught.value.fix
    assert isinstance(caught.value, FailedRevision) is excusable


def test_the_table_has_the_newest_first() -> None:
    assert table(history(superseded(version="0.44.0"), HIDDEN)) == (
        "2 failed holmes-0.45.0 2026-11-02T05:00:00; 1 superseded holmes-0.44.0 2026-11-01T05:00:00"
    )


def going(old: Object, new: Object) -> Check:
    found = history(old, new)
    return rollback_check(found[1], found[0], found)


def test_what_a_rollback_changes() -> None:
    check = going(
        superseded(version="0.44.0", config={"a": {"b": 1, "c": None}, "same": 1}),
        deployed(config={"a": {"b": 2}, "new": [1], "same": 1}, manifest=manifest("Deployment/holmes", "Job/later")),
    )
    assert (check.id, check.status) == ("release.rollback", "pass")
    for words in (
        "From revision 2 (holmes-0.45.0, deployed) back to 1 (holmes-0.44.0, of 2026-11-01T05:00:00)",
        "Values that change: a.b, a.c, new.",
        "Objects that vanish: Job/later.",
        "Custom resource definitions stay as they are",
    ):
        assert words in check.message
    assert (check.evidence["values"], check.evidence["vanish"]) == (["a.b", "a.c", "new"], ["Job/later"])


def test_secrets_that_changed_since_are_a_limitation() -> None:
    old, new = ({"x": 1, "podAnnotations": {TOKEN: token}} for token in ("aa", "bb"))
    check = going(superseded(config=old), deployed(config=new))
    assert check.status == "warn" and "their present content stays" in check.message
    assert check.evidence["values"] == [] and "holmes_secrets" in check.fix
    assert going(superseded(config=new), deployed(config=new)).status == "pass"


def test_what_is_to_be_kept_does_not_vanish() -> None:
    kept = manifest("ConfigMap/kept") + "\n  annotations:\n    helm.sh/resource-policy: keep\n"
    assert going(superseded(manifest=""), deployed(manifest=kept)).evidence["vanish"] == []


def test_values_are_named_and_not_shown() -> None:
    key = "sk-proj-4f8a9d2c7b1e6f3a5d8c9b2e7f1a4d6c"
    check = going(superseded(config={"apiKey": key, key: 1}), deployed(config={"apiKey": "x"}))
    assert "apiKey" in check.message and key not in repr(check)


def found(**statuses: str) -> list[Check]:
    """Checks of the registry by the last part of their ids."""
    return [
        Check(
            f"registry.{name}",
            REGISTRY[f"registry.{name}"],
            status,
            f"{name} is {status}.",
            "" if status == "pass" else "F.",
        )
        for name, status in statuses.items()
    ]


@pytest.mark.parametrize(
    ("checks", "status", "told"),
    [
        (found(reachable="pass", login="pass", image="pass", architecture="pass"), "pass", ["image"]),
        (found(reachable="pass", login="pass", image="fail"), "fail", ["image"]),
        (found(reachable="pass", login="fail", image="not_checked"), "fail", ["login"]),
        (found(pull_secret="fail", reachable="fail", image="not_checked"), "fail", ["pull_secret"]),
        (found(reachable="fail", login="not_checked", image="not_checked"), "not_checked", ["reachable", "image"]),
        (found(reachable="not_checked", image="not_checked"), "not_checked", ["reachable", "image"]),
        (found(reachable="warn", login="pass", image="pass", architecture="fail"), "pass", ["image"]),
        ([], "not_checked", []),
    ],
)
def test_the_images_are_judged_by_the_registry(checks: list[Check], status: str, told: list[str]) -> None:
    check = _rollback_images.judge(3, checks)
    assert (check.id, check.status) == ("release.images", status)
    assert "revision 3" in check.message
    assert [one.id for one in checks if one.message in check.message] == [f"registry.{name}" for name in told]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture
def server(authority: Authority) -> t.Iterator[FakeRegistry]:
    with FakeRegistry(authority.issue(), BASIC, CONTENT, BLOBS) as one:
        yield one


def pods(image: str, init: str = "") -> str:
    """A Deployment's manifest with a pull Secret."""
    first = f"\n      initContainers:\n      - {{name: first, image: {init}}}" if init else ""
    return (
        "kind: Deployment\nmetadata: {name: holmes-holmes}\nspec:\n  template:\n    spec:\n"
        f"      imagePullSecrets: [{{name: pull}}]{first}\n"
        f"      containers:\n      - {{name: holmes, image: {image}}}\n"
    )


class World:
    """A release with two revisions, a registry with the images of one, and the pull Secret in the namespace."""

    def __init__(self, server: FakeRegistry, authority: Authority) -> None:
        self.good = f"{server.host}/holmes/holmes:1.0"
        self.options: dict[str, t.Any] = {"registry_ca_file": str(authority.file), "timeout": 3.0}
        self.exceptions = Exceptions({})
        self.answers: dict[str, t.Any] = {
            "/api/v1/nodes": [],
            "/api/v1/namespaces/holmes/secrets/pull": secret(login(server.host)),
        }

    def plan(self, wanted: int, *revisions: Object) -> _rollback.Going:
        self.answers["/api/v1/namespaces/holmes/secrets"] = secrets(*revisions)
        cluster = t.cast(t.Any, FakeCluster(self.answers))
        planned = _rollback.plan(cluster, "holmes", "holmes", wanted, self.options, self.exceptions)
        assert PASSWORD not in repr(planned)
        assert all(check.title == _rollback.IDS[check.id] for check in planned.checks)
        return planned


@pytest.fixture
def world(server: FakeRegistry, authority: Authority) -> World:
    return World(server, authority)


def statuses(planned: _rollback.Going) -> list[tuple[str, str]]:
    return [(check.id.rpartition(".")[2], check.status) for check in planned.checks]


def test_a_revision_whose_images_are_there(world: World) -> None:
    config = {"global": {"onprem": {"chartSha256": "ab12"}}, "apiKey": "sk-proj-4f8a9d2c7b1e6f3a5d8c9b2e7f1a4d6c"}
    old = superseded(manifest=pods(world.good, world.good), config=config, version="0.44.0")
    planned = world.plan(0, old, deployed())
    assert (planned.apply, planned.revision, statuses(planned)) == (True, 1, [("rollback", "pass"), ("images", "pass")])
    assert planned.chart == {"name": "holmes", "version": "0.44.0", "sha256": "ab12"}
    assert planned.values_sha256 == digest(config) and "sk-proj" not in repr(planned.values)


@pytest.mark.parametrize("where", ["holmes", "init"])
def test_an_image_that_is_gone(world: World, where: str) -> None:
    gone = world.good.replace(":1.0", ":0.9")
    images = (gone, world.good) if where == "holmes" else (world.good, gone)
    old = superseded(manifest=pods(*images))
    planned = world.plan(0, old, deployed(**OTHER))
    assert (planned.apply, statuses(planned)) == (False, [("rollback", "pass"), ("images", "fail")])
    check = planned.checks[-1]
    assert gone in check.message and world.good.partition("/")[0] in check.message
    assert "holmes_rollback_revision" in check.fix and check.evidence["may_be_accepted"] == ["release.images"]
    world.exceptions = Exceptions({"release.images": "the nodes have it"})
    planned = world.plan(0, old, deployed(**OTHER))
    assert (planned.apply, statuses(planned)[-1]) == (True, ("images", "warn"))


def test_a_registry_that_this_host_does_not_reach(world: World) -> None:
    planned = world.plan(0, superseded(manifest=pods("registry.none.invalid:5000/holmes:1.0")), deployed(**OTHER))
    assert (planned.apply, statuses(planned)[-1]) == (True, ("images", "not_checked"))


def test_nothing_to_do_asks_no_registry(world: World) -> None:
    planned = world.plan(2, superseded(), deployed(**OTHER))
    assert (planned.apply, planned.revision, statuses(planned)) == (False, 2, [("rollback", "pass")])
    assert "Nothing to do: revision 2" in planned.checks[0].message


def test_a_failed_revision_needs_an_exception(world: World) -> None:
    bad = failed(manifest=pods(world.good))
    planned = world.plan(1, bad, deployed(**OTHER))
    assert (planned.apply, statuses(planned)) == (False, [("rollback", "fail")])
    assert planned.checks[0].evidence["may_be_accepted"] == ["release.rollback"]
    world.exceptions = Exceptions({"release.rollback": "it failed for the quota"})
    planned = world.plan(1, bad, deployed(**OTHER))
    assert (planned.apply, planned.revision) == (True, 1)
    assert statuses(planned) == [("rollback", "warn"), ("rollback", "pass"), ("images", "pass")]
    planned = world.plan(1, bad)
    assert planned.apply and "Nothing to do" not in repr(planned.checks)


def test_what_cannot_be_chosen_is_a_check(world: World) -> None:
    planned = world.plan(9, superseded(), deployed())
    assert (planned.apply, planned.revision, statuses(planned)) == (False, 0, [("rollback", "fail")])
    assert "Helm has no revision 9" in planned.checks[0].message
    assert "may_be_accepted" not in planned.checks[0].evidence


def test_objects_that_nobody_can_read_leave_the_images_open(world: World) -> None:
    planned = world.plan(0, superseded(manifest="a: b: c"), deployed(**OTHER))
    assert statuses(planned)[-1] == ("images", "not_checked")
