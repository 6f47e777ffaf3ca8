# SPDX-License-Identifier: GPL-3.0-or-later
"""The single judgements of holmes_verify: release, images, models, key, chat."""

from __future__ import annotations

import json
import threading
import typing as t
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _verify_api,
    _verify_chat,
    _verify_models,
    _verify_release,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, digest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import Diagnosis
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import ChatAnswer, HolmesApi, chat_answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer, Direct, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Memory, Outcome
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import TITLES, Intent
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import (
    check_images,
    check_logs,
    judge_rollout,
    pods_table,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_images import images_of, judge_images
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import masked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload

from tests.unit.fixtures.verify_world import (
    IMAGE,
    IMAGE_ID,
    POD,
    FakeCluster,
    FakeTime,
    HolmesServer,
    deployment,
    forbidden,
    pod,
    recorded,
    replicaset,
)

CONFIG = {"modelList": {"a": {"model": "openai/a"}}, "global": {"onprem": {"chartSha256": "f" * 64}}}
RELEASE = Release(
    "holmes",
    "holmes",
    3,
    "deployed",
    "holmes",
    "0.45.0",
    "0.45.0",
    "2026-11-23T06:00:00Z",
    "",
    "",
    "s",
    "1",
    CONFIG,
)
CHART = {"name": "holmes", "version": "0.45.0", "sha256": "f" * 64, "app_version": "ignored"}


def statuses(checks: list[Check]) -> list[str]:
    return [check.status for check in checks]


def test_the_intended_release_passes() -> None:
    checks = _verify_release.judge([RELEASE], Intent(chart=CHART, values_sha256=digest(CONFIG)))
    assert [check.id for check in checks] == ["verify.release", "verify.chart", "verify.values"]
    assert statuses(checks) == ["pass", "pass", "pass"]
    assert checks[0].evidence["revision"] == 3


def test_no_expectation_is_no_pass_and_names_the_option() -> None:
    checks = _verify_release.judge([RELEASE], Intent())
    assert statuses(checks) == ["pass", "not_checked", "not_checked"]
    assert "'chart'" in checks[1].fix
    assert "'values_sha256'" in checks[2].fix


def test_no_release_fails() -> None:
    checks = _verify_release.judge([], Intent())
    assert statuses(checks) == ["fail", "not_checked", "not_checked"]
    assert "no release holmes in namespace holmes." in checks[0].message
    (named, *_rest) = _verify_release.judge([], Intent(), ["old", "other"])
    assert "no release holmes in namespace holmes, but old, other." in named.message


def test_a_release_that_something_else_made_is_not_checked() -> None:
    checks = _verify_release.judge([], Intent(chart=CHART, values_sha256=digest(CONFIG)), exists=True)
    assert statuses(checks) == ["not_checked"] * 3
    assert "Helm knows no release holmes" in checks[0].message
    for maker in ("Argo CD", "Flux"):
        assert maker in checks[0].message
    assert "site.yml" in checks[0].fix
    assert statuses(_verify_release.judge([RELEASE], Intent(), exists=True))[0] == "pass"


STATES = [
    ("pending-install", "interrupted"),
    ("pending-upgrade", "interrupted"),
    ("pending-rollback", "interrupted"),
    ("failed", "timed out waiting"),
    ("superseded", "superseded"),
]


@pytest.mark.parametrize(("status", "told"), STATES)
def test_the_newest_revision_counts(status: str, told: str) -> None:
    newest = replace(RELEASE, revision=4, status=status, description="timed out waiting for the condition")
    (state, *_rest) = _verify_release.judge([RELEASE, newest], Intent())
    assert state.status == "fail"
    assert f"Revision 4 of release holmes is {status}" in state.message
    assert told in state.message
    assert "site.yml" in state.fix


@pytest.mark.parametrize(("own", "status"), [("token-1", "not_checked"), ("", "pass")])
def test_a_digest_of_secrets_that_is_not_known_is_no_drift(own: str, status: str) -> None:
    marked = {**CONFIG, "podAnnotations": {"holmesgpt.onprem/secrets-checksum": own}} if own else CONFIG
    (_state, _chart, values) = _verify_release.judge(
        [replace(RELEASE, config=marked)], Intent(values_sha256=digest(CONFIG))
    )
    assert values.status == status
    (_state, _chart, values) = _verify_release.judge(
        [replace(RELEASE, config={**marked, "image": "x"})], Intent(values_sha256=digest(CONFIG))
    )
    assert values.status == "fail"


def test_a_huge_reason_is_cut_in_its_middle() -> None:
    # Helm puts the whole patch into the description of a refused upgrade.
    told = 'Upgrade "holmes" failed: cannot patch: ' + "x" * 20000 + ": cannot unmarshal number into annotations"
    message = _verify_release.judge([replace(RELEASE, status="failed", description=told)], Intent())[0].message
    assert len(message) < 500
    assert "cannot patch" in message
    assert "cannot unmarshal number into annotations" in message


WRONG = [
    ({"version": "0.46.0"}, "Chart version 0.46.0 was expected, 0.45.0 is deployed"),
    ({"name": "other"}, "Chart name other"),
    ({"sha256": "a" * 64}, "made from ffffffffffff"),
]


@pytest.mark.parametrize(("wanted", "told"), WRONG)
def test_another_chart(wanted: dict[str, str], told: str) -> None:
    chart = _verify_release.judge([RELEASE], Intent(chart={**CHART, **wanted}))[1]
    assert chart.status == "fail"
    assert told in chart.message


def test_a_release_that_does_not_name_its_archive_fails_only_if_one_is_expected() -> None:
    bare = replace(RELEASE, config={})
    assert "does not say" in _verify_release.judge([bare], Intent(chart=CHART))[1].message
    by_hand = Intent(chart={"name": "holmes", "version": "0.45.0"})
    assert _verify_release.judge([bare], by_hand)[1].status == "pass"


def test_other_values() -> None:
    values = _verify_release.judge([RELEASE], Intent(values_sha256=digest({})))[2]
    assert values.status == "fail"
    assert "--check --diff" in values.fix


# --- rollout and images -------------------------------------------------------------------------------------------


def workload(*pods: t.Any) -> Workload:
    return Workload(deployment(), [replicaset()], list(pods), [])


ENDS = [
    (Diagnosis("ready", "available", "1 of 1 available."), False, "pass", "1 of 1", ""),
    (Diagnosis("stuck", "pull.dns", "No DNS.", "Fix DNS."), False, "fail", "No DNS.", "Fix DNS."),
    (Diagnosis("progressing", "unschedulable", "No node.", "Add one."), True, "fail", "may still heal", "Add one."),
    (Diagnosis("progressing", "pods", "0 of 1."), True, "fail", "waits for this: 0 of 1.", "rollout_timeout"),
]


@pytest.mark.parametrize(("found", "timed_out", "status", "told", "fix"), ENDS)
def test_how_a_rollout_ended(found: Diagnosis, timed_out: bool, status: str, told: str, fix: str) -> None:
    check = judge_rollout(Outcome(found, workload(pod()), 300.0, Memory(0.0), timed_out))
    assert check.status == status
    assert told in check.message
    assert fix in check.fix


def test_restarts_are_mentioned() -> None:
    again = pod(container={"restartCount": 3})
    check = judge_rollout(Outcome(Diagnosis("ready", "available", "Done."), workload(again), 1.0, Memory(0.0)))
    assert "restarted 3 times" in check.message
    assert pods_table(workload(again))[0]["restarts"] == 3


IMAGES = [
    ({}, "registry.site.internal:5000/holmesgpt", "pass"),
    ({}, "registry.site.internal:5000/", "pass"),
    ({"image_id": f"docker-pullable://{IMAGE_ID}"}, "registry.site.internal:5000", "pass"),
    ({}, "registry.site.internal:500", "fail"),
    ({}, "registry.other.internal", "fail"),
    ({"image": "robustadev/holmes:0.45.0"}, "registry.site.internal:5000", "fail"),
    ({"image_id": "docker.io/library/import-2026@sha256:1"}, "registry.site.internal:5000", "warn"),
    ({"image_id": "sha256:abc"}, "registry.site.internal:5000", "warn"),
    ({}, "", "not_checked"),
]


@pytest.mark.parametrize(("options", "registry", "status"), IMAGES)
def test_images(options: dict[str, t.Any], registry: str, status: str) -> None:
    check = judge_images(images_of(pod(**options)), Intent(image_registry=registry))
    assert check.status == status
    assert check.evidence["images"][0]["container"] == "holmes"


def test_a_side_car_from_elsewhere_is_found() -> None:
    one = pod()
    one["spec"]["initContainers"] = [{"name": "git", "image": "alpine/git"}]
    check = judge_images(images_of(one), Intent(image_registry="registry.site.internal:5000"))
    assert check.status == "fail"
    assert "alpine/git" in check.message


RUNS = IMAGE_ID.rpartition("@")[2]
LOCKS = [
    ({}, {IMAGE: RUNS}, "pass", "1 of them by digest"),
    ({}, {IMAGE: "sha256:" + "0" * 64}, "fail", "sha256:000000000000 was expected"),
    ({}, {"other:1": "sha256:" + "0" * 64}, "pass", "the expected ones"),
    ({"image": f"{IMAGE}@{RUNS}"}, {}, "pass", "1 of them by digest"),
    ({"image": f"{IMAGE}@sha256:{'0' * 64}"}, {}, "fail", "was expected"),
    ({"image_id": "sha256:abc"}, {IMAGE: "sha256:" + "0" * 64}, "warn", "loaded by hand"),
    ({"container": {"containerID": "cri-o://1"}}, {IMAGE: "sha256:" + "0" * 64}, "pass", "5000 (sha256:4f0c0ffee4f0)"),
    ({"image_id": "7a" * 32, "container": {"containerID": "cri-o://1"}}, {IMAGE: RUNS}, "pass", "was not compared"),
    ({"image_id": "7a" * 32, "container": {"containerID": "cri-o://1"}}, {"other:1": RUNS}, "not_checked", "no digest"),
]


@pytest.mark.parametrize(("options", "digests", "status", "told"), LOCKS)
def test_the_running_content_against_a_lock(
    options: dict[str, t.Any], digests: dict[str, str], status: str, told: str
) -> None:
    registry = "" if "other:1" in digests else "registry.site.internal:5000"
    check = judge_images(images_of(pod(**options)), Intent(image_registry=registry, image_digests=digests))
    assert check.status == status
    assert told in check.message


MESH = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.24"}
MESH_RUNS = {"name": "istio-proxy", "imageID": "docker.io/istio/proxyv2@sha256:aa", "ready": True}


def with_mesh(**options: t.Any) -> t.Any:
    one = pod(**options)
    one["spec"]["containers"].append(MESH)
    one["status"]["containerStatuses"].append(MESH_RUNS)
    return one


def scene(*pods: t.Any, cluster: FakeCluster | None = None) -> Scene:
    intent = Intent(image_registry="registry.site.internal:5000/holmesgpt")
    return Scene(cluster or FakeCluster({}), intent, workload(*pods), None, True)


def test_a_container_that_a_webhook_added_is_named_and_fails_nothing() -> None:
    check = check_images(scene(with_mesh()))
    assert check.status == "warn"
    assert "istio-proxy (docker.io/istio/proxyv2:1.24)" in check.message
    assert "loaded" not in check.message
    mirrored = with_mesh()
    mirrored["spec"]["containers"][1] = {**MESH, "image": "registry.site.internal:5000/istio/proxyv2:1.24"}
    assert check_images(scene(mirrored)).status == "pass"


def test_a_container_of_the_deployment_fails_beside_an_added_one() -> None:
    check = check_images(scene(with_mesh(image="robustadev/holmes:0.45.0")))
    assert check.status == "fail"
    assert "istio" not in check.message
    asked = scene(with_mesh())
    assert asked.workload is not None
    asked.workload.deployment["spec"]["template"]["spec"]["initContainers"] = [MESH]
    assert check_images(asked).status == "fail"


def test_pods_that_are_over_have_neither_images_nor_logs_to_look_at() -> None:
    gone = [pod(name=f"gone-{number}", phase="Failed", ready=False, image_id="") for number in range(3)]
    cluster = FakeCluster({f"/api/v1/namespaces/holmes/pods/{POD}/log": "Couldn't find model: x in model list\n"})
    here = scene(*gone, pod(), cluster=cluster)
    assert check_images(here).status == "pass"
    assert [entry["name"] for entry in pods_table(here.workload or workload())] == [POD]
    assert check_logs(here).status == "warn"


@pytest.mark.parametrize("log", ["", "\n"])
def test_empty_logs_of_several_pods_are_no_pass(log: str) -> None:
    path = "/api/v1/namespaces/holmes/pods/{}/log"
    cluster = FakeCluster({path.format(POD): log, path.format("b"): log})
    assert check_logs(scene(pod(), pod(name="b"), cluster=cluster)).status == "not_checked"
    cluster.answers[path.format("b")] = "one\n\ntwo\n"
    check = check_logs(scene(pod(), pod(name="b"), cluster=cluster))
    assert (check.status, check.evidence["lines"]) == ("pass", 2)


# --- models -------------------------------------------------------------------------------------------------------


def models(listed: list[str] | None, wanted: tuple[str, ...], default: str = "") -> Check:
    return _verify_models.judge(listed, _verify_models.Expected(wanted, "option models"), default)


LISTS = [
    (["b", "a"], ("a", "b"), "", "pass", "", ""),
    (["gpt-oss-120b", "gpt-5.4"], ("gpt-oss-120b",), "", "fail", "gpt-5.4", "holmes_default_model"),
    (["gpt-oss-120b", "gpt-4.1"], ("gpt-oss-120b",), "", "fail", "OPENAI_API_KEY is set", "Rename"),
    (["Robusta"], ("a",), "", "fail", "Robusta", "ROBUSTA_AI"),
    ([], ("a",), "", "fail", "a is missing from the list none", "restart"),
    (["a"], ("a",), "b", "fail", "b is missing", "holmes_models"),
    (None, ("a",), "", "not_checked", "did not tell", "holmes_server_api_key"),
]


@pytest.mark.parametrize(("listed", "wanted", "default", "status", "told", "fix"), LISTS)
def test_model_list(
    listed: list[str] | None, wanted: tuple[str, ...], default: str, status: str, told: str, fix: str
) -> None:
    check = models(listed, wanted, default)
    assert check.status == status
    assert told in check.message
    assert fix in check.fix


CONFIG_PATH = "/api/v1/namespaces/holmes/configmaps/custom-toolsets-configmap"


def test_without_the_option_the_live_config_map_says_what_is_meant() -> None:
    cluster = FakeCluster({CONFIG_PATH: {"data": {"model_list.yaml": "a: {model: openai/a}\nb: {}\n"}}})
    found = _verify_models.expected_models(cluster, workload(pod()), Intent())
    assert found == _verify_models.Expected(("a", "b"), "ConfigMap custom-toolsets-configmap")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (forbidden("get configmaps"), "cannot get configmaps"),
        ({"data": {}}, "holds no model list"),
        ({"data": {"model_list.yaml": "{{ not: yaml"}}, "holds no model list"),
        ({"data": {"model_list.yaml": "- a\n"}}, "holds no model list"),
    ],
)
def test_without_both_the_list_is_not_checked_and_says_why(answer: t.Any, told: str) -> None:
    expected = _verify_models.expected_models(FakeCluster({CONFIG_PATH: answer}), workload(pod()), Intent())
    check = _verify_models.judge(["a"], expected, "")
    assert check.status == "not_checked"
    assert told in check.message


