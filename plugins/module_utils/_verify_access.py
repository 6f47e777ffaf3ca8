# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-only, proven: what HolmesGPT's account can do by the word of the API server, and by trying it.

Private to this collection: it may change in any release. Imports nothing of Ansible. Nothing on the cluster is changed.
"""

from __future__ import annotations

import typing as t
import uuid
from functools import partial

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _access_others,
    _access_refused,
    _access_review,
    _access_rows,
    _access_say,
    _live_pod,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_say import SAY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_token import Bearer, as_account, user_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CORE, Cluster, KubeError, path_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_account import Right
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import rights_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import Workload, pod_spec, service_account

IDS, EXCUSABLE = _access_say.IDS, _access_say.EXCUSABLE
DEADLINE = 25.0
_SLOW = "The API server is slow: verify again when it is not, and look at its load."


def tasks(scene: Scene) -> list[Task]:
    """The access review, and the live attempts. Both use one token, which is asked for once."""
    workload = scene.workload
    if workload is None:
        return [_task(check, partial(_unknown, check)) for check in IDS]
    subject = _Subject(scene, workload)
    return [
        _task("access.review", subject.review),
        _task("access.refused", subject.refused),
        _task("access.others", subject.others),
    ]


def _task(check: str, run: t.Callable[[], t.Iterable[Check]]) -> Task:
    return Task(check, IDS[check], run, deadline=DEADLINE, slow=_SLOW)


def _unknown(check: str) -> list[Check]:
    because = "The Deployment is not known, and so neither is the account of its pods."
    return [SAY.unchecked(check, because, "Put verify.rollout right first.")]


class _Subject:
    """The account of the pods, and the ways to ask about it."""

    def __init__(self, scene: Scene, workload: Workload) -> None:
        self._scene, self._workload = scene, workload
        # Outside of tests it is one; a reader without a client ends in a KubeError.
        self._cluster = t.cast(Cluster, scene.reader)
        self._namespace = scene.intent.namespace
        self._name = service_account(workload.deployment)
        self._account = f"ServiceAccount {self._namespace}/{self._name}"
        self._missing = f"holmes-verify-{uuid.uuid4().hex[:10]}"
        self._bearer: Once[Bearer] = Once(self._connect)

    def _connect(self) -> Bearer:
        return as_account(self._cluster, self._namespace, self._name, self._missing)

    def _exceptions(self) -> Exceptions:
        return Exceptions.from_option(self._scene.intent.exceptions)

    def review(self) -> t.Iterator[Check]:
        """``access.reads`` and ``access.review``."""
        scope = _access_rows.scope_of(self._workload.deployment)
        needed = _access_rows.needed(self._namespace, scope)
        must_not = _access_rows.forbidden(self._namespace)
        try:
            reviewed = self._reviewed([*needed, *must_not])
        except KubeError as error:
            fix = _access_review.rights_to_ask(self._namespace)
            yield from (SAY.unchecked(check, error.msg, fix) for check in ("access.reads", "access.review"))
            return
        if self._has_token():
            vital = _access_rows.vital(self._namespace, scope)
            yield _access_review.judge_reads(self._account, reviewed, needed, vital, bool(scope))
        else:
            yield self._no_token()
        table = _access_review.table_of(reviewed, needed, must_not)
        yield _access_review.judge(self._account, reviewed, must_not, self._exceptions(), table)

    def _reviewed(self, rights: t.Sequence[Right]) -> _access_review.Reviewed:
        """Asked as the account, else about it; KubeError tells why neither goes."""
        try:
            return _access_review.by_account(self._bearer(), rights)
        except KubeError as first:
            try:
                return _access_review.by_another(self._cluster, self._namespace, self._name, rights)
            except KubeError as second:
                raise KubeError(f"{first.msg} {second.msg}", second.status) from None

    def _has_token(self) -> bool:
        """Whether the pods get a token of their account at all; unknown counts as yes."""
        own = pod_spec(self._workload.deployment).get("automountServiceAccountToken")
        if own is not None:
            return bool(own)
        try:
            found = self._cluster.get(path_of(CORE, "serviceaccounts", self._namespace, self._name))
        except KubeError:
            return True
        return found.get("automountServiceAccountToken") is not False

    def _no_token(self) -> Check:
        message = f"The pods get no token of {self._account} (automountServiceAccountToken), so HolmesGPT cannot read."
        fix = "Remove k8sRBAC from holmes_values, if HolmesGPT is to look into the cluster."
        return SAY.warned("access.reads", message, fix, account=self._account)

    def others(self) -> t.Iterator[Check]:
        """``access.others``."""
        scene = self._scene
        ground = _live_pod.lacking(scene, manifest=True)
        if ground:
            yield SAY.unchecked("access.others", *ground)
            return
        objects = _live_pod.manifests(scene.release)
        used = _access_others.accounts(objects, self._name)
        rights = {account: rights_of(scene.reader, self._namespace, account) for account in used}
        servers = _live_pod.values(scene)["mcp_servers"]
        foreign = _access_others.foreign_servers(servers if isinstance(servers, dict) else {}, objects)
        yield _access_others.judge(rights, used, foreign, self._exceptions())

    def refused(self) -> t.Iterator[Check]:
        """``access.refused``."""
        try:
            bearer = self._bearer()
        except KubeError as error:
            yield SAY.unchecked("access.refused", f"No attempt was made. {error.msg}", error.fix or _SLOW)
            return
        tried = _access_refused.attempts(self._namespace, self._missing)
        outcomes = _access_refused.make(bearer, tried, user_of(self._namespace, self._name))
        yield _access_refused.judge(self._account, self._namespace, self._name, outcomes, self._exceptions())
