# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of the model probe by id, and how they are said: with the model's name where there are several.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Sayings, masked

KEY, ANSWERS, MODELS, CONTEXT = "llm.key", "llm.answers", "llm.models", "llm.context"
STRICT, TOOL_CALL, LATENCY = "llm.strict", "llm.tool_call", "llm.latency"
TOOL_RESULT, TWO_TOOLS = "llm.tool_result", "llm.two_tools"
NO_NEEDLESS_CALL, STREAMING, JSON_WITH_TOOLS = "llm.no_needless_call", "llm.streaming", "llm.json_with_tools"

IDS = {
    KEY: "Key of the model server is known",
    MODELS: "Model is served under its name",
    CONTEXT: "Token limits fit the model server",
    STRICT: "Strict tool schemas are accepted",
    TOOL_CALL: "Model calls a tool",
    LATENCY: "Model answers in time",
    TOOL_RESULT: "Model uses a tool's result",
    TWO_TOOLS: "Model calls several tools",
    NO_NEEDLESS_CALL: "Model calls no tool without need",
    STREAMING: "Model server streams tool calls",
    JSON_WITH_TOOLS: "Model calls tools when JSON is asked for",
    ANSWERS: "Model server answers",
}

OFF, QUICK, FULL = "none", "quick", "full"
_ALWAYS = (MODELS, CONTEXT, STRICT, TOOL_CALL, LATENCY, TOOL_RESULT, TWO_TOOLS)
# What each profile judges, in the order in which it is found out; llm.key comes before, llm.answers after them.
PROFILES: dict[str, tuple[str, ...]] = {
    OFF: (),
    QUICK: _ALWAYS,
    FULL: (*_ALWAYS, NO_NEEDLESS_CALL, STREAMING, JSON_WITH_TOOLS),
}


class Trouble(Exception):
    """What ends the probe of a model: the check it belongs to, and its sentences."""

    def __init__(self, check: str, message: str, fix: str, status: str = FAIL) -> None:
        super().__init__(message)
        self.check, self.message, self.fix, self.status = check, message, fix, status


@dataclass(frozen=True)
class Speaker(Sayings):
    """Makes the checks of one model. ``secrets`` never get into one; ``several``: other models are probed, too.

    ``endpoint``: the server, if it is outside of the cluster.
    """

    aliases: tuple[str, ...]
    several: bool = False
    secrets: tuple[str, ...] = ()
    endpoint: str = ""

    def trouble(self, trouble: Trouble, requests: int) -> Check:
        """``requests``: how many were sent up to it."""
        return self.say(trouble.check, trouble.status, trouble.message, trouble.fix, requests=requests)

    def say(self, check: str, status: str, message: str, fix: str = "", /, **evidence: t.Any) -> Check:
        aliases = evidence.pop("aliases", self.aliases)
        names = ", ".join(aliases)
        title = f"{IDS[check]} ({names})" if self.several else IDS[check]
        place = {"endpoint": self.endpoint} if self.endpoint else {}
        evidence = {"alias": aliases[0], "aliases": list(aliases), **place, **evidence}
        text = f"{names}: {message}" if self.several else message
        return masked(Check(check, title, status, text, fix, evidence), self.secrets)
