# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement over a rollout, on objects as a real API server gives them, and the loop that waits for it."""

from __future__ import annotations

import json
import typing as t
from dataclasses import asdict

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import PROGRESSING, READY, STUCK, Diagnosis
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import OUTAGE, KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull import registry_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout import diagnose
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Memory, wait

from tests.unit.fixtures.verify_world import (
    IMAGE,
    POD,
    FakeCluster,
    FakeTime,
    deployment,
    died,
    event,
    forbidden,
    pod,
    recorded_text,
    replicaset,
    waiting,
)

Object = dict[str, t.Any]
UNPACK = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '
STARTING = {"updatedReplicas": 1, "availableReplicas": 0}


def pulling(message: str, reason: str = "ErrImagePull") -> Object:
    return pod(phase="Pending", ready=False, container=waiting(reason, message))


def judge(pods: list[Object], events: list[Object] | None = None, **status: t.Any) -> Diagnosis:
    return diagnose(deployment(**{**STARTING, **status}), [replicaset()], pods, events or [])


PULLS = [
    (
        "pull access denied, repository does not exist or may require authorization: authorization failed: "
        "no basic auth credentials",
        "pull.unauthorized",
        0,
    ),
    (
        "unexpected status from HEAD request to https://registry.site.internal:5000/v2/holmesgpt/holmes/manifests/"
        "0.45.0: 401 Unauthorized",
        "pull.unauthorized",
        0,
    ),
    ("unexpected status from HEAD request to https://r/v2/x/manifests/1: 403 Forbidden", "pull.forbidden", 0),
    (f"{IMAGE}: not found", "pull.not_found", 0),
    ("reading manifest 0.45.0 in registry.site.internal:5000/holmesgpt/holmes: manifest unknown", "pull.not_found", 0),
    (
        'failed to do request: Head "https://registry.site.internal:5000/v2/": tls: failed to verify certificate: '
        "x509: certificate signed by unknown authority",
        "pull.certificate",
        0,
    ),
    (
        'failed to do request: Head "https://registry.site.internal:5000/v2/": http: server gave HTTP response to '
        "HTTPS client",
        "pull.plain_http",
        0,
    ),
    (
        'failed to do request: Head "https://r.example/v2/": dial tcp: lookup r.example on 10.0.0.1:53: no such host',
        "pull.dns",
        5,
    ),
    ("failed to do request: dial tcp 10.9.9.9:5000: connect: connection refused", "pull.unreachable", 20),
    ("failed to do request: dial tcp 10.9.9.9:5000: i/o timeout", "pull.unreachable", 20),
    ("no match for platform in manifest: not found", "pull.platform", 0),
    ("something that nobody has seen", "pull.unknown", 25),
]


@pytest.mark.parametrize(("message", "reason", "patience"), PULLS)
def test_image_pull(message: str, reason: str, patience: float) -> None:
    found = judge([pulling(UNPACK + message)])
    assert (found.state, found.reason, found.patience) == (STUCK, reason, patience)
    for told in (IMAGE, "registry.site.internal:5000", "pull secret holmes-registry"):
        assert told in found.message
    assert found.fix


def test_a_back_off_takes_its_reason_from_the_event() -> None:
    told = [
        event("Pod", POD, "Failed", f'Failed to pull image "{IMAGE}": {UNPACK}401 Unauthorized'),
        event("Pod", POD, "Failed", "Error: ErrImagePull", "2026-11-23T06:00:01Z"),
    ]
    found = judge([pulling(f'Back-off pulling image "{IMAGE}"', "ImagePullBackOff")], told)
    assert found.reason == "pull.unauthorized"
    assert "401 Unauthorized" in found.message
    assert "holmes_registry_password" in found.fix


NO_WAY = UNPACK + "failed to do request: dial tcp 10.9.9.9:5000: connect: connection refused"
FAILED_PULL = f'Failed to pull image "{IMAGE}": {NO_WAY}'


