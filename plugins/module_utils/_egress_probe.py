# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trying connections from inside one pod: what is asked, and how the answer comes back.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _live_pod
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Overdue, within
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_exec import Execute, Place
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_judge import Tried, judge, read
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_say import BLOCKED, MODEL, unchecked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_script import SCRIPT
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import FORBIDDEN, Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_cluster import holmes_name
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene
from ansible_collections.holmesgpt.onprem.plugins.module_utils._workload import ready

# Two literals that need no DNS, and what HolmesGPT itself asks for (facts: outside connections; the phantom model).
PUBLIC = (
    ("1.1.1.1", 443),
    ("2606:4700:4700::1111", 443),
    ("raw.githubusercontent.com", 443),
    ("api.openai.com", 443),
)
# Seconds that the program in the pod takes at most, that it is waited for, and for all of it. Where many pods come up
# at once, Python alone takes seconds to start.
SECONDS, PATIENCE, DEADLINE = 6.0, 18.0, 28.0
# A firewall that drops packets is waited for by every host. The first packet is sent again after 1 s (RFC 6298).
OUTSIDE = 2.0
_FIX = "Look at the API server and the node's kubelet."
_GRANT = "Allow the verifying account to get configmaps in the namespace."
_PROGRAMS = ("python3", "python")
_PORTS = {"http": 80, "https": 443}
# A variable that holds the whole URL; of a part of one the program in the pod could make nothing.
_ALONE = re.compile(r"(?:\{\{[^{}]*\}\}|envRef:\w+)\Z")


def check(scene: Scene, execute: Execute) -> t.Iterator[Check]:
    """``egress.blocked`` and ``egress.model``."""
    ground = _live_pod.lacking(scene)
    if ground is None and not scene.intent.egress_probe:
        ground = _live_pod.Ground("No outside connection was tried from the pod.", "Set holmes_verify_egress: true.")
    if ground is None:
        found = _in_time(scene, execute)
        if not isinstance(found, _live_pod.Ground):
            yield from judge(found, name_of(_pod(scene)))
            return
        ground = found
    yield unchecked(BLOCKED, *ground)
    yield unchecked(MODEL, *ground)


def question(values: Values, seconds: float = SECONDS) -> dict[str, t.Any]:
    """What the program in the pod is asked. Of a URL only host and port, of a Secret only its variable's name."""
    found: list[tuple[str, str, int | str]] = []
    for model in models.models(values):
        given = models.base(values, model)[1]
        text = models.resolved(values, given) if isinstance(given, str) else None
        goal = target(text) if text else None
        if goal:
            found.append((model.alias, goal.host, goal.port or _PORTS[goal.scheme]))
        elif isinstance(given, str) and text is None and _ALONE.match(given):
            found += [(model.alias, "", one.name) for one in models.references(given)]
    distinct = {entry[1:]: entry for entry in reversed(found)}
    wanted = list(reversed(list(distinct.values())))
    return {"seconds": seconds, "outside": PUBLIC, "outside_seconds": OUTSIDE, "models": wanted}


def _pod(scene: Scene) -> t.Any:
    return next((pod for pod in scene.pods if ready(pod)), scene.pods[0])


def _in_time(scene: Scene, execute: Execute) -> list[Tried] | _live_pod.Ground:
    """Both checks are told of whatever happens."""
    try:
        return within(DEADLINE - 2, lambda: _try(scene, execute))
    except Overdue:
        return _live_pod.Ground(f"No result within {DEADLINE - 2:g} s.", _FIX)
    except HolmesError as error:
        return _live_pod.Ground(f"No outside connection was tried from the pod: {error.msg}", error.fix or _GRANT)


def _try(scene: Scene, execute: Execute) -> list[Tried] | _live_pod.Ground:
    place = Place(scene.intent.namespace, name_of(_pod(scene)), holmes_name(_live_pod.workload_of(scene)))
    asked = json.dumps(question(_live_pod.values(scene)), separators=(",", ":"))
    trouble = ""
    for program in _PROGRAMS:
        try:
            # -I: nothing of the pod's environment changes how Python runs; -B: no byte code is written.
            done = execute(place, [program, "-I", "-B", "-c", SCRIPT, asked], PATIENCE)
        except Unreachable as error:
            fix = _FIX
            if error.kind == FORBIDDEN:
                fix = (
                    "Give the verifying account that right (verbs get and create), or set holmes_verify_egress: false."
                )
            return _live_pod.Ground(f"No outside connection was tried from the pod: {error}.", fix)
        found = read(done.output)
        if found is not None:
            return found
        trouble = trouble or done.trouble.rstrip(".") or "its Python printed nothing that can be read"
    message = f"No outside connection was tried from the pod: {trouble}."
    return _live_pod.Ground(message, "Try it by hand: kubectl exec into the container, if its image has a shell.")