def test_another_config_map_is_followed_by_its_mount() -> None:
    thing = workload(pod())
    thing.deployment["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] = "holmes-toolsets"
    assert _verify_models.config_map_of(thing) == "holmes-toolsets"


def test_an_old_version_lists_its_models_elsewhere() -> None:
    with HolmesServer({"GET /api/model": (200, recorded("0.16.1-guide-api_model.json"))}) as server:
        api = HolmesApi(Direct(server.url))
        assert _verify_models.listed_models(api, api.get("/readyz")) == ["gpt-oss-120b", "gpt-4.1"]


# --- key ----------------------------------------------------------------------------------------------------------


def key_server(key: str | None) -> HolmesServer:
    def reply(request: t.Any) -> tuple[int, t.Any]:
        good = key is None or request.headers.get("Authorization") == f"Bearer {key}"
        return (200, {"model_name": "[]"}) if good else (401, recorded("0.45.0-key-api_model.json"))

    return HolmesServer({"GET /api/model": reply})


KEYS = [
    (None, None, "pass", "No key is wanted"),
    ("secret-1", "secret-1", "pass", "Refused without"),
    ("secret-1", None, "not_checked", "does not have"),
    ("secret-1", "secret-2", "fail", "refuses the given API key"),
    (None, "secret-1", "fail", "answers without it"),
]


@pytest.mark.parametrize(("server_key", "given", "status", "told"), KEYS)
def test_api_key(server_key: str | None, given: str | None, status: str, told: str) -> None:
    with key_server(server_key) as server:
        check = _verify_api.check_key(HolmesApi(Direct(server.url), given), Intent(api_key=given))
    assert check.status == status
    assert told in check.message


# Status without the key, status with it, whether a key is given.
ODD_KEYS = [
    (401, 500, True, "fail", "HTTP 500 with it"),
    (401, 403, True, "fail", "HTTP 403 with it"),
    (500, 500, True, "fail", "HTTP 500 with it"),
    (500, 401, True, "fail", "refuses the given API key"),
    (500, 200, True, "not_checked", "without it /api/model answers HTTP 500"),
    (403, 200, True, "not_checked", "without it /api/model answers HTTP 403"),
    (500, 500, False, "not_checked", "answers HTTP 500: neither"),
    (403, 403, False, "not_checked", "answers HTTP 403: neither"),
    (404, 404, False, "not_checked", "answers HTTP 404: neither"),
]


@pytest.mark.parametrize(("without", "with_key", "given", "status", "told"), ODD_KEYS)
def test_other_answers_prove_nothing_about_the_key(
    without: int, with_key: int, given: bool, status: str, told: str
) -> None:
    def reply(request: t.Any) -> tuple[int, t.Any]:
        return (with_key if "Authorization" in request.headers else without), {}

    key = "secret-1" if given else None
    with HolmesServer({"GET /api/model": reply}) as server:
        check = _verify_api.check_key(HolmesApi(Direct(server.url), key), Intent(api_key=key))
    assert (check.status, told in check.message) == (status, True), check.message
    assert check.fix


# --- chat ---------------------------------------------------------------------------------------------------------

WEB = {"web-6ccb88c6d-tmfdz"}


def chat(name: str, **changes: t.Any) -> ChatAnswer:
    found = chat_answer(Answer(200, {}, json.dumps(recorded(name)).encode()))
    assert found is not None
    return replace(found, **changes)


CHATS = [
    ("chat-0.45.0-key200.json", "pass", "pass", ""),
    ("chat-0.16.1-guide.json", "pass", "pass", ""),
    ("chat-0.45.0-fixed-accept.json", "warn", "pass", "awk: command not found"),
    ("chat-0.45.0-guide.json", "fail", "not_checked", "metacharacter"),
    ("chat-0.45.0-sa-norbac.json", "fail", "not_checked", "Forbidden"),
    ("chat-0.45.0-sa-view.json", "fail", "not_checked", "out of memory"),
]


@pytest.mark.parametrize(("name", "tools", "truth", "told"), CHATS)
def test_recorded_chats(name: str, tools: str, truth: str, told: str) -> None:
    found = chat(name)
    tool_check = _verify_chat.judge_tools(found, WEB)
    assert (tool_check.status, _verify_chat.judge_truth(found, WEB, "default", tool_check).status) == (tools, truth)
    assert told in tool_check.message


TOLD_ON_STDERR = [
    ("Warning: v1 Endpoints is deprecated in v1.33+", "pass", "pass"),
    ("I1123 memcache.go: stale discovery", "warn", "pass"),
    ("Error from server (InternalError): an error on the server", "fail", "not_checked"),
]


@pytest.mark.parametrize(("stderr", "tools", "truth"), TOLD_ON_STDERR)
def test_stderr_beside_the_names_of_pods(stderr: str, tools: str, truth: str) -> None:
    found = chat("chat-0.45.0-key200.json")
    data = found.tools[0].data
    assert '"stderr": null' in data
    told = replace(found, tools=[replace(found.tools[0], data=data.replace('"stderr": null', f'"stderr": "{stderr}"'))])
    check = _verify_chat.judge_tools(told, WEB)
    assert (check.status, _verify_chat.judge_truth(told, WEB, "default", check).status) == (tools, truth)


def test_success_with_a_hidden_error_says_both() -> None:
    check = _verify_chat.judge_tools(chat("chat-0.45.0-sa-norbac.json"), WEB)
    assert "kubernetes_tabular_query says success, but its output is" in check.message
    assert "holmes_rbac_create" in check.fix


def test_prose_fails() -> None:
    check = _verify_chat.judge_tools(chat("chat-0.45.0-key200.json", tools=[]), WEB)
    assert check.status == "fail"
    assert "prose" in check.message
    assert "--tool-call-parser" in check.fix


def test_planning_alone_is_no_look_at_the_cluster() -> None:
    plan = replace(chat("chat-0.45.0-key200.json").tools[0], name="TodoWrite", toolset="core_investigation")
    check = _verify_chat.judge_tools(chat("chat-0.45.0-key200.json", tools=[plan]), WEB)
    assert check.status == "fail"
    assert "planning" in check.message


def test_a_failed_try_beside_a_good_one_passes_beside_an_empty_one_it_fails() -> None:
    good, bad = chat("chat-0.45.0-key200.json").tools[0], chat("chat-0.45.0-guide.json").tools[0]
    both = chat("chat-0.45.0-key200.json", tools=[bad, good])
    assert _verify_chat.judge_tools(both, WEB).status == "pass"
    assert _verify_chat.judge_tools(both, {"another-pod"}).status == "fail"


def test_the_truth_must_be_in_the_tools_output_and_in_the_answer() -> None:
    good = chat("chat-0.45.0-key200.json")
    tools = _verify_chat.judge_tools(good, WEB)
    silent = _verify_chat.judge_truth(replace(good, analysis="There are pods."), WEB, "default", tools)
    assert (silent.status, "names no pod that exists" in silent.message) == ("fail", True)
    invented = _verify_chat.judge_truth(good, {"holmes-1"}, "holmes", tools)
    assert (invented.status, "No tool output names a pod" in invented.message) == ("fail", True)
    longer = _verify_chat.judge_truth(good, {"web-6ccb88c6d"}, "default", tools)
    assert longer.status == "fail", "a part of a name is no name"
    assert _verify_chat.judge_truth(good, set(), "default", tools).status == "not_checked"


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "\u2013", "\u2015", "\u2212", "-\u200b", "\u00ad-"])
def test_typographic_hyphens_in_the_answer_are_hyphens_in_a_tools_output_they_are_not(hyphen: str) -> None:
    good = chat("chat-0.45.0-key200.json")
    (name,) = WEB
    tools = _verify_chat.judge_tools(good, WEB)
    pretty = replace(good, analysis=f"| {name.replace('-', hyphen)} | Running |")
    assert _verify_chat.judge_truth(pretty, WEB, "default", tools).status == "pass"
    output = replace(good.tools[0], data=good.tools[0].data.replace(name, name.replace("-", hyphen)))
    assert _verify_chat.judge_truth(replace(good, tools=[output]), WEB, "default", tools).status == "fail"


