# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with one container: its image, its configuration, its crashes.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions over objects.
"""

from __future__ import annotations

import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._crash import Crash, describe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import PROGRESSING, STUCK, Diagnosis, stuck
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._pull import (
    PULL_REASONS,
    pull_trouble,
    registry_of,
    shorten,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import events_of

_MISSING_KEY = re.compile(r"couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?P<where>\S+)")
_MISSING_OBJECT = re.compile(r'(?P<kind>secret|configmap) "(?P<name>[^"]+)" not found')
# Kubernetes waits ten seconds before the second restart: two deaths are seen in less than this.
_CRASH_PATIENCE = 10.0


def container_trouble(pod: Object, status: Object, events: list[Object]) -> Diagnosis | None:
    """The trouble of one container of ``pod``, given its status; None if there is none."""
    return _waiting(pod, status, events) or _died(pod, status)


def _waiting(pod: Object, status: Object, events: list[Object]) -> Diagnosis | None:
    waiting = (status.get("state") or {}).get("waiting") or {}
    reason, message = str(waiting.get("reason", "")), str(waiting.get("message", ""))
    where = f"container {status.get('name')} of pod {name_of(pod)}"
    if reason == "InvalidImageName":
        return stuck(
            "pull.invalid_name",
            f"The image reference '{status.get('image')}' of {where} is not valid.",
            "Correct holmes_image_registry and holmes_image: the chart joins them with a slash.",
        )
    if reason == "ErrImageNeverPull":
        return stuck(
            "pull.never",
            f"The image {status.get('image')} of {where} is not on the node and imagePullPolicy is Never.",
            "Load the image on the nodes, or set imagePullPolicy: IfNotPresent in holmes_values.",
        )
    if reason in PULL_REASONS:
        return _pull(pod, status, message, events)
    if reason in ("CreateContainerConfigError", "CreateContainerError"):
        return _config(where, message)
    if reason in ("RunContainerError", "StartError"):
        return stuck("start", f"The {where} cannot be started: {message}.", "Look at the image and at 'args'.", 10.0)
    return None


def _pull(pod: Object, status: Object, message: str, events: list[Object]) -> Diagnosis:
    if "failed to" not in message and "rpc error" not in message:
        # In back-off older kubelets only say that they back off; the event has the reason.
        told = [
            str(event.get("message", ""))
            for event in events_of(events, "Pod", name_of(pod), "Failed")
            if str(event.get("message", "")).startswith("Failed to pull image")
        ]
        message = re.sub(r'^Failed to pull image "[^"]*": ', "", told[-1]) if told else message
    trouble = pull_trouble(message)
    image = _spec_image(pod, str(status.get("name"))) or str(status.get("image", ""))
    names = [str(entry.get("name")) for entry in (pod.get("spec") or {}).get("imagePullSecrets") or []]
    secrets = f"pull secret {', '.join(names)}" if names else "no pull secret"
    missing = events_of(events, "Pod", name_of(pod), "FailedToRetrieveImagePullSecret")
    if missing and names:
        secrets += " (the kubelet found no such Secret in the namespace)"
    return stuck(
        f"pull.{trouble.kind}",
        f"Image {image} cannot be pulled from registry {registry_of(image)} ({secrets}): "
        f"{trouble.why}: {shorten(message)}.",
        trouble.fix,
        trouble.patience,
    )


def _spec_image(pod: Object, container: str) -> str:
    spec = pod.get("spec") or {}
    for entry in list(spec.get("initContainers") or []) + list(spec.get("containers") or []):
        if entry.get("name") == container:
            return str(entry.get("image", ""))
    return ""


def _config(where: str, message: str) -> Diagnosis:
    key = _MISSING_KEY.search(message)
    if key:
        return stuck(
            "config.missing_key",
            f"The {where} cannot be created: {key['kind']} {key['where']} has no key '{key['key']}'.",
            f"Add {key['key']} to holmes_secrets, or correct the key that holmes_env, holmes_llm_api_key or "
            "holmes_server_api_key name.",
            5.0,
        )
    gone = _MISSING_OBJECT.search(message)
    if gone:
        kind = {"secret": "Secret", "configmap": "ConfigMap"}[gone["kind"]]
        return stuck(
            "config.missing_object",
            f"The {where} cannot be created: {kind} {gone['name']} does not exist in the namespace.",
            f"Create {gone['name']}, or put its data into holmes_secrets and its name into holmes_secret_name.",
            5.0,
        )
    return stuck(
        "config.refused",
        f"The {where} cannot be created: {message}.",
        "Look at podSecurityContext and containerSecurityContext in holmes_values.",
        10.0,
    )


def _died(pod: Object, status: Object) -> Diagnosis | None:
    state = status.get("state") or {}
    now, before = state.get("terminated"), (status.get("lastState") or {}).get("terminated")
    end = now or before
    if not end or int(end.get("exitCode") or 0) == 0 and end.get("reason") != "OOMKilled":
        return None
    running = "running" in state
    if running and status.get("ready"):
        return None
    restarts = int(status.get("restartCount") or 0)
    crash = Crash(
        pod=name_of(pod),
        container=str(status.get("name")),
        exit_code=int(end.get("exitCode") or 0),
        reason=str(end.get("reason") or ""),
        restarts=restarts,
        previous=running,
        message=str(end.get("message") or ""),
    )
    return Diagnosis(
        PROGRESSING if running else STUCK,
        "crash",
        f"Container {crash.container} of pod {crash.pod} died with {describe(crash)}.",
        f"Read 'kubectl logs {crash.pod} --previous'.",
        0.0 if restarts >= 2 else _CRASH_PATIENCE,
        crash,
    )
