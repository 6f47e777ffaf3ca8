# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``live.restarts``: how often containers of the running pods died, when, and why.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _podlogs
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._crash import Crash, known_cause
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_pod import lacking
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_say import RESTARTS, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._live_times import moment, shown
from ansible_collections.holmesgpt.onprem.plugins.module_utils._podstate import statuses
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

RECENT = timedelta(hours=1)
# Last words are read of so many containers.
_READ = 3
OUT_OF_MEMORY = "OOMKilled"


class Death(t.NamedTuple):
    """The last death of a container that runs again. ``log`` is what it said before."""

    crash: Crash
    when: datetime | None
    log: str = ""


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = lacking(scene)
    if ground:
        yield unchecked(RESTARTS, *ground)
        return
    now = datetime.now(timezone.utc)
    found = deaths(scene.pods)
    told = [one for one in found if _matters(one, now)]
    with_logs = [one._replace(log=_last_words(scene, one.crash)) for one in told[:_READ]]
    yield judge([*with_logs, *(one for one in found if one not in told[:_READ])], len(scene.pods), now)


def deaths(pods: t.Iterable[Object]) -> list[Death]:
    """One for every container that was restarted, the newest first."""
    found = []
    for pod in pods:
        for status in statuses(pod):
            times, last = int(status.get("restartCount") or 0), get(status, ("lastState", "terminated")) or {}
            if times:
                reason, code = str(last.get("reason") or ""), int(last.get("exitCode") or 0)
                words = str(last.get("message") or "")
                crash = Crash(name_of(pod), str(status.get("name")), code, reason, times, previous=True, message=words)
                found.append(Death(crash, moment(last.get("finishedAt"))))
    return sorted(found, key=lambda one: shown(one.when) if one.when else "", reverse=True)


def _last_words(scene: Scene, crash: Crash) -> str:
    """They only explain, so nothing depends on the right to read them."""
    try:
        return _podlogs.read(scene.reader, scene.intent.namespace, crash.pod, crash.container, lines=50, previous=True)
    except KubeError:
        return ""


def _matters(one: Death, now: datetime) -> bool:
    return one.crash.reason == OUT_OF_MEMORY or (one.when is not None and now - one.when < RECENT)


def judge(found: t.Sequence[Death], pods: int, now: datetime) -> Check:
    """A warning for memory that did not suffice, and for what died within the last hour."""
    evidence = {
        "containers": [
            {
                "pod": one.crash.pod,
                "container": one.crash.container,
                "restarts": one.crash.restarts,
                "reason": one.crash.reason,
                "exit_code": one.crash.exit_code,
                "at": shown(one.when) if one.when else "",
            }
            for one in found
        ]
    }
    bad = [one for one in found if _matters(one, now)]
    if bad:
        causes = [known_cause(one.crash, one.log) for one in bad]
        message = "; ".join(_told(one) for one in bad[:3])
        because = list(dict.fromkeys(cause.message for cause in causes if cause))
        fixes = list(dict.fromkeys(cause.fix for cause in causes if cause))
        message += f". Because {'; '.join(because)}." if because else "."
        fix = " ".join(fixes) or "Read its last words: kubectl logs --previous, and kubectl describe pod."
        return warned(RESTARTS, message, fix, **evidence)
    if found:
        message = f"No restart within the last hour; before that: {'; '.join(_told(one) for one in found[:3])}."
        return passed(RESTARTS, message, **evidence)
    return passed(RESTARTS, f"No container of {pods} pod{'' if pods == 1 else 's'} was ever restarted.", **evidence)


def _told(one: Death) -> str:
    crash = one.crash
    times = "once" if crash.restarts == 1 else f"{crash.restarts} times"
    last = f"{crash.reason or 'no reason given'}, exit code {crash.exit_code}"
    when = f" at {shown(one.when)}" if one.when else ""
    return f"Container {crash.container} of pod {crash.pod} was restarted {times}, last{when} ({last})"