LIMITS = [
    ({"context_window": 131072, "max_output_tokens": 8192}, "chat-0.45.0-key200.json", "pass", "131072"),
    ({"context_window": 131072}, "chat-0.45.0-key200.json", "pass", "131072"),
    ({"context_window": 32768, "max_output_tokens": 8192}, "chat-0.45.0-key200.json", "fail", "32768 was set"),
    ({"context_window": 131072, "max_output_tokens": 8192}, "chat-0.45.0-rename.json", "fail", "is 200000"),
    ({}, "chat-0.45.0-rename.json", "warn", "guesses context_window 200000 and max_output_tokens 64000"),
    ({"context_window": 200000}, "chat-0.45.0-rename.json", "warn", "max_output_tokens 64000"),
    ({}, "chat-0.45.0-key200.json", "not_checked", "in force: context_window 131072"),
    ({"context_window": 131072}, "chat-0.16.1-guide.json", "not_checked", "does not report"),
]


@pytest.mark.parametrize(("limits", "name", "status", "told"), LIMITS)
def test_limits(limits: dict[str, int], name: str, status: str, told: str) -> None:
    check = _verify_chat.judge_limits(chat(name), Intent(limits=limits))
    assert check.status == status
    assert told in check.message


def ask(
    replies: list[t.Any],
    known: list[set[str]] | None = None,
    log: str = "",
    listed: tuple[str, ...] | None = ("gpt-oss-120b",),
    **intent: t.Any,
) -> t.Any:
    """A chat with a server that gives ``replies`` one after the other (the last again and again)."""
    remaining = list(replies)

    def reply(request: t.Any) -> t.Any:
        return remaining.pop(0) if len(remaining) > 1 else remaining[0]

    names = list(known or [WEB])
    passing = FakeTime()
    with HolmesServer({"POST /api/chat": reply}) as server:
        outcome = _verify_api.check_chat(
            HolmesApi(Direct(server.url)),
            Intent(**intent),
            "gpt-oss-120b",
            None if listed is None else list(listed),
            lambda: set(names.pop(0) if len(names) > 1 else names[0]),
            lambda seconds: log,
            passing.clock(),
        )
        return outcome, server.requests, passing.seconds


