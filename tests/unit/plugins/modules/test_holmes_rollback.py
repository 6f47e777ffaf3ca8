# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(): a double of the API server with Helm's Secrets, one of Helm that notes its call."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module, _release_record, _rollback
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_rollback

from tests.unit.fixtures.release_history import deployed, failed, revision, secrets, superseded
from tests.unit.plugins.module_utils.test_recovery import FakeCluster

Object = dict[str, t.Any]


class Site:
    """What the module is given, and what it had Helm do."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.patch = capsys, monkeypatch
        self.went: list[int] = []
        self.refusal = ""

    def helm(self, _module: t.Any) -> Site:
        return self

    def rollback(self, revision: int) -> None:
        if self.refusal:
            raise HolmesError(self.refusal)
        self.went.append(revision)

    def run(self, history: list[Object], **options: t.Any) -> tuple[int, Object]:
        for name in ("connect", "connect_patiently"):
            self.patch.setattr(holmes_rollback, name, lambda params: FakeCluster(secrets(*history)))
        with patch_module_args(options), pytest.raises(SystemExit) as ended:
            holmes_rollback.main()
        return int(ended.value.code or 0), json.loads(self.capsys.readouterr().out)


@pytest.fixture
def site(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(capsys, monkeypatch)
    monkeypatch.setattr(_module, "MISSING", None)
    monkeypatch.setattr(holmes_rollback, "Helm", made.helm)
    monkeypatch.setattr(
        _rollback, "images", lambda *args: Check("release.images", "Images", "pass", "All can be pulled.")
    )
    return made


def test_check_then_apply(site: Site) -> None:
    history = [superseded(), deployed()]
    code, result = site.run(history, _ansible_check_mode=True)
    assert (code, result["changed"], result["revision"], site.went) == (0, True, 1, [])
    code, result = site.run(history)
    assert (code, result["changed"], result["revision"], site.went) == (0, True, 1, [1])
    assert [check["id"] for check in result["checks"]] == ["release.rollback", "release.images"]


def test_what_runs_already_is_left_alone(site: Site) -> None:
    code, result = site.run([superseded(), deployed()], revision=2)
    assert (code, result["changed"], site.went) == (0, False, [])


def test_an_unknown_revision_is_refused(site: Site) -> None:
    code, result = site.run([superseded(), deployed()], revision=9)
    assert (code, result["verdict"], site.went) == (1, "not_ready", [])
    assert "no revision 9" in result["msg"]


BAD = [{"id": "verify.rollout", "status": "fail", "message": "x", "evidence": {"reason": "crash"}}]


@pytest.mark.parametrize(
    ("options", "went"),
    [
        ({"after": "verification", "failed_checks": BAD, "revision": 1}, [1]),
        ({"after": "helm", "revision": 1}, [1]),
        ({"after": "verification", "failed_checks": [], "revision": 1}, []),
        ({"after": "helm", "revision": 0}, []),
        ({"after": "helm", "revision": 1, "enabled": False}, []),
        ({"after": "helm", "revision": 1, "_ansible_check_mode": True}, []),
    ],
    ids=["does not serve", "Helm failed", "not to blame", "first install", "switched off", "check mode"],
)
def test_after_a_failed_upgrade(site: Site, options: Object, went: list[int]) -> None:
    code, result = site.run([superseded(), failed()], **options)
    assert (code, site.went) == (0, went)
    assert (result["applied"], result["problem"]) == (2, "")
    assert bool(result["stays"]) is (options.get("_ansible_check_mode") is None and not went)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"revision": 0}, "first"),
        ({"revision": 1, "enabled": False}, "unwanted"),
        ({"revision": 9}, "missing"),
    ],
)
def test_what_does_not_serve_and_stays_is_marked(site: Site, options: Object, why: str) -> None:
    marked: list[tuple[int, str]] = []
    site.patch.setattr(_release_record, "mark_failed", lambda _cluster, one, why: marked.append((one.revision, why)))
    asked = {"after": "verification", "failed_checks": BAD, **options}
    code, result = site.run([superseded(), deployed()], **asked, _ansible_check_mode=True)
    assert (code, result["changed"], result["stays"], marked) == (0, True, why, [])
    code, result = site.run([superseded(), deployed()], **asked)
    assert (code, result["changed"], site.went) == (0, True, [])
    assert marked == [(2, _release_record.NOT_SERVING.format(ids="verify.rollout"))]
    code, result = site.run([superseded(), failed()], **asked)
    assert (code, result["changed"], result["stays"], len(marked)) == (0, False, why, 1)


def test_a_helm_that_died_after_it_was_done_takes_nothing_back(site: Site) -> None:
    code, result = site.run([superseded(), deployed()], after="helm", revision=1, since=1)
    assert (code, result["stays"], result["changed"], site.went) == (0, "unverified", False, [])


def test_a_helm_that_died_before_it_began_takes_nothing_back(site: Site) -> None:
    code, result = site.run([superseded(), deployed()], after="helm", revision=2, since=2)
    assert (code, result["stays"], result["changed"], site.went) == (0, "not_begun", False, [])


@pytest.mark.parametrize("after", ["helm", "verification"])
def test_what_somebody_else_has_applied_meanwhile_is_left_alone(site: Site, after: str) -> None:
    for newest in (deployed(), failed(), revision("pending-upgrade", "Preparing upgrade")):
        asked = {"after": after, "failed_checks": BAD, "revision": 1, "since": 1, "wanted_sha256": "0" * 64}
        code, result = site.run([superseded(), newest], **asked)
        assert (code, result["stays"], result["changed"], site.went) == (0, "foreign", False, [])


def test_helm_that_refuses_is_told_and_no_crash(site: Site) -> None:
    site.refusal = "Helm could not go back to revision 1: timed out."
    code, result = site.run([superseded(), failed()], after="helm", revision=1)
    assert (code, result["changed"], result["problem"]) == (0, False, site.refusal)
    code, result = site.run([superseded(), failed()], revision=1)
    assert (code, result["msg"]) == (1, site.refusal)
