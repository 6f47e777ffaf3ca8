# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole verification, step by step; every step ends in checks, none in an exception.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _verify_api,
    _verify_cluster,
    _verify_models,
    _verify_release,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import READY, STUCK
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions, accepted
from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import HolmesApi, wait_until_up
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import (
    FORBIDDEN,
    TLS,
    Answer,
    Direct,
    Transport,
    Unreachable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import (
    CORE,
    KubeError,
    Reader,
    items,
    name_of,
    path_of,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import Opener, behind_service
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import examine, wait
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    API_CHECKS,
    CHAT_CHECKS,
    EXCUSABLE,
    TITLES,
    Intent,
    failed,
    passed,
    unchecked,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import masked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, current_pods

# Without probes HTTP answers 12 s after Ready (facts: real-run point 16); slow nodes need more.
API_PATIENCE = 90.0


@dataclass
class Verification:
    """One verification. ``opener`` makes port-forwards. Run it once; then read ``checks``, ``pods`` and ``chat``."""

    reader: Reader
    intent: Intent
    opener: Opener
    clock: Clock = field(default_factory=Clock)
    checks: list[Check] = field(default_factory=list)
    pods: list[dict[str, t.Any]] = field(default_factory=list)
    chat: dict[str, t.Any] = field(default_factory=dict)
    workload: Workload | None = None
    rolled_out: bool = False

    def run(self) -> None:
        """All steps, in order; a step whose ground is missing leaves not_checked behind."""
        self._step(self._release, _verify_release.RELEASE_CHECKS)
        self._step(self._rollout, ("verify.rollout",))
        self._step(self._objects, ("verify.image", "verify.rbac_read_only"))
        self._step(self._api, ("verify.api",))
        self._step(self._logs, ("verify.logs",))
        done = {check.id for check in self.checks}
        because = "An earlier step failed, so this was not reached."
        self.checks += [unchecked(check_id, because) for check_id in API_CHECKS if check_id not in done]
        exceptions = Exceptions.from_option(self.intent.exceptions)
        self.checks = [accepted(check, exceptions) if check.id in EXCUSABLE else check for check in self.checks]
        self.checks.sort(key=lambda check: list(TITLES).index(check.id))

    def _step(self, step: t.Callable[[], list[Check]], ids: t.Sequence[str]) -> None:
        """Run a step, time it, hide secrets. An error becomes the step's first check: forbidden is not a failure."""
        started = time.monotonic()
        try:
            found = step()
        except HolmesError as error:
            lacking = isinstance(error, KubeError) and error.forbidden
            fix = error.fix or ("Give the verifying account this right." if lacking else "")
            first = unchecked(ids[0], error.msg, fix) if lacking else failed(ids[0], error.msg, fix)
            found = [first] + [unchecked(check_id, "It could not be read.") for check_id in ids[1:]]
        rest = time.monotonic() - started - sum(check.seconds for check in found)
        # What no check of the step claims for itself is the first one's, so that all seconds add up.
        found[0] = replace(found[0], seconds=round(max(found[0].seconds + rest, 0.0), 2))
        self.checks += [masked(check, self.intent.secrets) for check in found]

    def _release(self) -> list[Check]:
        return _verify_release.judge(releases(self.reader, self.intent.namespace, self.intent.release), self.intent)

    def _rollout(self) -> list[Check]:
        intent = self.intent
        outcome = wait(self.reader, intent.namespace, intent.release, intent.rollout_timeout, self.clock)
        self.workload = outcome.workload
        self.pods = _verify_cluster.pods_table(outcome.workload)
        self.rolled_out = outcome.diagnosis.state == READY
        return [_verify_cluster.judge_rollout(outcome)]

    def _objects(self) -> list[Check]:
        if self.workload is None:
            because = "The Deployment is not known."
            return [unchecked("verify.image", because), unchecked("verify.rbac_read_only", because)]
        rights = _verify_cluster.check_rights(self.reader, self.workload, self.intent.namespace)
        if not self.rolled_out:
            return [unchecked("verify.image", "The pods are not rolled out."), rights]
        return [_verify_cluster.judge_images(self.workload, self.intent), rights]

    def _logs(self) -> list[Check]:
        if self.workload is None or not current_pods(self.workload):
            return [unchecked("verify.logs", "There is no pod whose log could be read.")]
        return [_verify_cluster.check_logs(self.reader, self.workload, self.intent)]

    def _api(self) -> list[Check]:
        """Reach HolmesGPT, then model list, key and chat."""
        if not self.rolled_out and not (self.intent.url and self.workload is None):
            return [unchecked(check_id, "The pods are not rolled out.") for check_id in API_CHECKS]
        transport = self._transport()
        api = HolmesApi(transport, self.intent.api_key)
        try:
            ready = wait_until_up(api, min(API_PATIENCE, self.intent.rollout_timeout), self.clock, self._crashed)
        except Unreachable as error:
            return self._unreachable(error, transport)
        up = passed("verify.api", f"HolmesGPT answers ({transport.where}).", readyz=ready.status)
        try:
            return [up, *self._ladder(api, ready)]
        except Unreachable as error:
            return [failed("verify.api", f"HolmesGPT stopped answering: {error}.", "Look at the pod's log and events.")]

    def _transport(self) -> Transport:
        intent = self.intent
        if intent.url:
            return Direct(intent.url, intent.ca_file or None)
        pods = current_pods(self.workload) if self.workload else []
        ca_file = intent.ca_file or None
        return behind_service(self.reader, pods, intent.release, intent.namespace, self.opener, ca_file)

    def _unreachable(self, error: Unreachable, transport: Transport) -> list[Check]:
        if error.kind == FORBIDDEN:
            fix = "Give the verifying account that right, or give holmes_verify_url."
            return [unchecked(check_id, f"HolmesGPT was not asked: {error}.", fix) for check_id in API_CHECKS]
        fix = "Look at the pod's log." if error.kind != TLS else "Correct holmes_ca_file, or the certificate's names."
        return [failed("verify.api", f"HolmesGPT does not answer ({transport.where}): {error}.", fix)]

    def _crashed(self) -> str:
        """Why waiting for HTTP is useless; empty if it is not. Charts without probes call a dying pod ready."""
        if self.workload is None:
            return ""
        try:
            _seen, found = examine(self.reader, self.intent.namespace, self.intent.release, self.intent.secrets)
        except HolmesError:
            return ""
        return f"{found.message.rstrip('.')}. {found.fix.rstrip('.')}" if found.state == STUCK else ""

    def _ladder(self, api: HolmesApi, ready: Answer) -> list[Check]:
        expected = _verify_models.expected_models(self.reader, self.workload, self.intent)
        models, alias = _verify_api.check_models(_verify_models.listed_models(api, ready), expected, self.intent)
        key = _verify_api.check_key(api, self.intent)
        if not self.intent.chat:
            fix = "Set chat: true (holmes_verify_chat)."
            return [models, key, *(unchecked(check_id, "No chat was wanted.", fix) for check_id in CHAT_CHECKS)]
        if _verify_api.worst([key], "verify.api_key"):
            return [models, key, *(unchecked(check_id, "The API key is not right.") for check_id in CHAT_CHECKS)]
        started = time.monotonic()
        outcome = _verify_api.check_chat(api, self.intent, alias, self._pod_names, self._recent_log, self.clock)
        self.chat = outcome.result
        first = replace(outcome.checks[0], seconds=round(time.monotonic() - started, 2))
        return [models, key, first, *outcome.checks[1:]]

    def _pod_names(self) -> set[str]:
        try:
            return {name_of(pod) for pod in items(self.reader, path_of(CORE, "pods", self.intent.namespace))}
        except KubeError:
            return set()

    def _recent_log(self, seconds: int) -> str:
        if self.workload is None:
            return ""
        try:
            return _verify_cluster.pod_logs(self.reader, self.workload, self.intent.namespace, since=seconds)
        except KubeError:
            return ""