GOOD = (200, recorded("chat-0.45.0-key200.json"))


UNKNOWN = "ERROR    Couldn't find model: {} in model list"
ALIASES = [
    (("gpt-oss-120b",), "", "pass", "answered itself"),
    (("gpt-oss-120b",), UNKNOWN.format("gpt-oss-120b"), "fail", "another one answered"),
    (("gpt-oss-120b",), UNKNOWN.format("somebody-elses"), "pass", "answered itself"),
    (
        ("gpt-oss-120b",),
        f"{UNKNOWN.format('x')}\n{UNKNOWN.format('gpt-oss-120b')}",
        "fail",
        "another one answered",
    ),
    (("other",), "", "fail", "does not know the model gpt-oss-120b"),
    (None, "", "not_checked", "another model may have answered"),
    (None, "INFO something", "pass", "answered itself"),
]


@pytest.mark.parametrize(("listed", "log", "status", "told"), ALIASES)
def test_the_default_does_not_answer_in_the_place_of_an_unknown_alias(
    listed: tuple[str, ...] | None, log: str, status: str, told: str
) -> None:
    outcome, _requests, _seconds = ask([GOOD], listed=listed, log=log)
    (check,) = [check for check in outcome.checks if check.id == "verify.alias"]
    assert check.status == status
    assert told in check.message


