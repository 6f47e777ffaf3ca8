# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How HolmesGPT divides a model's context.

Private to this collection: it may change in any release. Imports nothing of Ansible.

As the server calculates (holmes/core/llm.py and core/truncation, 0.16.1 to 0.45.0): a conversation is compacted when
prompt and reserve exceed 95 % of the context, and refused when they still exceed all of it. The reserve is
OVERRIDE_MAX_OUTPUT_TOKEN, else a default; the ``max_tokens`` of an entry changes only what is asked for.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_literal

# Prompt, tools and a first question together: 6.3k to 7.9k tokens measured on 0.45.0.
BASE_PROMPT = 8192
SMALLEST_ANSWER = 1024
# More than any model that can be served (Llama 4 Scout: 10M).
LARGEST_CONTEXT = 10_485_760
# Of the context, in percent, before a conversation is compacted.
COMPACTION = 95


class Tokens(t.NamedTuple):
    """What is set for one model; None where nothing is. ``asked``: the ``max_tokens`` of its entry."""

    context: int | None
    output: int | None
    asked: int | None

    def reserve(self, sends: bool) -> int:
        """What HolmesGPT keeps free for an answer."""
        context = self.context or 200_000
        return self.output or (max(64_000, context * 12 // 100) if sends else min(64_000, context // 5))


def tokens_of(values: Values, entry: t.Mapping[str, t.Any]) -> Tokens:
    context, output = (models.number(env_literal(values, name)) for name in (models.CONTEXT_ENV, models.OUTPUT_ENV))
    given = [entry.get(field) for field in ("max_completion_tokens", "max_tokens")]
    asked = next((models.number(str(value)) for value in given if value is not None), None)
    return Tokens(models.own_context(entry) or context, output, asked)
