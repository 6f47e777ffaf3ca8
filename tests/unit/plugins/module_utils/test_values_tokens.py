# SPDX-License-Identifier: GPL-3.0-or-later
"""How a model's context is divided."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_tokens import Tokens, tokens_of

from tests.unit.fixtures.values_world import env


def test_what_is_set_for_a_model() -> None:
    values = {"additionalEnvVars": env(OVERRIDE_MAX_CONTENT_SIZE="131072", OVERRIDE_MAX_OUTPUT_TOKEN="4096")}
    assert tokens_of(values, {}) == Tokens(131072, 4096, None)
    assert tokens_of({}, {"max_tokens": "12"}) == Tokens(None, None, 12)
    assert tokens_of({}, {"max_completion_tokens": 5, "max_tokens": 12}) == Tokens(None, None, 5)
    assert tokens_of(values, {"custom_args": {"max_context_size": 7}}) == Tokens(7, 4096, None)


@pytest.mark.parametrize(
    ("context", "output", "new", "old"),
    [
        (None, None, 64000, 40000),
        (100000, None, 64000, 20000),
        (533333, None, 64000, 64000),
        (600000, None, 72000, 64000),
        (600000, 5, 5, 5),
    ],
)
def test_what_is_kept_free_for_an_answer(context: int | None, output: int | None, new: int, old: int) -> None:
    tokens = Tokens(context, output, None)
    assert (tokens.reserve(True), tokens.reserve(False)) == (new, old)
