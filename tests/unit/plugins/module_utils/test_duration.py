# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as Helm takes them."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._duration import seconds_of, total


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2m", 120), ("1h30m", 5400), ("90", 90), ("1.5s", 1.5), (".5m", 30), ("100ms", 0.1), ("1m2s3ms", 62.003)],
)
def test_a_duration_of_helm(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "2 m", "two", "-1m", "5x", "m", "1h30"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(HolmesError, match="is no duration") as refused:
        seconds_of(text)
    assert "'2m'" in refused.value.fix


def test_many_are_added_up_and_never_less() -> None:
    assert total(["300", "2m", "0.1s"]) == 421
