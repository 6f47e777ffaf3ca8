# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), against a double of the API server that stores objects."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._leftovers_remove import KINDS
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_leftovers

from tests.unit.fixtures.drift_world import NS, Api, record, release

LABEL = {"app.kubernetes.io/managed-by": "holmesgpt.onprem"}
SECRET = f"secret/holmes-secrets -n {NS}"
Object = dict[str, t.Any]
Runner = t.Callable[..., Object]


def world() -> Api:
    api = Api()
    api.add({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "holmes-secrets", "labels": LABEL}})
    return api


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    def call(api: Api | KubeError, *remove: str, check_mode: bool = False) -> Object:
        def connect(params: t.Any) -> t.Any:
            if isinstance(api, KubeError):
                raise api
            return api.cluster

        monkeypatch.setattr(_module, "MISSING", None)
        monkeypatch.setattr(holmes_leftovers, "connect", connect)
        arguments = {"namespace": NS, "remove": list(remove), "_ansible_check_mode": check_mode}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            holmes_leftovers.main()
        result: Object = json.loads(capsys.readouterr().out)
        return result

    return call


def test_it_lists_then_removes_then_finds_nothing(run: Runner) -> None:
    api = world()
    listed = run(api)
    assert (listed["changed"], listed["removed"], [row["what"] for row in listed["left"]]) == (False, [], [SECRET])
    planned = run(api, "secrets", check_mode=True)
    assert (planned["changed"], planned["removed"], api.writes) == (True, [SECRET], [])
    assert planned["diff"] == {"before": f"{SECRET}\n", "after": ""}
    done = run(api, "secrets")
    assert {key: done[key] for key in planned if key != "checks"} == {
        key: planned[key] for key in planned if key != "checks"
    }
    again = run(api, "secrets")
    assert (again["changed"], again["removed"], again["left"], again["verdict"]) == (False, [], [], "ready")


def test_what_stands_against_it_is_a_failure_with_its_checks(run: Runner) -> None:
    api = world()
    api.add(record(release("", 2)))
    result = run(api, "secrets")
    assert (result["failed"], result["verdict"], api.writes) == (True, "not_ready", [])
    assert "[release.removed]" in result["msg"]
    assert [check["id"] for check in result["checks"]] == ["release.removed", "release.leftovers"]


def test_no_cluster_is_one_sentence(run: Runner) -> None:
    result = run(KubeError("No connection.", fix="Look."))
    assert (result["failed"], result["msg"]) == (True, "No connection. Look.")


def test_the_documentation_names_the_kinds_that_can_be_removed() -> None:
    options = yaml.safe_load(holmes_leftovers.DOCUMENTATION)["options"]
    assert tuple(options["remove"]["choices"]) == KINDS
