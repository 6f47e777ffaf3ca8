# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(), against a double of the API server that stores definitions."""

from __future__ import annotations

import copy
import json
import typing as t
from types import SimpleNamespace

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _crds_apply, _module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_crds

from tests.unit.fixtures.cluster_world import Refusal
from tests.unit.fixtures.upgrade_world import NEW, OLD, definitions, served
from tests.unit.plugins.module_utils.test_crds import merged

FOLDER = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ONE, TWO = definitions()
NAMES = [one["metadata"]["name"] for one in (ONE, TWO)]
OLDER = served(ONE, versions=[{**ONE["spec"]["versions"][0], "served": False}])
LABEL = "app.kubernetes.io/managed-by"
Object = dict[str, t.Any]


class Api:
    """Definitions in memory. A new one is established after ``slow`` reads; ``refuse`` raises by method."""

    def __init__(self, *stored: Object, slow: int = 0, refuse: t.Mapping[str, Refusal] | None = None) -> None:
        self.stored = {one["metadata"]["name"]: copy.deepcopy(one) for one in stored}
        self.slow, self.refuse = slow, refuse or {}
        self.writes: list[tuple[str, str]] = []
        self.refused_names = False

    def request(self, method: str, path: str, body: t.Any = None, **options: t.Any) -> t.Any:
        if method in self.refuse:
            raise self.refuse[method]
        name = path[len(FOLDER) + 1 :]
        if method != "get":
            self.writes.append((method, name))
        if method == "post":
            name = body["metadata"]["name"]
            self.stored[name] = {**copy.deepcopy(body), "status": {"conditions": []}}
        elif name not in self.stored:
            raise Refusal(404, "not found")
        elif method == "patch":
            assert options["content_type"] == "application/merge-patch+json"
            assert body["metadata"] == {"resourceVersion": self.stored[name]["metadata"]["resourceVersion"]}
            self.stored[name] = merged(self.stored[name], body)
        elif method == "get":
            self._establish(self.stored[name])
        return SimpleNamespace(data=json.dumps(self.stored[name]).encode())

    def _establish(self, definition: Object) -> None:
        if definition["status"]["conditions"]:
            return
        self.slow -= 1
        if self.refused_names:
            taken = {"type": "NamesAccepted", "status": "False", "message": '"hc" is already in use.'}
            definition["status"]["conditions"] = [
                taken,
                {"type": "Established", "status": "False", "message": "not all names"},
            ]
        elif self.slow < 0:
            definition["status"] = served(ONE)["status"]
            definition["metadata"]["resourceVersion"] = "1"


class Watch:
    """A clock that does not wait."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> Clock:
        return Clock(lambda: self.time, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.time += seconds


Runner = t.Callable[..., tuple[int, Object]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(_module, "MISSING", None)
    monkeypatch.setattr(_crds_apply, "Clock", Watch())

    def runner(api: Api, **options: t.Any) -> tuple[int, Object]:
        monkeypatch.setattr(holmes_crds, "connect", lambda params: Cluster(SimpleNamespace(client=api)))
        with patch_module_args({"chart": str(NEW), **options}), pytest.raises(SystemExit) as ended:
            holmes_crds.main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return runner


def actions(result: Object) -> list[str]:
    assert [one["name"] for one in result["crds"]] == NAMES
    return [one["action"] for one in result["crds"]]


def test_missing_ones_are_made_ours_and_a_second_run_changes_nothing(run: Runner) -> None:
    api = Api(slow=3)
    code, result = run(api, namespace="obs", release_name="ai")
    assert (code, result["changed"], result["verdict"], actions(result)) == (0, True, "ready", ["created", "created"])
    assert result["checks"][0]["message"] == f"Definitions of chart holmes 0.45.0: created: {', '.join(NAMES)}."
    for one in api.stored.values():
        assert one["metadata"]["labels"] == {LABEL: "holmesgpt.onprem"}
        assert one["metadata"]["annotations"] == {"holmesgpt.onprem/made-for": "obs/ai"}
    writes = list(api.writes)
    code, result = run(api)
    assert (result["changed"], actions(result), api.writes) == (False, ["unchanged", "unchanged"], writes)


def test_one_of_somebody_else_is_updated_and_stays_theirs(run: Runner) -> None:
    api = Api(OLDER, served(TWO))
    code, result = run(api)
    assert (code, result["changed"], actions(result)) == (0, True, ["updated", "unchanged"])
    assert api.writes == [("patch", NAMES[0])]
    assert api.stored[NAMES[0]]["metadata"]["labels"] == {"team": "platform"}
    assert api.stored[NAMES[0]]["spec"]["versions"] == ONE["spec"]["versions"]
    assert not run(api)[1]["changed"]


def test_check_mode_tells_and_writes_nothing(run: Runner) -> None:
    api = Api(OLDER)
    code, result = run(api, _ansible_check_mode=True, _ansible_diff=True)
    assert (code, result["changed"], actions(result), api.writes) == (0, True, ["updated", "created"], [])
    diff = result["diff"]
    assert "served: true" in diff["after"] and "served: true" not in diff["before"]
    assert NAMES[1] in diff["after"] and NAMES[1] not in diff["before"]
    code, result = run(Api(served(ONE), served(TWO)), _ansible_check_mode=True)
    assert (result["changed"], result["diff"]) == (False, {"before": "", "after": ""})


def test_nothing_is_written_if_stored_objects_would_be_lost(run: Runner) -> None:
    api = Api(OLDER, served(TWO, "v1alpha0", "v1alpha1"))
    for options in ({}, {"_ansible_check_mode": True}):
        code, result = run(api, **options)
        assert (code, result["changed"], result["verdict"], api.writes) == (1, False, "not_ready", [])
        assert actions(result) == ["unchanged", "unchanged"]
        assert (
            f"[release.crds] Not updated, because objects could not be read any more: {NAMES[1]} (stored: v1alpha0)"
            in result["msg"]
        )
        assert "status.storedVersions" in result["msg"]


def test_what_is_not_served_is_told_with_the_reason(run: Runner) -> None:
    code, result = run(Api(slow=10_000))
    assert code == 1 and f"does not serve {NAMES[0]}: the API server gave no reason" in result["msg"]
    api = Api()
    api.refused_names = True
    code, result = run(api)
    assert code == 1 and '"hc" is already in use' in result["msg"] and "kubectl describe crd" in result["msg"]
    assert result["changed"], "they were made"


def test_a_chart_without_definitions(run: Runner) -> None:
    code, result = run(Api(), chart=str(OLD))
    assert (code, result["changed"], result["crds"], result["verdict"]) == (0, False, [], "ready")
    assert result["checks"][0]["message"] == "Chart holmes 0.16.1 brings no definitions."


@pytest.mark.parametrize(
    ("method", "refusal", "told"),
    [
        ("get", Refusal(403, "User eve cannot get crds"), "eve cannot get crds"),
        ("post", Refusal(403, "User eve cannot create crds"), "eve cannot create crds"),
        ("patch", Refusal(409, "the object has been modified"), "the object has been modified"),
    ],
)
def test_a_refusal_of_the_api_server_is_one_sentence(run: Runner, method: str, refusal: Refusal, told: str) -> None:
    code, result = run(Api(OLDER, refuse={method: refusal}))
    assert code == 1 and told in result["msg"]


def test_a_missing_chart_is_one_sentence(run: Runner) -> None:
    code, result = run(Api(), chart="/nowhere/x.tgz")
    assert code == 1 and "There is no chart at '/nowhere/x.tgz'" in result["msg"]
