# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One model under probe: how it is asked, and what is known of it so far.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _model_prompt as prompt
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_budget import BOUND
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_checks import Speaker
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_client import Client
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_judge import Problem, call_problem
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_parsers import parser_flag
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_reply import Reply, reply_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_target import Target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._model_tools import STRICT, tools

Json = dict[str, t.Any]


@dataclass
class Run:
    """``key``: where the key comes from, empty if there is none. ``name``: what the tool's answer is to hold."""

    target: Target
    client: Client
    speaker: Speaker
    key: str = ""
    name: str = "heron-0"
    # Of the tools; changes when the server refuses strict ones.
    form: str = STRICT
    parser: str = ""
    # The conversation up to the first tool call, and the reply with it.
    talk: list[Json] = field(default_factory=list)
    first: Reply = field(default_factory=Reply)

    def __post_init__(self) -> None:
        self.form = self.target.form
        self.recognise("")

    def recognise(self, root: str) -> None:
        """Choose the parser to recommend. ``root``: vLLM's path or name of the weights, empty if not known."""
        self.parser = parser_flag(self.target.served, root)

    def ask(self, messages: list[Json], bound: bool = True, **more: t.Any) -> Reply:
        """One question. ``bound``: with our own limit of the answer instead of HolmesGPT's."""
        return reply_of(self.send(messages, bound, **more), self.key)

    def send(self, messages: list[Json], bound: bool = True, **more: t.Any) -> Answer:
        """As :meth:`ask`, with the answer as it came."""
        fields = dict(self.target.fields)
        if bound:
            fields.pop("max_completion_tokens", None)
            fields["max_tokens"] = min(BOUND, self.target.limit)
        asked = {"messages": messages, "tools": tools(self.form), "tool_choice": "auto"}
        return self.client.chat({"model": self.target.served, **asked, **fields, **more})

    def problem(self, reply: Reply) -> Problem | None:
        """See :func:`call_problem`."""
        return call_problem(reply, self.form, self.parser)

    def answered(self, messages: list[Json], reply: Reply) -> list[Json]:
        """The conversation with the reply's calls and what the tools say to them."""
        calls = [(call.id or f"call-{place}", call) for place, call in enumerate(reply.calls)]
        shaped = [
            {"id": name, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for name, call in calls
        ]
        said: Json = {"role": "assistant", "content": reply.content or None, "tool_calls": shaped}
        results = [{"role": "tool", "tool_call_id": name, "content": prompt.table(self.name)} for name, _call in calls]
        return [*messages, said, *results]


def conversation(system: str, question: str) -> list[Json]:
    """The beginning of a conversation."""
    return [{"role": "system", "content": system}, {"role": "user", "content": question}]
