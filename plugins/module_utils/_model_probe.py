# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of one model: few requests, each as HolmesGPT sends it, one after the other.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_steps as steps
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_steps_full as more
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import (
    ANSWERS,
    CONTEXT,
    JSON_WITH_TOOLS,
    MODELS,
    NO_NEEDLESS_CALL,
    PROFILES,
    STREAMING,
    TOOL_CALL,
    TOOL_RESULT,
    TWO_TOOLS,
    Trouble,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_run import Run
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version

Step = t.Callable[[Run], t.Iterator[Check]]


def probe(
    run: Run, profile: str, server: Version | None = None, where: str = "this host", unproven: str = ""
) -> list[Check]:
    """The checks of one model. ``server``: HolmesGPT's version. ``where``, ``unproven``: of the way to the model."""
    found: list[Check] = []
    ended: Trouble | None = None
    try:
        for step in _steps(profile, server, run.client.patience.slow):
            for check in step(run):
                found.append(check)
    except Trouble as trouble:
        ended = trouble
        found.append(run.speaker.trouble(trouble, run.client.requests))
    found += _not_asked(run, profile, found, ended)
    if ended is None or ended.check != ANSWERS:
        found.append(_answers(run, where, unproven))
    return found


def _steps(profile: str, server: Version | None, slow: float) -> t.Iterator[Step]:
    """By the check that needs the step."""
    order: dict[str, Step] = {
        MODELS: steps.listing,
        TOOL_CALL: partial(steps.tool_call, server=server, slow=slow),
        TOOL_RESULT: steps.tool_result,
        TWO_TOOLS: steps.two_tools,
        NO_NEEDLESS_CALL: more.no_needless_call,
        STREAMING: more.streaming,
        JSON_WITH_TOOLS: more.json_with_tools,
    }
    return (step for check, step in order.items() if check in PROFILES[profile])


def _not_asked(run: Run, profile: str, found: list[Check], ended: Trouble | None) -> t.Iterator[Check]:
    done = {check.id for check in found}
    for check in PROFILES[profile]:
        if ended and check not in done:
            message = f"Not found out, because {ended.check} did not pass."
            # Nothing is learned for the autotuning, and that is told, too.
            evidence = {"max_model_len": None} if check == CONTEXT else {}
            yield run.speaker.unchecked(check, message, f"First see to {ended.check}.", **evidence)


def _answers(run: Run, where: str, unproven: str) -> Check:
    message = f"Requests answered: {run.client.requests} ({where})."
    doubt = f" {unproven}" if unproven else ""
    evidence = {"requests": run.client.requests, "where": where, "unproven": unproven}
    return run.speaker.passed(ANSWERS, message + doubt, **evidence)
