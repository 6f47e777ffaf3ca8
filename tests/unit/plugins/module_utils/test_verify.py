# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole verification over a double of a cluster and a real HTTP server: order, grounds, missing rights."""

from __future__ import annotations

import json
import socket
import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _verify,
    _verify_access,
    _verify_egress,
    _verify_live,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, digest, verdict
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import NoWay, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import Forward
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import encode_payload
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Memory
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify import Verification
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import API_CHECKS, TITLES, Intent
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

from tests.unit.fixtures.verify_world import (
    POD,
    FakeCluster,
    FakeTime,
    HolmesServer,
    deployment,
    died,
    forbidden,
    pod,
    recorded,
    replicaset,
    service,
    waiting,
)

RBAC = "/apis/rbac.authorization.k8s.io/v1"
NS = "/api/v1/namespaces/holmes"
CONFIG: dict[str, t.Any] = {"global": {"onprem": {"chartSha256": "f" * 64}}, "modelList": {}}
INTENT = Intent(
    chart={"name": "holmes", "version": "0.45.0", "sha256": "f" * 64},
    values_sha256=digest(CONFIG),
    models=("gpt-oss-120b",),
    default_model="gpt-oss-120b",
    image_registry="registry.site.internal:5000/holmesgpt",
    limits={"context_window": 131072, "max_output_tokens": 8192},
    rollout_timeout=60,
)
BINDING = {
    "metadata": {"name": "holmes-holmes-cluster-role-binding"},
    "roleRef": {"kind": "ClusterRole", "name": "holmes-holmes-cluster-role"},
    "subjects": [{"kind": "ServiceAccount", "name": "holmes-holmes-service-account", "namespace": "holmes"}],
}


def cluster(**changes: t.Any) -> FakeCluster:
    """A good installation; ``changes`` replace answers by the last word of their path."""
    payload = {
        "name": "holmes",
        "namespace": "holmes",
        "version": 1,
        "info": {"status": "deployed"},
        "chart": {"metadata": {"name": "holmes", "version": "0.45.0"}},
        "config": CONFIG,
    }
    secret = {"type": "helm.sh/release.v1", "metadata": {"name": "s"}, "data": {"release": encode_payload(payload)}}
    answers: dict[str, t.Any] = {
        f"{NS}/secrets": [secret],
        "/apis/apps/v1/namespaces/holmes/deployments": [deployment()],
        "/apis/apps/v1/namespaces/holmes/replicasets": [replicaset()],
        f"{NS}/pods": [pod()],
        f"{NS}/events": [],
        f"{NS}/services": [service()],
        f"{NS}/pods/{POD}/log": "INFO     Loaded models: ['gpt-oss-120b']\n",
        f"{RBAC}/clusterrolebindings": [BINDING],
        f"{RBAC}/rolebindings": [],
        f"{RBAC}/clusterroles/holmes-holmes-cluster-role": {"rules": recorded("rbac-0.45.0.json")},
    }
    for word, value in changes.items():
        (path,) = [path for path in answers if path.rpartition("/")[2] == word]
        answers[path] = value
    return FakeCluster(answers)


def true_chat() -> tuple[int, t.Any]:
    """The recorded answer, with the pod that this cluster has."""
    text = recorded("chat-0.45.0-key200.json")
    text["analysis"] = text["analysis"].replace("web-6ccb88c6d-tmfdz", POD)
    result = text["tool_calls"][0]["result"]
    result["data"] = result["data"].replace("web-6ccb88c6d-tmfdz", POD)
    return 200, text


def holmes(**changes: t.Any) -> HolmesServer:
    replies: dict[str, t.Any] = {
        "GET /readyz": (200, recorded("0.45.0-fixed-readyz.json")),
        "GET /healthz": (200, {"status": "healthy"}),
        "GET /api/model": (200, {"model_name": '["gpt-oss-120b"]'}),
        "POST /api/chat": true_chat(),
    }
    replies.update({key.replace("_", " ", 1).replace("__", "/"): value for key, value in changes.items()})
    return HolmesServer(replies)


class Wire:
    """A forward that is a plain connection to a local port."""

    def __init__(self, port: int) -> None:
        self._port = port

    def stream(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=5)

    def error(self) -> str | None:
        return None