@pytest.mark.parametrize(
    ("tries", "patience"),
    [
        ([{"count": 3}], 0),
        ([{"count": 2}], 20),
        ([{}], 20),
        ([{}, {"count": 2}], 0),
        ([{"series": {"count": 4}}], 0),
        ([], 20),
    ],
)
def test_a_pull_that_failed_three_times_before_anybody_looked_is_final_at_once(
    tries: list[Object], patience: float
) -> None:
    told = [{**event("Pod", POD, "Failed", FAILED_PULL), **each} for each in tries]
    told += [{**event("Pod", POD, "Failed", "Error: ErrImagePull"), "count": 9}]
    told += [{**event("Pod", "another", "Failed", FAILED_PULL), "count": 9}]
    found = judge([pulling(NO_WAY)], told)
    assert (found.reason, found.patience) == ("pull.unreachable", patience)


def test_tries_to_pull_say_nothing_of_other_troubles() -> None:
    missing = pod(phase="Pending", ready=False, container=waiting("CreateContainerConfigError", 'secret "x" not found'))
    told = [{**event("Pod", POD, "Failed", FAILED_PULL), "count": 9}]
    assert judge([missing], told).patience == 5


def test_a_pull_secret_that_is_missing_is_said() -> None:
    told = [event("Pod", POD, "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets")]
    assert "found no such Secret" in judge([pulling(UNPACK + "401 Unauthorized")], told).message
    without = pod(phase="Pending", ready=False, container=waiting("ErrImagePull", UNPACK + "401"), pull_secrets=())
    assert "no pull secret" in judge([without]).message


def test_an_untrusted_certificate_may_hide_a_missing_image() -> None:
    # containerd 1.6 asks a second time, without the CA of its hosts.toml, when the first answer was 404.
    found = judge([pulling(UNPACK + 'failed to do request: Head "https://r/": x509: unknown authority')])
    assert "hosts.toml" in found.fix
    assert "holmes_image" in found.fix


@pytest.mark.parametrize(
    ("image", "registry"),
    [(IMAGE, "registry.site.internal:5000"), ("robustadev/holmes:1", "docker.io"), ("localhost/x", "localhost")],
)
def test_registry_of(image: str, registry: str) -> None:
    assert registry_of(image) == registry


CONTAINERS: list[tuple[Object, str, str, str, str]] = [
    (waiting("InvalidImageName", "x"), STUCK, "pull.invalid_name", "not valid", "holmes_image"),
    (waiting("ErrImageNeverPull"), STUCK, "pull.never", "Never", "imagePullPolicy"),
    (
        waiting("CreateContainerConfigError", "couldn't find key openai-api-key in Secret holmes/holmes-secrets"),
        STUCK,
        "config.missing_key",
        "holmes/holmes-secrets has no key 'openai-api-key'",
        "openai-api-key",
    ),
    (
        waiting("CreateContainerConfigError", 'secret "holmes-secrets" not found'),
        STUCK,
        "config.missing_object",
        "Secret holmes-secrets does not exist",
        "holmes_secrets",
    ),
    (
        waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
        STUCK,
        "config.refused",
        "runAsNonRoot",
        "podSecurityContext",
    ),
    (died(1), STUCK, "crash", "exit code 1 (Error)", "--previous"),
    (died(137, "OOMKilled"), STUCK, "crash", "OOMKilled", "--previous"),
    (died(1, now=False, restarts=1), PROGRESSING, "crash", "1 restart", ""),
    (
        {**waiting("CrashLoopBackOff"), "restartCount": 4, "lastState": died(3)["state"]},
        STUCK,
        "crash",
        "exit code 3 (Error), 4 restarts",
        "",
    ),
    ({**waiting("ContainerCreating")}, PROGRESSING, "pods", "0 available", ""),
]


@pytest.mark.parametrize(("status", "state", "reason", "told", "fix"), CONTAINERS)
def test_container(status: Object, state: str, reason: str, told: str, fix: str) -> None:
    found = judge([pod(ready=False, container=status)])
    assert (found.state, found.reason) == (state, reason)
    assert told in found.message
    assert fix in found.fix


def test_patience_with_a_crash_ends_with_the_second_restart() -> None:
    assert judge([pod(ready=False, container=died(1, restarts=1))]).patience > 0
    assert judge([pod(ready=False, container=died(1, restarts=2))]).patience == 0


