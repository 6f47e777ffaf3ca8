# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much the probe asks of a model server, known before it starts. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_prompt as prompt
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import (
    JSON_WITH_TOOLS,
    NO_NEEDLESS_CALL,
    PROFILES,
    STREAMING,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target, targets
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import STRICT, tools

# Tokens of an answer where HolmesGPT's own value is not what is tested; a reasoning model needs room to think.
BOUND = 2048
_OPTIONAL = (NO_NEEDLESS_CALL, STREAMING, JSON_WITH_TOOLS)


@dataclass(frozen=True)
class Budget:
    """The most that can be asked for; tokens are estimates."""

    models: int
    requests: int
    prompt_tokens: int
    completion_tokens: int

    def __str__(self) -> str:
        plural = "" if self.models == 1 else "s"
        return (
            f"Probe of {self.models} model{plural}: at most {self.requests} requests, about {self.prompt_tokens} "
            f"prompt tokens and at most {self.completion_tokens} tokens of answers."
        )


def announcement(values: t.Any, profile: str) -> str:
    """What a probe of the models of these values may cost, as a sentence; empty if none is asked.

    Whatever HolmesGPT's version does: the figures are upper bounds.
    """
    asked = targets(values, None)[0] if isinstance(values, dict) and PROFILES.get(profile) else []
    return str(budget(asked, profile)) if asked else ""


def budget(asked: t.Sequence[Target], profile: str) -> Budget:
    """What a profile may cost: each model's list, the long request (twice if strict is refused), the short ones."""
    judged = PROFILES[profile]
    if not judged or not asked:
        return Budget(0, 0, 0, 0)
    offered = prompt.estimate(json.dumps(tools(STRICT)))
    long = prompt.estimate(prompt.SYSTEM + prompt.QUESTION) + offered
    short = prompt.estimate(prompt.SHORT + prompt.TWO_QUESTIONS) + offered
    # An own call and the tool's answer to it stand in the second request of a conversation.
    more = 200
    extra = sum(check in judged for check in _OPTIONAL)
    requests = prompt_tokens = answers = 0
    for target in asked:
        first = 2 if target.form == STRICT else 1
        requests += 1 + first + 1 + 2 + extra
        prompt_tokens += long * (first + 1) + short * (2 + extra) + 2 * more
        # A refused request costs no answer.
        answers += target.limit + (1 + 2 + extra) * min(BOUND, target.limit)
    return Budget(len(asked), requests, prompt_tokens, answers)