def verify(
    world: FakeCluster, server: HolmesServer | None = None, opener: t.Any = None, intent: Intent = INTENT
) -> tuple[dict[str, t.Any], Verification]:
    """Run it; the checks by id."""

    def forward(target: Target) -> Forward:
        assert target.pod == POD
        assert server is not None, "HolmesGPT must not be asked"
        return Wire(server.port)

    run = Verification(world, intent, opener or forward, FakeTime().clock())
    run.run()
    return {check.id: check for check in run.checks}, run


@pytest.fixture(autouse=True)
def _only_this_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Live state, access and egress have their own tests."""
    monkeypatch.setattr(_verify, "PARTS", ())
    monkeypatch.setattr(_verify, "IDS", TITLES)


def with_(**changes: t.Any) -> Intent:
    from dataclasses import replace

    return replace(INTENT, **changes)


def test_a_good_installation_passes_every_check_in_order() -> None:
    with holmes() as server:
        checks, run = verify(cluster(), server)
    assert {name: check.status for name, check in checks.items()} == dict.fromkeys(TITLES, "pass")
    assert list(checks) == list(TITLES)
    assert verdict(run.checks) == "ready"
    assert run.pods[0]["name"] == POD
    assert POD in run.chat["analysis"]
    assert all(check.seconds >= 0 for check in run.checks)


def test_it_only_reads() -> None:
    world = cluster()
    with holmes() as server:
        verify(world, server)
        methods = {(request.method, request.path) for request in server.requests}
    assert methods == {("GET", "/readyz"), ("GET", "/healthz"), ("GET", "/api/model"), ("POST", "/api/chat")}
    assert world.asked


def test_nothing_expected_is_nowhere_a_pass_where_an_expectation_would_decide() -> None:
    with holmes() as server:
        checks, run = verify(cluster(), server, intent=Intent(rollout_timeout=60))
    unknown = {name for name, check in checks.items() if check.status == "not_checked"}
    assert unknown == {"verify.chart", "verify.values", "verify.image", "verify.models", "verify.limits"}
    assert all(check.fix for name, check in checks.items() if name in unknown)
    assert verdict(run.checks) == "ready_with_limitations"


def test_a_broken_rollout_is_told_and_holmes_is_not_asked() -> None:
    message = 'failed to pull and unpack image "x": failed to resolve reference "x": 401 Unauthorized'
    broken = pod(phase="Pending", ready=False, container=waiting("ErrImagePull", message))
    checks, run = verify(cluster(pods=[broken], deployments=[deployment(availableReplicas=0)]))
    assert checks["verify.rollout"].status == "fail"
    assert "pull secret holmes-registry" in checks["verify.rollout"].message
    assert {checks[name].status for name in API_CHECKS} == {"not_checked"}
    assert checks["verify.release"].status == "pass"
    assert checks["verify.rbac_read_only"].status == "pass"
    assert list(checks) == list(TITLES)


def test_a_pod_without_probes_that_dies_after_it_was_ready() -> None:
    looks = [[pod()], [pod(ready=False, container=died(1))]]
    log = "Exception: ENV var replacement OPENAI_API_BASE does not exist"

    def pods(query: t.Any) -> t.Any:
        return looks.pop(0) if len(looks) > 1 else looks[0]

    world = cluster(pods=pods, log=log)
    world.answers["/apis/apps/v1/namespaces/holmes/deployments"] = lambda query: [
        deployment(availableReplicas=1 if len(looks) > 1 else 0)
    ]

    def refuse(target: Target) -> Forward:
        raise Unreachable("refused", "nothing listens")

    checks, _run = verify(world, opener=refuse)
    assert checks["verify.rollout"].status == "pass"
    assert checks["verify.api"].status == "fail"
    assert "{{ env.OPENAI_API_BASE }}" in checks["verify.api"].message


def test_an_empty_log_is_no_good_log() -> None:
    with holmes() as server:
        checks, _run = verify(cluster(log=""), server)
    assert checks["verify.logs"].status == "not_checked"


def test_no_deployment() -> None:
    checks, _run = verify(cluster(deployments=[]))
    assert checks["verify.rollout"].status == "fail"
    assert "Namespace holmes does not exist" in checks["verify.rollout"].message
    assert set(checks) == set(TITLES)


RIGHTS = [
    ("secrets", {"verify.release", "verify.chart", "verify.values"}),
    ("clusterrolebindings", {"verify.rbac_read_only"}),
    ("rolebindings", {"verify.rbac_read_only"}),
    ("log", {"verify.logs"}),
    ("services", set(API_CHECKS)),
    ("events", set()),
]


@pytest.mark.parametrize(("word", "lost"), RIGHTS)
def test_a_missing_right_costs_its_checks_and_nothing_else(word: str, lost: set[str]) -> None:
    world = cluster(**{word: forbidden(f"list {word}")})
    if word == "rolebindings":
        world.answers[f"{RBAC}/namespaces/holmes/rolebindings"] = []
    with holmes() as server:
        checks, run = verify(world, server)
    assert {name for name, check in checks.items() if check.status == "not_checked"} == lost
    assert {name for name, check in checks.items() if check.status == "fail"} == set()
    if lost:
        assert any(f"cannot list {word}" in check.message for check in run.checks)


def test_a_forbidden_port_forward_names_the_right() -> None:
    def refuse(target: Target) -> Forward:
        raise NoWay("forbidden", "this account lacks the right to get and create pods/portforward in namespace holmes")

    class Refusal(Exception):
        status = 403
        body = json.dumps({"kind": "Status", "message": "services is forbidden"})

    def request(*_arguments: t.Any, **_options: t.Any) -> t.NoReturn:
        raise Refusal

    world = cluster()
    world.raw = SimpleNamespace(client=SimpleNamespace(request=request))
    checks, _run = verify(world, opener=refuse)
    assert {checks[name].status for name in API_CHECKS} == {"not_checked"}
    for right in ("pods/portforward in namespace holmes", "get services/proxy in namespace holmes"):
        assert right in checks["verify.chat"].message


def test_a_url_needs_no_port_forward() -> None:
    def never(target: Target) -> Forward:
        raise AssertionError("no forward is needed")

    with holmes() as server:
        checks, _run = verify(cluster(), opener=never, intent=with_(url=server.url))
    assert checks["verify.ground_truth"].status == "pass"
    assert server.url in checks["verify.api"].message


def test_a_url_that_nobody_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        checks, _run = verify(cluster(), intent=with_(url=url))
    assert checks["verify.api"].status == "fail"
    assert "connection refused" in checks["verify.api"].message
    assert checks["verify.chat"].status == "not_checked"


def test_no_chat_wanted() -> None:
    with holmes() as server:
        checks, _run = verify(cluster(), server, intent=with_(chat=False))
        assert all(request.path != "/api/chat" for request in server.requests)
    assert checks["verify.chat"].status == "not_checked"
    assert checks["verify.models"].status == "pass"


def test_a_key_that_is_not_known_is_no_failure() -> None:
    with holmes(**{"GET_/api/model": (401, recorded("0.45.0-key-api_model.json"))}) as server:
        checks, _run = verify(cluster(), server)
        assert all(request.path != "/api/chat" for request in server.requests)
    assert {checks[name].status for name in ("verify.api_key", "verify.chat", "verify.limits")} == {"not_checked"}
    assert "holmes_server_api_key" in checks["verify.chat"].fix


def test_a_wrong_key_spares_the_chat() -> None:
    with holmes(**{"GET_/api/model": (401, recorded("0.45.0-key-api_model.json"))}) as server:
        checks, _run = verify(cluster(), server, intent=with_(api_key="wrong-key"))
        assert all(request.path != "/api/chat" for request in server.requests)
    assert checks["verify.api_key"].status == "fail"
    assert checks["verify.models"].status == "pass"
    assert checks["verify.chat"].status == "not_checked"


def test_the_alias_that_is_asked() -> None:
    for intent, alias in ((with_(), "gpt-oss-120b"), (with_(default_model="", models=("x", "y")), "x")):
        with holmes() as server:
            verify(cluster(), server, intent=intent)
            asked = [request.body["model"] for request in server.requests if request.path == "/api/chat"]
        assert asked == [alias]


def test_a_phantom_and_its_chat() -> None:
    with holmes(
        **{
            "GET_/readyz": (200, recorded("0.45.0-guide-readyz.json")),
            "POST_/api/chat": (500, recorded("chat-0.45.0-nomodel.json")),
        }
    ) as server:
        checks, run = verify(cluster(), server)
    assert "gpt-5.4" in checks["verify.models"].message
    assert checks["verify.chat"].evidence["kind"] == "llm_model"
    assert verdict(run.checks) == "not_ready"


def key_wanted(request: t.Any) -> tuple[int, t.Any]:
    """A HolmesGPT that wants some key."""
    given = "Authorization" in request.headers
    return (200, {"model_name": "[]"}) if given else (401, recorded("0.45.0-key-api_model.json"))


def test_secrets_of_the_pods_log_and_of_the_option_are_nowhere() -> None:
    log = "Couldn't find model: Bearer canary-123456789 in model list api_key=canary-1 chosen-key-9\n"
    refusal = (500, {"detail": "litellm.APIError: chosen-key-9 api_key: canary-2"})
    with holmes(**{"POST_/api/chat": refusal, "GET_/api/model": key_wanted}) as server:
        checks, run = verify(cluster(log=log), server, intent=with_(api_key="chosen-key-9"))
    assert "litellm.APIError: ***" in checks["verify.chat"].message
    assert checks["verify.logs"].status == "warn"
    shown = repr(run.checks) + repr(run.chat)
    assert "canary" not in shown
    assert "chosen-key-9" not in shown


class Part:
    """A part of the verification as the others are built."""

    IDS: t.ClassVar[dict[str, str]] = {"part.bad": "Bad", "part.late": "Late"}
    EXCUSABLE = ("part.bad",)

    def __init__(self) -> None:
        self.scenes: list[Scene] = []

    def tasks(self, scene: Scene) -> list[Task]:
        self.scenes.append(scene)
        return [Task("part.bad", "Bad", lambda: [Check("part.bad", "Bad", "fail", f"It is {SECRET}.", "Mend it.")])]


SECRET = "canary-12345"


@pytest.mark.parametrize(("exceptions", "status"), [({}, "fail"), ({"part.bad": "until May"}, "warn")])
def test_a_part_sees_the_scene_and_its_checks_are_masked_accepted_and_complete(
    monkeypatch: pytest.MonkeyPatch, exceptions: dict[str, str], status: str
) -> None:
    part = Part()
    monkeypatch.setattr(_verify, "PARTS", (part,))
    monkeypatch.setattr(_verify, "IDS", {**TITLES, **Part.IDS})
    monkeypatch.setattr(_verify, "MAY_BE_ACCEPTED", Part.EXCUSABLE)
    with holmes() as server:
        checks, _run = verify(cluster(), server, intent=with_(api_key=SECRET, exceptions=exceptions))
    (scene,) = part.scenes
    assert scene.rolled_out
    assert scene.release and scene.release.chart_version == "0.45.0"
    assert scene.pods[0]["metadata"]["name"] == POD
    assert list(checks) == [*TITLES, "part.bad", "part.late"]
    assert checks["part.bad"].status == status
    assert "It is ***." in checks["part.bad"].message
    assert checks["part.late"].status == "not_checked", "what a part leaves out is said"
    assert (MAY in checks["part.bad"].evidence) == (status == "fail"), "the report tells how it is accepted"


def test_a_change_of_the_rollout_ends_a_watched_run_without_checks() -> None:
    starting = pod(phase="Pending", ready=False, container=waiting("ContainerCreating"))
    world = cluster(pods=[starting], deployments=[deployment(availableReplicas=0)])
    run = Verification(world, INTENT, lambda target: Wire(1), FakeTime().clock(), watched=Memory(0.0))
    run.run()
    assert run.news and not run.checks
    assert run.news.memory.history[0]["message"].startswith("Deployment holmes-holmes: 1 of 1 updated, 0 available")


def test_the_real_parts_have_different_ids() -> None:
    parts = [_verify_live, _verify_access, _verify_egress]
    ids = [check for part in parts for check in part.IDS]
    assert len(ids) == len(set(ids) - set(TITLES)) > 10
    assert all(set(part.EXCUSABLE) <= set(part.IDS) for part in parts)