REFUSED = [
    (
        'pods "holmes-holmes-rs2-" is forbidden: error looking up service account holmes/mine: serviceaccount "mine" '
        "not found",
        "create.service_account",
        "ServiceAccount mine",
    ),
    (
        'pods "x" is forbidden: exceeded quota: compute, requested: limits.memory=2Gi, used: limits.memory=0, limited: '
        "limits.memory=1Gi",
        "create.quota",
        "ResourceQuota compute",
    ),
    (
        'pods "x" is forbidden: failed quota: compute: must specify limits.cpu for: holmes',
        "create.quota",
        "ResourceQuota compute",
    ),
    (
        'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
        "create.pod_security",
        "restricted:latest",
    ),
    ('admission webhook "deny.site.internal" denied the request: no', "create.admission", "deny.site.internal"),
    (
        'Internal error occurred: failed calling webhook "w.site": failed to call webhook: Post "https://w": refused',
        "create.webhook",
        "w.site",
    ),
    ('pods "x" is forbidden: no PriorityClass with name high was found', "create.priority_class", "high"),
    ("something else", "create.refused", "kubectl describe replicaset holmes-holmes-rs2"),
]


@pytest.mark.parametrize(("message", "reason", "fix"), REFUSED)
@pytest.mark.parametrize("where", ["condition", "event"])
def test_pods_that_may_not_be_created(message: str, reason: str, fix: str, where: str) -> None:
    by_condition = replicaset(reason="FailedCreate", message=message)
    told = [event("ReplicaSet", "holmes-holmes-rs2", "FailedCreate", f"Error creating: {message}")]
    sets, events = ([by_condition], []) if where == "condition" else ([replicaset()], told)
    # The old revision stays Ready meanwhile, which must not hide it (facts: real-run point 7).
    found = diagnose(
        deployment(updatedReplicas=0, availableReplicas=1, replicas=1),
        [replicaset("1"), *sets],
        [pod(name="old", revision="1")],
        events,
    )
    assert (found.state, found.reason) == (STUCK, reason)
    assert fix in found.fix
    assert found.patience <= 15


