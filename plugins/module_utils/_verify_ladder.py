# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HolmesGPT's own API, rung by rung: it answers, lists the models, wants its key, chats.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _verify_api, _verify_cluster, _verify_models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import STUCK
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import HolmesApi, wait_until_up
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    TLS,
    Answer,
    Direct,
    NoWay,
    Transport,
    Unreachable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    Cluster,
    KubeError,
    items,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import Opener, PodTransport
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import examine
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service import pick_service, target_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._service_proxy import Fallback, ServiceProxy
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    API_CHECKS,
    CHAT_CHECKS,
    failed,
    unchecked,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

# Without probes HTTP answers 12 s after Ready (facts: real-run point 16); slow nodes need more.
API_PATIENCE = 90.0
_MAY = "Give the verifying account that right (websockets have to get through), or give holmes_verify_url."


@dataclass
class Ladder:
    """The API checks of one installation. ``chat`` is the result's key of that name."""

    scene: Scene
    opener: Opener
    clock: Clock
    chat: dict[str, t.Any] = field(default_factory=dict)

    @property
    def patience(self) -> float:
        """Seconds that all rungs together may take."""
        return API_PATIENCE + self.scene.intent.chat_timeout + 60.0

    def run(self) -> list[Check]:
        """The checks up to the rung that broke."""
        scene = self.scene
        if not scene.rolled_out and not (scene.intent.url and scene.workload is None):
            return [unchecked(check_id, "The pods are not rolled out.") for check_id in API_CHECKS]
        transport = self._transport()
        api = HolmesApi(transport, scene.intent.api_key)
        checks: list[Check] = []
        try:
            ready = wait_until_up(api, min(API_PATIENCE, scene.intent.rollout_timeout), self.clock, self._crashed)
            checks.append(_verify_api.check_up(api, ready))
            self._climb(api, ready, checks)
        except Unreachable as error:
            checks += _unreachable(error, transport, checks)
        return checks

    def _transport(self) -> Transport:
        scene, intent = self.scene, self.scene.intent
        ca_file = intent.ca_file or None
        if intent.url:
            return Direct(intent.url, ca_file)
        services = items(scene.reader, path_of(CORE, "services", intent.namespace))
        service = pick_service(services, intent.release, intent.namespace)
        target = target_of(service, scene.pods, intent.namespace)
        forward = PodTransport(target, self.opener, ca_file)
        if target.secure:
            return forward
        return Fallback(forward, lambda: ServiceProxy(t.cast(Cluster, scene.reader), service, intent.namespace))

    def _crashed(self) -> str:
        """Why waiting for HTTP is useless; empty if it is not. Charts without probes call a dying pod ready."""
        intent = self.scene.intent
        if self.scene.workload is None:
            return ""
        try:
            _seen, found = examine(self.scene.reader, intent.namespace, intent.release, intent.secrets)
        except HolmesError:
            return ""
        return f"{found.message.rstrip('.')}. {found.fix.rstrip('.')}" if found.state == STUCK else ""

    def _climb(self, api: HolmesApi, ready: Answer, checks: list[Check]) -> None:
        """Model list, key and chat; adds to ``checks``, so that what was found before an error is not lost."""
        intent = self.scene.intent
        expected = _verify_models.expected_models(self.scene.reader, self.scene.workload, intent)
        key = _verify_api.check_key(api, intent)
        listed = _verify_models.listed_models(api, ready)
        models, alias = _verify_api.check_models(listed, expected, intent)
        checks += [models, key]
        because, fix = "", ""
        if not intent.chat:
            because, fix = "No chat was wanted.", "Set chat: true (holmes_verify_chat)."
        elif key.status == FAIL:
            because = "The API key is not right."
        elif key.evidence.get("without_key") == 401 and not intent.api_key:
            because, fix = "The API key is not known.", key.fix
        if because:
            checks += [unchecked(check_id, because, fix) for check_id in CHAT_CHECKS]
            return
        started = time.monotonic()
        outcome = _verify_api.check_chat(api, intent, alias, listed, self._pod_names, self._recent_log, self.clock)
        self.chat = outcome.result
        first = replace(outcome.checks[0], seconds=round(time.monotonic() - started, 2))
        checks += [first, *outcome.checks[1:]]

    def _pod_names(self) -> set[str]:
        intent = self.scene.intent
        try:
            return {name_of(pod) for pod in items(self.scene.reader, path_of(CORE, "pods", intent.namespace))}
        except KubeError:
            return set()

    def _recent_log(self, seconds: int) -> str:
        if self.scene.workload is None:
            return ""
        try:
            namespace = self.scene.intent.namespace
            return _verify_cluster.pod_logs(self.scene.reader, self.scene.workload, namespace, since=seconds)
        except KubeError:
            return ""


def _unreachable(error: Unreachable, transport: Transport, checks: list[Check]) -> list[Check]:
    """Checks for the rungs that were not reached; the first of them says why."""
    done = {check.id for check in checks}
    rest = [check_id for check_id in API_CHECKS if check_id not in done]
    if isinstance(error, NoWay):
        return [unchecked(check_id, f"HolmesGPT was not asked: {error}.", _MAY) for check_id in rest]
    if done:
        message, fix = f"HolmesGPT stopped answering: {error}.", "Look at the pod's log and events."
        return [failed(rest[0], message, fix)]
    fix = "Correct holmes_verify_ca_file (or holmes_ca_file), or the certificate's names."
    if error.kind != TLS:
        fix = "Look at the pod's log."
    return [failed("verify.api", f"HolmesGPT does not answer ({transport.where}): {error}.", fix)]
