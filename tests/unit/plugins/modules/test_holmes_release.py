# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), with a fake cluster that holds Helm's release Secrets."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _drift, _module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, digest
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_release

from tests.unit.plugins.module_utils.test_recovery import CHART, VALUES, FakeCluster, secret

Object = dict[str, t.Any]
Runner = t.Callable[..., tuple[int, Object]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(_module, "MISSING", None)

    def runner(*secrets: Object, **options: t.Any) -> tuple[int, Object]:
        monkeypatch.setattr(holmes_release, "connect", lambda params: FakeCluster(list(secrets)))
        given = {"chart": CHART, "values": VALUES, **options}
        arguments = {name: value for name, value in given.items() if value is not None}
        with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
            holmes_release.main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return runner


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_same_release_is_left_alone(run: Runner, check_mode: bool) -> None:
    code, result = run(secret(3, "deployed"), _ansible_check_mode=check_mode, _ansible_diff=True)
    assert (code, result["apply"], result["changed"], result["verdict"]) == (0, False, False, "ready")
    assert result["diff"] == {"before": {}, "after": {}}


def test_the_digest_decides_where_the_values_are_shown_with_stars(run: Runner) -> None:
    shown = {**VALUES, "podAnnotations": {"oauth": "***"}}
    assert run(secret(3, "deployed"), values=shown)[1]["apply"] is True
    assert run(secret(3, "deployed"), values=shown, values_sha256=digest(VALUES))[1]["apply"] is False
    assert run(secret(3, "deployed"), values_sha256="0" * 64)[1]["apply"] is True


def test_a_difference_is_shown(run: Runner) -> None:
    wanted = {**VALUES, "image": "holmes:0.46.0"}
    _code, result = run(secret(3, "deployed"), values=wanted, _ansible_diff=True)
    assert result["diff"] == {"before": VALUES, "after": wanted}


def test_the_wanted_values_must_be_given(run: Runner) -> None:
    code, result = run(secret(3, "deployed"), values=None)
    assert code == 1 and "values" in result["msg"]


def test_what_helm_has_recorded_is_told_without_its_values(run: Runner) -> None:
    for state in ("present", "absent"):
        result = run(secret(2, "superseded"), secret(3, "deployed"), state=state)[1]
        assert [(row["revision"], row["status"]) for row in result["revisions"]] == [(2, "superseded"), (3, "deployed")]
        newest = result["revisions"][-1]
        assert newest["values_sha256"] == digest(VALUES) and newest["chart"] == f"{CHART['name']}-{CHART['version']}"
        assert newest["age"] > 0 and set(newest) == {
            *("revision", "status", "chart", "app_version", "values_sha256", "since", "age", "description")
        }


def test_what_a_run_that_was_cut_off_has_applied_is_for_this_one_to_prove(run: Runner) -> None:
    cut_off = run(secret(2, "superseded"), secret(3, "deployed"))[1]
    assert (cut_off["apply"], cut_off["since"], cut_off["good_revision"]) == (False, 2, 2)
    proven = secret(3, "deployed", description="Upgrade complete; verified by holmesgpt.onprem")
    assert run(secret(2, "superseded"), proven)[1]["since"] == 3
    # One that somebody made by hand is nobody's to take back.
    by_hand = {"image": "holmes:0.45.0"}
    assert run(secret(2, "superseded"), secret(3, "deployed", values=by_hand), values=by_hand)[1]["since"] == 3
    assert run(secret(3, "deployed"), values={"other": 1})[1]["since"] == 3


def test_the_revision_to_go_back_to_is_told(run: Runner) -> None:
    assert run()[1]["good_revision"] == 0
    assert run(secret(3, "deployed"), values={"other": 1})[1]["good_revision"] == 3
    assert run(secret(3, "deployed"), secret(4, "failed"))[1]["good_revision"] == 3


def test_drift_is_repaired_only_on_request(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    orphans_too: list[bool] = []

    def repair(_cluster: t.Any, found: list[str], _release: t.Any, *, orphans: bool, check_mode: bool) -> list[str]:
        asked.append(check_mode)
        orphans_too.append(orphans)
        return [f"{one} was put back" for one in found]

    monkeypatch.setattr(_drift, "find", lambda _cluster, _release: ["Role/a"])
    monkeypatch.setattr(_drift, "repair", repair)
    monkeypatch.setattr(
        _drift, "repaired_check", lambda *_args: Check("release.repaired", "Objects edited by hand", "pass", "done")
    )
    assert run(secret(3, "deployed"))[1]["repaired"] == [] and asked == []
    assert run(secret(3, "failed"), repair_drift=True)[1]["repaired"] == [] and asked == []
    for check_mode in (True, False):
        _code, result = run(secret(3, "deployed"), repair_drift=True, _ansible_check_mode=check_mode)
        assert (result["changed"], result["repaired"], asked[-1]) == (True, ["Role/a was put back"], check_mode)
        assert "release.repaired" in [check["id"] for check in result["checks"]]
    code, result = run(secret(3, "deployed"), secret(4, "failed"), repair_drift=True)
    assert (code, result["repaired"], orphans_too) == (0, ["Role/a was put back"], [True, True, False])


@pytest.mark.parametrize(
    ("status", "changed"), [("deployed", False), ("pending-upgrade", False), ("uninstalling", True)]
)
def test_a_removal_marks_only_what_kubernetes_core_passes_over(run: Runner, status: str, changed: bool) -> None:
    code, result = run(secret(3, status), state="absent", chart=None, values=None, _ansible_check_mode=True)
    assert (code, result["changed"]) == (0, changed)