PODS: list[tuple[Object, list[Object], str, str, str]] = [
    (
        pod(
            phase="Pending",
            ready=False,
            container={"state": {}},
            conditions=[
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/1 nodes are available: 1 Insufficient memory.",
                }
            ],
        ),
        [],
        PROGRESSING,
        "unschedulable",
        "1 Insufficient memory",
    ),
    (
        pod(phase="Pending", ready=False, container=waiting("ContainerCreating")),
        [event("Pod", POD, "FailedMount", 'MountVolume.SetUp failed for volume "x" : secret "y" not found')],
        STUCK,
        "volume",
        'secret "y" not found',
    ),
    (
        pod(phase="Pending", ready=False, container=waiting("ContainerCreating")),
        [event("Pod", POD, "FailedCreatePodSandBox", "network plugin is not ready")],
        STUCK,
        "sandbox",
        "network plugin",
    ),
    (
        pod(ready=False),
        [event("Pod", POD, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")],
        STUCK,
        "probe",
        "statuscode: 503",
    ),
    (
        pod(ready=False),
        [event("Pod", POD, "Unhealthy", "Readiness probe failed: dial tcp 10.244.0.9:5050: connection refused")],
        PROGRESSING,
        "probe",
        "connection refused",
    ),
    (pod(ready=False), [event("Pod", "another", "Unhealthy", "Readiness probe failed: 503")], PROGRESSING, "pods", "0"),
]


@pytest.mark.parametrize(("one", "events", "state", "reason", "told"), PODS)
def test_pod(one: Object, events: list[Object], state: str, reason: str, told: str) -> None:
    found = judge([one], events)
    assert (found.state, found.reason) == (state, reason)
    assert told in found.message


LATER = "2026-11-23T06:00:09Z"
FAILURES = ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"]
STARTING_POD = pod(phase="Pending", ready=False, container=waiting("ContainerCreating"))


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("sign", ["Pulling", "Pulled", "Created", "Started"])
def test_a_volume_or_network_that_healed_is_no_trouble(failure: str, sign: str) -> None:
    told = event("Pod", POD, failure, "timed out")
    for when in (told["lastTimestamp"], LATER):
        assert judge([STARTING_POD], [event("Pod", POD, sign, "x", when), told]).reason == "pods"
    # Of eventTime comes a fraction of the second.
    fine = {**event("Pod", POD, sign, "x"), "lastTimestamp": None, "eventTime": "2026-11-23T06:00:00.123456Z"}
    assert judge([STARTING_POD], [fine, told]).reason == "pods"


@pytest.mark.parametrize("failure", FAILURES)
def test_a_volume_or_network_that_fails_again_is_trouble(failure: str) -> None:
    again = event("Pod", POD, failure, "once more", LATER)
    for sign in (event("Pod", POD, "Pulled", "x"), event("Pod", "another", "Pulled", "x", LATER)):
        found = judge([STARTING_POD], [event("Pod", POD, failure, "first"), sign, again])
        assert (found.state, "once more" in found.message) == (STUCK, True)


WHOLE = [
    (deployment(), [pod()], READY, "available"),
    (deployment(observedGeneration=1), [pod()], PROGRESSING, "generation"),
    (deployment(updatedReplicas=0), [pod(name="old", revision="1")], PROGRESSING, "pods"),
    (deployment(), [pod(), pod(name="old", revision="1")], PROGRESSING, "old_pods"),
    (deployment(), [pod(), pod(name="leaving", deleted=True)], PROGRESSING, "old_pods"),
    (deployment(), [pod(), pod(name="evicted", revision="1", phase="Failed")], READY, "available"),
    (deployment(replicas=2), [pod()], PROGRESSING, "pods"),
    (deployment(replicas=0), [], STUCK, "scaled_to_zero"),
    (deployment(paused=True, updatedReplicas=0), [], STUCK, "paused"),
    (
        deployment(
            **STARTING,
            conditions=[{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}],
        ),
        [pod(ready=False)],
        STUCK,
        "deadline",
    ),
]


@pytest.mark.parametrize(("thing", "pods", "state", "reason"), WHOLE)
def test_whole_deployment(thing: Object, pods: list[Object], state: str, reason: str) -> None:
    found = diagnose(thing, [replicaset("1"), replicaset("2")], pods, [])
    assert (found.state, found.reason) == (state, reason)


def world(looks: list[list[Object]], *, log: t.Any = "", **status: t.Any) -> FakeCluster:
    """A cluster whose pods change with every look; the last look repeats."""
    remaining = list(looks)

    def pods(_query: t.Mapping[str, str]) -> list[Object]:
        return remaining.pop(0) if len(remaining) > 1 else remaining[0]

    def deployments(_query: t.Mapping[str, str]) -> list[Object]:
        ready = remaining[0] and all(p["status"]["containerStatuses"][0]["ready"] for p in remaining[0])
        return [deployment(**({} if ready else {**STARTING, **status}))]

    return FakeCluster(
        {
            "/apis/apps/v1/namespaces/holmes/deployments": deployments,
            "/apis/apps/v1/namespaces/holmes/replicasets": [replicaset()],
            "/api/v1/namespaces/holmes/pods": pods,
            "/api/v1/namespaces/holmes/events": [],
            f"/api/v1/namespaces/holmes/pods/{POD}/log": log,
        }
    )


def test_a_refused_log_in_ends_the_waiting_at_once() -> None:
    time = FakeTime()
    outcome = wait(world([[pulling(UNPACK + "401 Unauthorized")]]), "holmes", "holmes", 300, time.clock())
    assert outcome.diagnosis.reason == "pull.unauthorized"
    assert time.seconds == 0
    assert not outcome.timed_out


def test_a_slow_registry_gets_time_and_may_heal() -> None:
    slow = [pulling(UNPACK + "dial tcp: i/o timeout")]
    time = FakeTime()
    outcome = wait(world([slow, slow, slow, [pod()]]), "holmes", "holmes", 300, time.clock())
    assert outcome.diagnosis.state == READY
    assert [entry["message"][:5] for entry in outcome.history] == ["Image", "Deplo"]
    stuck = wait(world([slow]), "holmes", "holmes", 300, FakeTime().clock())
    assert stuck.diagnosis.reason == "pull.unreachable"
    assert 20 <= stuck.seconds < 25


def test_a_crash_with_a_known_cause_is_final_at_the_first_death() -> None:
    log = (
        "Traceback\n\x1b[31mException: ENV var replacement OPENAI_API_BASE does not exist\x1b[0m api_key=canary-12345\n"
    )
    time = FakeTime()
    outcome = wait(world([[pod(ready=False, container=died(1))]], log=log), "holmes", "holmes", 300, time.clock())
    assert outcome.diagnosis.reason == "crash.env"
    assert time.seconds == 0
    assert "{{ env.OPENAI_API_BASE }}" in outcome.diagnosis.message
    assert "OPENAI_API_BASE" in outcome.diagnosis.fix
    assert "canary-12345" not in outcome.diagnosis.message


CRASHES = [
    ("binascii.Error: Invalid base64-encoded string: number of data characters", "crash.certificate", "holmes_ca_file"),
    ("ssl.SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate", "crash.certificate", "holmes_ca_file"),
    ("OSError: [Errno 30] Read-only file system: '/home/holmes'", "crash.read_only", "HOLMES_CONFIGPATH_DIR"),
    ("exec /usr/bin/python3: exec format error", "crash.platform", "skopeo copy --all"),
    ("PermissionError: [Errno 13] Permission denied: '/app/x'", "crash.permission", "containerSecurityContext"),
]


@pytest.mark.parametrize(("log", "reason", "fix"), CRASHES)
def test_known_last_words(log: str, reason: str, fix: str) -> None:
    cluster = world([[pod(ready=False, container=died(1))]], log=log)
    outcome = wait(cluster, "holmes", "holmes", 300, FakeTime().clock())
    assert outcome.diagnosis.reason == reason
    assert fix in outcome.diagnosis.fix


def test_out_of_memory_needs_no_log() -> None:
    cluster = world([[pod(ready=False, container=died(137, "OOMKilled"))]], log=forbidden("get pods/log"))
    outcome = wait(cluster, "holmes", "holmes", 300, FakeTime().clock())
    assert outcome.diagnosis.reason == "crash.out_of_memory"
    assert "holmes_resources" in outcome.diagnosis.fix


def test_an_unknown_crash_needs_a_second_look_and_shows_its_last_lines() -> None:
    cluster = world([[pod(ready=False, container=died(1, restarts=1))]], log="first\nlast words\n")
    outcome = wait(cluster, "holmes", "holmes", 300, FakeTime().clock())
    assert 10 <= outcome.seconds < 15
    assert "last words" in outcome.diagnosis.message


@pytest.mark.parametrize(("now", "previous"), [(True, False), (False, True)])
def test_a_container_that_runs_again_left_its_last_words_in_the_previous_log(now: bool, previous: bool) -> None:
    cluster = world(
        [[pod(ready=False, container=died(1, now=now, restarts=1))]], log="OSError: Read-only file system: '/'"
    )
    outcome = wait(cluster, "holmes", "holmes", 300, FakeTime().clock())
    assert outcome.diagnosis.reason == "crash.read_only"
    assert ("previous=true" in next(asked for asked in cluster.asked if "/log" in asked)) is previous


ONE_DEATH = [(255, "Unknown"), (143, "Error"), (137, "Error"), (137, "OOMKilled")]
STARTS = ["log-start-0.45.0-fixed.txt", "log-start-0.45.0-guide.txt", "log-start-0.16.1-guide.txt"]


@pytest.mark.parametrize(("code", "reason"), ONE_DEATH)
@pytest.mark.parametrize("log", STARTS)
def test_one_death_of_a_container_that_runs_again_ends_no_waiting(code: int, reason: str, log: str) -> None:
    again = pod(ready=False, container=died(code, reason, restarts=1, now=False))
    outcome = wait(
        world([[again]] * 9 + [[pod()]], log=recorded_text(log)), "holmes", "holmes", 300, FakeTime().clock()
    )
    assert outcome.diagnosis.state == READY
    seen = outcome.history[0]["message"]
    assert "runs again" in seen and "keeps dying" not in seen


@pytest.mark.parametrize("log", STARTS)
def test_a_normal_start_names_no_cause_of_death(log: str) -> None:
    lying = wait(
        world([[pod(ready=False, container=died(143))]], log=recorded_text(log)),
        "holmes",
        "holmes",
        0,
        FakeTime().clock(),
    )
    assert lying.diagnosis.reason == "crash"


MODEL_LIST = [
    "WARNING  Error parsing YAML from /etc/holmes/config/model_list.yaml: mapping values are not allowed here",
    "WARNING  Failed to open file /etc/holmes/config/model_list.yaml: no",
    "ValueError: Invalid format: YAML file /etc/holmes/config/model_list.yaml does not contain a dictionary",
    "ValueError: No content found in file: /etc/holmes/config/model_list.yaml",
    "yaml.scanner.ScannerError: mapping values are not allowed here",
]


@pytest.mark.parametrize("line", MODEL_LIST)
def test_a_complaint_about_the_model_list_is_a_cause(line: str) -> None:
    log = f"{recorded_text(STARTS[0])}\n{line}\n"
    found = wait(
        world([[pod(ready=False, container=died(1))]], log=log), "holmes", "holmes", 300, FakeTime().clock()
    ).diagnosis
    assert (found.state, found.reason) == (STUCK, "crash.model_list")
    assert line in found.message


@pytest.mark.parametrize("reason", ["Error", "OOMKilled"])
def test_a_container_that_runs_for_the_third_time_keeps_dying(reason: str) -> None:
    again = pod(ready=False, container=died(137, reason, restarts=2, now=False))
    found = wait(
        world([[again]], log="PermissionError: Permission denied: '/x'"), "holmes", "holmes", 300, FakeTime().clock()
    )
    assert (found.diagnosis.state, found.seconds) == (STUCK, 0)
    assert "keeps dying" in found.diagnosis.message


def evicted(name: str = "holmes-holmes-evicted", **status: t.Any) -> Object:
    one = pod(name=name, phase="Failed", ready=False, container=died(137, "ContainerStatusUnknown"))
    one["status"].update({"reason": "Evicted", "message": "The node was low on resource: memory.", **status})
    return one


def test_a_pod_that_was_evicted_does_not_speak_for_its_replacement() -> None:
    assert judge([evicted(), pod()], availableReplicas=1).state == READY
    starting = judge([evicted(), pod(ready=False)])
    assert (starting.state, starting.reason) == (PROGRESSING, "pods")
    for told in (f"{POD} Running", "are over: 1", "Evicted: The node was low on resource: memory)"):
        assert told in starting.message
    assert judge([evicted(), pulling(UNPACK + "401 Unauthorized")]).reason == "pull.unauthorized"


def test_a_rollout_whose_pods_all_end_is_told_with_the_reason() -> None:
    refused = [
        evicted(f"r{number}", reason="OutOfcpu", message="Node didn't have enough resource") for number in (1, 2)
    ]
    refused[0]["metadata"]["creationTimestamp"] = "2026-11-23T06:00:02Z"
    refused[1]["metadata"]["creationTimestamp"] = "2026-11-23T06:00:01Z"
    found = judge(refused)
    assert found.state == PROGRESSING
    assert "are over: 2, the last one r1 (OutOfcpu: Node didn't have enough resource)" in found.message
    assert "kubectl describe node" in found.fix
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    found = judge(refused, conditions=[late])
    assert (found.state, "OutOfcpu" in found.message) == (STUCK, True)


def test_an_old_refusal_does_not_speak_for_pods_that_were_made_and_ended() -> None:
    told = [event("ReplicaSet", "holmes-holmes-rs2", "FailedCreate", "Error creating: exceeded quota: compute")]
    assert judge([evicted()], told).reason == "pods"


def lost(ready: bool = False, **metadata: t.Any) -> Object:
    """A pod that should have ended at six o'clock."""
    one = pod(name="lost", ready=ready, deleted=True)
    one["metadata"].update({"deletionGracePeriodSeconds": 30, **metadata})
    return one


# What the API server wrote in the newest object, seconds waited, grace, whether the pod still counts.
LEAVING = [
    ("2026-11-23T06:01:00Z", 0, 30, True),
    ("2026-11-23T06:01:01Z", 0, 30, False),
    ("2026-11-22T06:00:00Z", 90, 30, True),
    ("2026-11-22T06:00:00Z", 91, 30, False),
    ("2026-11-22T06:00:00Z", 91, None, False),
    ("2026-11-22T06:00:00Z", 91, 300, True),
]


@pytest.mark.parametrize(("written", "waited", "grace", "counts"), LEAVING)
@pytest.mark.parametrize("where", ["creation", "change", "event"])
def test_a_pod_that_stays_on_a_dead_node_is_not_waited_for(
    written: str, waited: float, grace: int | None, counts: bool, where: str
) -> None:
    good, told = pod(), event("Pod", POD, "Started", "x", when="2030-01-01T00:00:00Z")
    if where == "creation":
        good["metadata"]["creationTimestamp"] = written
    elif where == "change":
        good["metadata"]["managedFields"] = [{"time": "2026-11-23T05:00:00Z"}, {"time": written}]
    else:
        told["metadata"] = {"creationTimestamp": written}
    pods = [lost(deletionGracePeriodSeconds=grace), good]
    found = diagnose(deployment(), [replicaset()], pods, [told], waited)
    assert found.reason == ("old_pods" if counts else "available")
    assert "lost" in found.message
    if not counts:
        assert "on node worker-1, which was to end at 2026-11-23T06:00:00Z" in found.message


def test_a_leaving_pod_that_still_serves_is_waited_for() -> None:
    found = diagnose(deployment(), [replicaset()], [lost(ready=True), pod()], [], 9999)
    assert found.reason == "old_pods"
    old = pod(name="old", revision="1", ready=False)
    assert diagnose(deployment(), [replicaset("1"), replicaset()], [old, pod()], [], 9999).reason == "old_pods"


def test_a_dead_node_holds_a_quiet_rollout_up_for_a_minute_and_the_grace_only() -> None:
    cluster = world([[pod(), lost()]])
    cluster.answers["/apis/apps/v1/namespaces/holmes/deployments"] = [deployment()]
    outcome = wait(cluster, "holmes", "holmes", 300, FakeTime().clock())
    assert outcome.diagnosis.state == READY
    assert 90 <= outcome.seconds <= 95
    assert "lost" in outcome.diagnosis.message


def test_a_label_that_was_corrected_needs_a_restart_to_be_noticed() -> None:
    told = replicaset(reason="FailedCreate", message='violates PodSecurity "restricted:latest": x')
    found = diagnose(deployment(**STARTING), [told], [], [])
    assert "kubectl rollout restart deployment holmes-holmes" in found.fix


def test_unschedulable_is_waited_for_and_said_in_the_end() -> None:
    time = FakeTime()
    outcome = wait(world([[PODS[0][0]]]), "holmes", "holmes", 60, time.clock())
    assert outcome.timed_out
    assert time.seconds >= 60
    assert outcome.diagnosis.reason == "unschedulable"


NODE = "/api/v1/nodes/worker-1"
HUNG = {"type": "Ready", "status": "Unknown", "message": "Kubelet stopped posting node status."}


@pytest.mark.parametrize(
    ("answer", "reason", "said"),
    [
        ({"status": {"conditions": [HUNG]}}, "node", "Node worker-1, on which pod holmes"),
        ({"status": {"conditions": [{**HUNG, "status": "True"}]}}, "pods", "0 available"),
        (forbidden("get nodes"), "pods", "0 available"),
    ],
)
def test_a_node_that_hangs_is_what_a_rollout_waits_for(answer: t.Any, reason: str, said: str) -> None:
    new = pod(ready=False, phase="Pending", container=waiting("ContainerCreating"))
    new["spec"]["nodeName"] = "worker-1"
    cluster = world([[new]])
    cluster.answers[NODE] = answer
    outcome = wait(cluster, "holmes", "holmes", 60, FakeTime().clock())
    assert outcome.timed_out and outcome.diagnosis.reason == reason
    assert said in outcome.diagnosis.message
    assert ("Kubelet stopped posting node status (heals" in outcome.diagnosis.message) is (reason == "node")


def test_a_node_that_no_pod_may_go_to_because_it_is_gone_is_no_want_of_room() -> None:
    taint = "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }."
    new = pod(phase="Pending", ready=False, container={"state": {}})
    new["status"]["conditions"] = [{"type": "PodScheduled", "reason": "Unschedulable", "message": taint}]
    found = judge([new])
    assert found.reason == "node" and "once the node is ready" in found.message


def test_who_watches_hears_of_every_change_once_and_of_long_silence() -> None:
    time = FakeTime()
    starting = [pod(ready=False, phase="Pending", container=waiting("ContainerCreating"))]
    cluster = world([starting, starting, *[[pod(ready=False)]] * 25, [pod()]])
    memory, told = Memory(time.seconds), []
    while True:
        handed = Memory(**json.loads(json.dumps(asdict(memory))))
        outcome = wait(cluster, "holmes", "holmes", 300, time.clock(), handed)
        told.append((outcome.diagnosis.reason, round(outcome.seconds)))
        memory = outcome.memory
        if outcome.final:
            break
    assert [reason for reason, _seconds in told] == ["pods", "pods", "pods", "pods", "available", "available"]
    assert 13.5 <= told[2][1] - told[1][1] <= 16.5, "a quarter of a minute of nothing new is told, too"
    assert [entry["message"] for entry in memory.history][-1].endswith("1 of 1 available.")
    assert len(memory.history) == 3


def test_who_watches_a_good_installation_is_not_held_up() -> None:
    time = FakeTime()
    outcome = wait(world([[pod()]]), "holmes", "holmes", 300, time.clock(), Memory(time.seconds))
    assert outcome.final
    assert outcome.diagnosis.state == READY


def test_time_and_patience_go_on_over_several_calls() -> None:
    time = FakeTime()
    slow = [pod(ready=False, container=waiting("ImagePullBackOff", 'Back-off pulling image "x"'))]
    memory = Memory(time.seconds)
    while not (outcome := wait(world([slow]), "holmes", "holmes", 300, time.clock(), memory)).final:
        memory = outcome.memory
    assert outcome.diagnosis.state == STUCK
    assert outcome.seconds < 60, "each call does not start the patience again"


def test_no_deployment_is_a_sentence() -> None:
    nothing: dict[str, t.Any] = {"/apis/apps/v1/namespaces/holmes/deployments": []}
    there = {**nothing, "/api/v1/namespaces/holmes": {"metadata": {"name": "holmes"}}}
    unknown = {**nothing, "/api/v1/namespaces/holmes": forbidden("get namespaces")}
    said = r"no Deployment of the release holmes \(Deployments there: none at all\)"
    for answers in (there, unknown):
        with pytest.raises(HolmesError, match=said):
            wait(FakeCluster(answers), "holmes", "holmes", 60, FakeTime().clock())
    with pytest.raises(HolmesError, match="Namespace holmes does not exist"):
        wait(FakeCluster(nothing), "holmes", "holmes", 60, FakeTime().clock())


PATIENCE = [(0, OUTAGE), (429, OUTAGE), (500, OUTAGE), (503, OUTAGE), (400, 0), (401, 0), (403, 0), (404, 0)]


@pytest.mark.parametrize(("status", "seconds"), PATIENCE)
def test_an_api_server_that_restarts_is_waited_for(status: int, seconds: float) -> None:
    path = "/apis/apps/v1/namespaces/holmes/deployments"
    time = FakeTime()
    with pytest.raises(KubeError):
        wait(FakeCluster({path: KubeError("x", status)}), "holmes", "holmes", 60, time.clock())
    assert time.seconds == seconds


@pytest.mark.parametrize("status", [0, 429, 503])
def test_one_odd_answer_does_not_end_the_waiting(status: int) -> None:
    path = "/apis/apps/v1/namespaces/holmes/deployments"
    cluster = world([[pod()]])
    good, first = cluster.answers[path], [KubeError("x", status)]
    cluster.answers[path] = lambda query: first.pop() if first else good(query)
    assert wait(cluster, "holmes", "holmes", 60, FakeTime().clock()).diagnosis.state == READY


def test_the_deployment_is_found_by_helms_annotation_among_add_ons() -> None:
    named = deployment()
    named["metadata"]["name"] = "holmes"
    addon = deployment()
    addon["metadata"]["name"] = "a-first"
    addon["spec"]["template"]["spec"]["containers"][0]["name"] = "mcp"
    other = deployment()
    other["metadata"]["name"] = "b-second"
    other["metadata"]["annotations"]["meta.helm.sh/release-name"] = "other"
    cluster = world([[pod()]])
    cluster.answers["/apis/apps/v1/namespaces/holmes/deployments"] = [addon, other, named]
    outcome = wait(cluster, "holmes", "holmes", 60, FakeTime().clock())
    assert outcome.workload.deployment["metadata"]["name"] == "holmes"


def test_pods_of_another_release_with_the_same_labels_do_not_count() -> None:
    foreign = pod(name="foreign", revision="9")
    cluster = world([[foreign, pod()]])
    outcome = wait(cluster, "holmes", "holmes", 60, FakeTime().clock())
    assert [p["metadata"]["name"] for p in outcome.workload.pods] == [POD]