def test_a_good_chat() -> None:
    outcome, (request,), _seconds = ask([GOOD], limits={"context_window": 131072, "max_output_tokens": 8192})
    assert statuses(outcome.checks) == ["pass"] * 5
    assert "list pods in namespace holmes" in request.body["ask"]
    assert outcome.result["tools"][0]["status"] == "success"
    assert outcome.result["limits"]["context_window"] == 131072


def test_a_pod_that_came_or_went_during_the_chat_counts() -> None:
    assert statuses(ask([GOOD], [{"other"}, WEB])[0].checks)[3] == "pass"
    assert statuses(ask([GOOD], [WEB, {"other"}])[0].checks)[3] == "pass"
    assert statuses(ask([GOOD], [{"other"}])[0].checks)[3] == "fail"


def test_503_is_tried_again_429_once_and_a_refusal_never() -> None:
    outcome, requests, seconds = ask([(503, {"detail": "Service not ready"}), (503, {}), GOOD])
    assert (outcome.checks[0].status, len(requests)) == ("pass", 3)
    outcome, requests, seconds = ask([(429, {"detail": "x"}, {"Retry-After": "7"}), GOOD])
    assert (outcome.checks[0].status, len(requests), seconds) == ("pass", 2, 7.0)
    outcome, requests, _seconds = ask([(429, {"detail": "litellm.RateLimitError"})])
    assert (outcome.checks[0].status, len(requests)) == ("fail", 2)
    outcome, requests, _seconds = ask([(500, recorded("chat-0.45.0-notools.json")), GOOD])
    assert (outcome.checks[0].status, len(requests)) == ("fail", 1)
    assert "--enable-auto-tool-choice" in outcome.checks[0].fix
    assert statuses(outcome.checks)[1:] == ["not_checked"] * 4


