# SPDX-License-Identifier: GPL-3.0-or-later
"""The module through its main(): a Helm that is a small script, and a double of the API server that reviews rights."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _module
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, KubeError
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_preflight

from tests.unit.plugins.modules.test_holmes_secret import Refusal

SERVER = "https://kubernetes.site.internal:6443"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
Object = dict[str, t.Any]
Allow = t.Callable[[Object], bool]


class Api:
    """Double of the API server below the client library: its version and access reviews."""

    def __init__(self, allow: Allow = lambda right: True, refuse: Refusal | None = None) -> None:
        self.allow = allow
        self.refuse = refuse
        self.reviewed: list[Object] = []

    def request(self, method: str, path: str, body: t.Any = None, **_options: t.Any) -> t.Any:
        if (method, path) == ("get", "/version"):
            return SimpleNamespace(data=b'{"gitVersion": "v1.35.4"}')
        assert (method, path) == ("post", REVIEWS), "a preflight changes nothing"
        assert body["kind"] == "SelfSubjectAccessReview"
        if self.refuse:
            raise self.refuse
        right = body["spec"]["resourceAttributes"]
        self.reviewed.append(right)
        return SimpleNamespace(data=json.dumps({"status": {"allowed": self.allow(right)}}).encode())

    @property
    def cluster(self) -> Cluster:
        return Cluster(SimpleNamespace(client=self, configuration=SimpleNamespace(host=SERVER)))


Runner = t.Callable[..., tuple[int, Object]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    monkeypatch.setattr(_module, "MISSING", None)

    def runner(api: Api | Exception, helm: str = "v4.3.1", **options: t.Any) -> tuple[int, Object]:
        def connect(params: t.Any) -> Cluster:
            if isinstance(api, Exception):
                raise api
            return api.cluster

        program = tmp_path / "helm"
        program.write_text(f"#!/bin/sh\n[ \"$1\" = version ] && echo '{helm}'\n")
        program.chmod(0o755)
        monkeypatch.setattr(holmes_preflight, "connect", connect)
        arguments = {"helm_binary": str(program), **options}
        with patch_module_args(arguments), pytest.raises(SystemExit) as ended:
            holmes_preflight.main()
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return runner


def by_id(result: Object) -> dict[str, Object]:
    return {check["id"]: check for check in result["checks"]}


@pytest.mark.parametrize("check_mode", [False, True])
def test_everything_is_there(run: Runner, check_mode: bool) -> None:
    code, result = run(Api(), _ansible_check_mode=check_mode)
    assert (code, result["changed"], result["verdict"]) == (0, False, "ready")
    checks = by_id(result)
    assert {name: check["status"] for name, check in checks.items()} == {
        "host.helm": "pass",
        "cluster.api": "pass",
        "cluster.rights": "pass",
    }
    assert checks["host.helm"]["evidence"]["version"] == "4.3.1"
    assert checks["cluster.api"]["evidence"] == {"server": SERVER, "version": "v1.35.4"}


@pytest.mark.parametrize(
    ("helm", "said"), [("v3.11.3", "3.11.3"), ("v2.17.0", "2.17.0"), ("v5.0.0", "5.0.0"), ("hello", "did not answer")]
)
def test_a_helm_out_of_range_fails_with_the_variable(run: Runner, helm: str, said: str) -> None:
    code, result = run(Api(), helm=helm)
    assert (code, result["failed"], result["verdict"]) == (1, True, "not_ready")
    assert result["msg"].startswith("[host.helm] ")
    assert said in result["msg"]
    assert "holmes_helm_binary" in result["msg"]
    assert "exception" not in result
    assert by_id(result)["cluster.rights"]["status"] == "pass", "the other checks are made all the same"


def test_the_oldest_helm_is_fine(run: Runner) -> None:
    assert run(Api(), helm="v3.12.0")[0] == 0


def test_a_missing_helm_is_named(run: Runner, tmp_path: Path) -> None:
    binary = str(tmp_path / "no-helm")
    code, result = run(Api(), helm_binary=binary)
    assert code == 1
    assert result["msg"].startswith("[host.helm] ")
    assert binary in result["msg"]


def test_an_api_server_that_cannot_be_reached(run: Runner) -> None:
    refused = KubeError("No connection to the cluster: refused.", 0, "Check kubeconfig.")
    code, result = run(refused, host=SERVER)
    assert code == 1
    assert result["msg"] == "[cluster.api] No connection to the cluster: refused. Check kubeconfig."
    checks = by_id(result)
    assert checks["cluster.api"]["evidence"]["server"] == SERVER
    assert checks["host.helm"]["status"] == "pass"
    assert "cluster.rights" not in checks, "nobody was asked, so nothing is said"


def test_all_that_fails_is_in_one_message(run: Runner) -> None:
    _code, result = run(KubeError("No connection."), helm="v2.17.0")
    assert "[host.helm]" in result["msg"] and "[cluster.api]" in result["msg"]


def test_a_denied_right_is_named_and_no_other(run: Runner) -> None:
    api = Api(allow=lambda right: (right["verb"], right["resource"]) != ("create", "clusterroles"))
    code, result = run(api)
    assert (code, result["verdict"]) == (1, "not_ready")
    check = by_id(result)["cluster.rights"]
    assert check["status"] == "fail"
    assert check["evidence"]["denied"] == ["create clusterroles.rbac.authorization.k8s.io"]
    assert "create clusterroles.rbac.authorization.k8s.io" in result["msg"]


def test_a_review_that_is_not_answered_is_no_pass_and_no_failure(run: Runner) -> None:
    code, result = run(Api(refuse=Refusal(403, "cannot create selfsubjectaccessreviews")))
    assert (code, result["verdict"]) == (0, "ready_with_limitations")
    check = by_id(result)["cluster.rights"]
    assert check["status"] == "not_checked"
    assert "selfsubjectaccessreviews" in check["fix"]


def test_a_review_that_breaks_is_a_sentence(run: Runner) -> None:
    code, result = run(Api(refuse=Refusal(500, "etcd is away")))
    assert code == 1
    assert "etcd is away" in result["msg"]
    assert "exception" not in result


def test_rights_are_reviewed_where_they_are_needed(run: Runner) -> None:
    api = Api()
    run(api, namespace="ai")
    places: dict[str, set[str | None]] = {}
    for right in api.reviewed:
        places.setdefault(right["resource"], set()).add(right.get("namespace"))
    assert places["secrets"] == places["deployments"] == {"ai"}
    assert places["namespaces"] == places["clusterroles"] == {None}
    assert {right["group"] for right in api.reviewed if right["resource"] == "deployments"} == {"apps"}


@pytest.mark.parametrize(
    ("option", "resources"),
    [("create_namespace", {"namespaces"}), ("rbac_create", {"clusterroles", "clusterrolebindings"})],
)
def test_what_the_installation_does_not_make_needs_no_right(run: Runner, option: str, resources: set[str]) -> None:
    code, result = run(Api(allow=lambda right: right["resource"] not in resources), **{option: False})
    assert (code, result["verdict"]) == (0, "ready")


def test_documentation_and_argument_spec_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Object] = []

    def spy(spec: Object, **_options: t.Any) -> t.NoReturn:
        seen.append(spec)
        raise InterruptedError

    monkeypatch.setattr(holmes_preflight, "cluster_module", spy)
    with pytest.raises(InterruptedError):
        holmes_preflight.main()
    documented = yaml.safe_load(holmes_preflight.DOCUMENTATION)["options"]
    assert set(documented) == set(seen[0])
    for name, spec in seen[0].items():
        assert (documented[name]["type"], documented[name]["default"]) == (spec["type"], spec["default"]), name
