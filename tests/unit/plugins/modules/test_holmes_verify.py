# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(): options, result, failure, check mode; documentation equals argument spec."""

from __future__ import annotations

import json
import typing as t
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.doc_fragments import _lock
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module, _verify
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._python_needs import refusal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import TITLES
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_verify

from tests.unit.fixtures.verify_world import FakeCluster, HolmesServer, deployment, forbidden, pod, waiting
from tests.unit.plugins.module_utils.test_verify import CONFIG, POD, cluster, digest, holmes


@pytest.fixture(autouse=True)
def _no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module's own logic is tested here, whether or not the Python client is installed."""
    monkeypatch.setattr(_module, "MISSING", None)
    monkeypatch.setattr(_verify, "PARTS", ())
    monkeypatch.setattr(_verify, "IDS", TITLES)
    monkeypatch.setattr(holmes_verify._portforward, "opener", lambda cluster: None)


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, world: t.Any, **options: t.Any
) -> tuple[int, dict[str, t.Any]]:
    """Exit code and result of the module."""

    def connect(params: t.Any) -> FakeCluster:
        if isinstance(world, Exception):
            raise world
        assert isinstance(world, FakeCluster)
        return world

    monkeypatch.setattr(holmes_verify, "connect", connect)
    with patch_module_args(options), pytest.raises(SystemExit) as ended:
        holmes_verify.main()
    return int(ended.value.code or 0), json.loads(capsys.readouterr().out)


def options(server: HolmesServer, **more: t.Any) -> dict[str, t.Any]:
    return {
        "url": server.url,
        "chart": {"name": "holmes", "version": "0.45.0", "sha256": "f" * 64, "app_version": "0.45.0"},
        "values_sha256": digest(CONFIG),
        "models": ["gpt-oss-120b"],
        "default_model": "gpt-oss-120b",
        "image_registry": "registry.site.internal:5000/holmesgpt",
        "limits": {"context_window": 131072, "max_output_tokens": 8192},
        **more,
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_good_installation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, check_mode: bool
) -> None:
    with holmes() as server:
        code, result = run(capsys, monkeypatch, cluster(), **options(server, _ansible_check_mode=check_mode))
    assert code == 0
    assert result["changed"] is False
    assert result["verdict"] == "ready"
    assert {check["status"] for check in result["checks"]} == {"pass"}
    assert result["pods"][0]["name"] == POD
    assert set(result["chat"]) == {"seconds", "analysis", "tools", "limits"}
    assert set(result["checks"][0]) == {"id", "title", "status", "message", "fix", "evidence", "seconds"}


def test_a_failed_check_fails_the_task_with_ids_and_fixes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with holmes() as server:
        code, result = run(
            capsys, monkeypatch, cluster(), **options(server, models=["other"], default_model="other", chat=False)
        )
    assert code == 1
    assert result["failed"] is True
    assert result["changed"] is False
    assert result["msg"].startswith("[verify.models] ")
    assert "exception" not in result
    assert result["verdict"] == "not_ready"
    assert len(result["checks"]) == len(TITLES)


def test_the_key_is_nowhere_in_the_result(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with holmes() as server:
        _code, result = run(capsys, monkeypatch, cluster(), **options(server, holmes_api_key="canary-key-1"))
        assert server.requests[-1].path == "/api/model"
    assert "canary" not in json.dumps(result)


def test_the_key_is_read_where_the_pods_take_it_from() -> None:
    world = cluster()
    world.answers["/api/v1/namespaces/holmes/secrets/keys"] = {"data": {"api": "Y2FuYXJ5LWtleS0y"}}
    params = {"namespace": "holmes", "holmes_api_key": "canary-key-1", "holmes_api_key_from": None}
    for reference, key in ((None, "canary-key-1"), ({"secret": "keys", "key": "api"}, "canary-key-2")):
        module = t.cast(
            t.Any, SimpleNamespace(params={**params, "holmes_api_key_from": reference}, no_log_values=set())
        )
        assert holmes_verify.own_key(module, t.cast(t.Any, world)) == key
        assert module.no_log_values == {key}, "it shows in no result"


def test_who_watches_gets_what_belongs_into_the_next_call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [[pod(ready=False, phase="Pending", container=waiting("ContainerCreating"))], [pod()]]
    world = cluster(
        pods=lambda query: looks[0],
        deployments=lambda query: [deployment(availableReplicas=int(looks[0] == [pod()]))],
    )
    with holmes() as server:
        code, first = run(capsys, monkeypatch, world, **options(server, watch={}))
        assert (code, set(first) - {"invocation"}) == (0, {"changed", "watch"})
        looks.pop(0)
        _code, second = run(capsys, monkeypatch, world, **options(server, watch=first["watch"]))
        assert "watch" in second, "that it is over is told before the questions are asked"
        _code, third = run(capsys, monkeypatch, world, **options(server, watch=second["watch"]))
    assert third["verdict"] == "ready"
    assert len(third["checks"][3]["evidence"]["history"]) == 2


def test_a_cluster_that_cannot_be_reached(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code, result = run(capsys, monkeypatch, KubeError("No connection to the cluster: refused.", 0, "Check kubeconfig."))
    assert code == 1
    assert result["msg"] == "No connection to the cluster: refused. Check kubeconfig."


def test_a_missing_library_is_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module, "MISSING", refusal(["kubernetes"]))
    code, result = run(capsys, monkeypatch, cluster())
    assert code == 1
    assert "The Python package kubernetes is missing on the host" in result["msg"]


def test_an_account_without_rights_proves_nothing_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = FakeCluster({path: forbidden("look") for path in cluster().answers})
    code, result = run(capsys, monkeypatch, world)
    assert code == 1
    assert "Nothing could be verified" in result["msg"]
    assert {check["status"] for check in result["checks"]} == {"not_checked"}


def test_documentation_and_argument_spec_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    class Seen(Exception):
        pass

    specs: list[dict[str, t.Any]] = []

    def spy(spec: dict[str, t.Any], **_options: t.Any) -> t.NoReturn:
        specs.append(spec)
        raise Seen

    monkeypatch.setattr(holmes_verify, "cluster_module", spy)
    with pytest.raises(Seen):
        holmes_verify.main()
    documented = yaml.safe_load(holmes_verify.DOCUMENTATION)["options"]
    documented.update(yaml.safe_load(_lock.ModuleDocFragment.DOCUMENTATION)["options"])
    assert set(documented) == set(specs[0])
    for name, spec in specs[0].items():
        assert documented[name]["type"] == spec["type"], name
        assert documented[name].get("default") == spec.get("default"), name
        assert set(documented[name].get("suboptions", {})) == set(spec.get("options", {})), name
    assert specs[0]["holmes_api_key"]["no_log"] is True
    assert "api_key" not in specs[0], "that name belongs to kubernetes.core's token for the API server"