def test_503_to_the_end_of_patience() -> None:
    outcome, requests, seconds = ask([(503, {})], chat_timeout=9)
    assert outcome.checks[0].evidence["kind"] == "not_ready"
    assert 6 <= seconds <= 9
    assert len(requests) > 3


def test_connection_error_is_explained_by_the_log() -> None:
    reply = (500, recorded("chat-0.45.0-down.json"))
    outcome, *_rest = ask([reply], log="httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.checks[0].message
    assert "holmes_ca_file" in outcome.checks[0].fix
    outcome, *_rest = ask([reply])
    assert "cannot reach the model server" in outcome.checks[0].message


def test_an_empty_answer_and_no_answer_at_all() -> None:
    outcome, *_rest = ask([(200, {**recorded("chat-0.45.0-key200.json"), "analysis": " "})])
    assert outcome.checks[0].status == "fail"
    outcome, *_rest = ask([(200, "<html>")])
    assert "no chat answer" in outcome.checks[0].message


def test_a_chat_that_hangs_is_given_up() -> None:
    late_enough = threading.Event()  # the answer comes only after the client gave up
    with HolmesServer({"POST /api/chat": lambda request: (late_enough.wait(30), GOOD)[1]}) as server:
        with pytest.raises(Unreachable) as late:
            _verify_api.ask(HolmesApi(Direct(server.url)), Intent(chat_timeout=1), "a", FakeTime().clock())
        assert late.value.kind == "timeout"
        late_enough.set()


def test_credentials_are_hidden_in_every_corner_of_a_check() -> None:
    check = Check(
        "verify.chat", "t", "fail", "key canary-1234", "x", {"a": ["Bearer canary-1234", {"b": "canary-1234"}]}
    )
    assert "canary" not in repr(masked(check, ["canary-1234"]))


def test_every_check_has_its_section_in_the_documentation() -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "checks" / "verify.md"
    sections = [line[3:] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert sections == list(TITLES)
