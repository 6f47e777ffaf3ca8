# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole verification: the release, its rollout, then everything else at the same time, the log last.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _verify_access,
    _verify_cluster,
    _verify_drift,
    _verify_egress,
    _verify_live,
    _verify_release,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task, run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._diagnosis import READY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import Exceptions, accepted, offered
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Reader
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import Opener
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release, names, releases
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release_record import verified
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rollout_wait import Memory, Outcome, wait
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_checks import (
    EXCUSABLE,
    TITLES,
    Intent,
    failed,
    unchecked,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_ladder import Ladder
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice, masked

PARTS = (_verify_live, _verify_drift, _verify_access, _verify_egress)
IDS: dict[str, str] = {**TITLES, **{check: title for part in PARTS for check, title in part.IDS.items()}}
MAY_BE_ACCEPTED = (*EXCUSABLE, *(check for part in PARTS for check in part.EXCUSABLE))
# Seconds for what only reads objects and logs.
READING = 60.0
SLOW = "Look at the API server and the network in between."


@dataclass
class Verification:
    """One verification. ``opener`` makes port-forwards. Run it once; then read ``checks``, ``pods`` and ``chat``.

    With ``watched`` it may end early with ``news`` and without checks: a rollout has changed and somebody wants to
    see it. The memory in it belongs into the next Verification.
    """

    reader: Reader
    intent: Intent
    opener: Opener
    clock: Clock = field(default_factory=Clock)
    watched: Memory | None = None
    checks: list[Check] = field(default_factory=list)
    pods: list[dict[str, t.Any]] = field(default_factory=list)
    chat: dict[str, t.Any] = field(default_factory=dict)
    news: Outcome | None = None
    _outcome: Outcome | None = None
    _release: Release | None = None

    def run(self) -> None:
        """Everything; what has no ground to stand on is left behind as not_checked."""
        self._add(self._step(self._rollout, ("verify.rollout",)))
        if self.news:
            self.checks = []
            return
        self._add(self._step(self._releases, _verify_release.RELEASE_CHECKS))
        scene = self._scene()
        ladder = Ladder(scene, self.opener, self.clock)
        self._add(run_all([*self._tasks(scene, ladder), *(task for part in PARTS for task in part.tasks(scene))]))
        self.chat = ladder.chat
        # After the chat, because it leaves its traces there.
        self._add(run_all([self._task(scene, _verify_cluster.check_logs, "verify.logs")]))
        self._close()

    @property
    def seen(self) -> dict[str, t.Any]:
        """The revision that was looked at, and whether it is marked as verified; empty if none was seen."""
        release = self._release
        return {"revision": release.revision, "verified": verified(release)} if release else {}

    def _tasks(self, scene: Scene, ladder: Ladder) -> list[Task]:
        def climb() -> list[Check]:
            return self._step(ladder.run, ("verify.api",))

        return [
            self._task(scene, _verify_cluster.check_images, "verify.image"),
            self._task(scene, _verify_cluster.check_rights, "verify.rbac_read_only"),
            Task("verify.api", IDS["verify.api"], climb, ladder.patience, slow=SLOW),
        ]

    def _task(self, scene: Scene, make: t.Callable[[Scene], Check], check: str) -> Task:
        return Task(check, IDS[check], lambda: self._step(lambda: [make(scene)], (check,)), READING, slow=SLOW)

    def _scene(self) -> Scene:
        outcome = self._outcome
        return Scene(
            self.reader,
            self.intent,
            outcome.workload if outcome else None,
            self._release,
            outcome is not None and outcome.diagnosis.state == READY,
            self.intent.secrets,
        )

    def _step(self, step: t.Callable[[], list[Check]], ids: t.Sequence[str]) -> list[Check]:
        """Run a step and time it. An error becomes the step's first check: a missing right is not a failure."""
        started = time.monotonic()
        try:
            found = step()
        except HolmesError as error:
            lacking = isinstance(error, KubeError) and error.forbidden
            fix = error.fix or ("Give the verifying account this right." if lacking else "")
            first = unchecked(ids[0], error.msg, fix) if lacking else failed(ids[0], error.msg, fix)
            found = [first] + [unchecked(check_id, "It could not be read.") for check_id in ids[1:]]
        if found:
            rest = time.monotonic() - started - sum(check.seconds for check in found)
            # What no check of the step claims for itself is the first one's, so that all seconds add up.
            found[0] = replace(found[0], seconds=round(max(found[0].seconds + rest, 0.0), 2))
        return found

    def _releases(self) -> list[Check]:
        found = releases(self.reader, self.intent.namespace, self.intent.release)
        self._release = found[-1] if found else None
        others = [] if found else names(self.reader, self.intent.namespace)
        return _verify_release.judge(found, self.intent, others, exists=self._outcome is not None)

    def _rollout(self) -> list[Check]:
        intent = self.intent
        outcome = wait(self.reader, intent.namespace, intent.release, intent.rollout_timeout, self.clock, self.watched)
        if not outcome.final:
            self.news = outcome
            return []
        self._outcome = outcome
        self.pods = _verify_cluster.pods_table(outcome.workload)
        return [_verify_cluster.judge_rollout(outcome)]

    def _add(self, checks: t.Iterable[Check]) -> None:
        self.checks += [masked(check, self.intent.secrets) for check in checks]

    def _close(self) -> None:
        """Every id once, in their order; what the user accepts by name is a warning."""
        done = {check.id for check in self.checks}
        because = "An earlier step failed, so this was not reached."
        voice = Voice(IDS)
        self.checks += [voice.unchecked(check, because) for check in IDS if check not in done]
        exceptions = Exceptions.from_option(self.intent.exceptions)
        self.checks = [
            offered(accepted(check, exceptions)) if check.id in MAY_BE_ACCEPTED else check for check in self.checks
        ]
        order = list(IDS)
        self.checks.sort(key=lambda check: order.index(check.id))
