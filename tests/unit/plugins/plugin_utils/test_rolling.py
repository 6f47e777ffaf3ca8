# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of batches, and when no further host begins."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.holmesgpt.onprem.plugins.filter.batches import FilterModule as Batches
from ansible_collections.holmesgpt.onprem.plugins.filter.stop_reason import FilterModule as StopReason

batches, stop_reason = Batches().filters()["batches"], StopReason().filters()["stop_reason"]
FLEET = [f"host{number:02}" for number in range(40)]


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        (1, [1]),
        ("5", [5]),
        ("20%", ["20%"]),
        ([1, "20%"], [1, "20%"]),
        ("1, 10, 100%", [1, 10, "100%"]),
        (["1", " 050% "], [1, "50%"]),
    ],
)
def test_sizes(given: t.Any, sizes: list[t.Any]) -> None:
    assert batches(given) == sizes


@pytest.mark.parametrize("given", [0, -1, "", "abc", "0%", "101%", [], [1, 0], True, None, 1.5, {"a": 1}, "1,,2", "²"])
def test_what_is_no_size_is_one_sentence_with_the_way_out(given: t.Any) -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"^holmes_serial (has|is) .*\. Give holmes_serial as .*\[1, '20%'\]\.$"
    ):
        batches(given)


@pytest.mark.parametrize(
    ("failed", "most", "stops"),
    [(0, 0, False), (1, 0, True), (1, 2.5, False), (2, 2.5, True), (40, 100, False), (2, "5 %", False), (3, "5", True)],
)
def test_a_further_host_begins_while_no_more_than_that_failed(failed: int, most: t.Any, stops: bool) -> None:
    assert bool(stop_reason(FLEET[:failed], FLEET, most)) is stops


def test_the_reason_names_some_hosts_and_the_limit() -> None:
    told = stop_reason(FLEET[4::-1], FLEET, 10)
    assert told == (
        "Not begun, because 5 of 40 hosts failed (host00, host01, host02 and 2 more), and holmes_max_fail_percentage "
        "lets no more than 10 % fail."
    )


def change(message: str = "", check_id: str = "run.not_begun") -> dict[str, t.Any]:
    """What holmes_change said on a host."""
    return {"failed": True, "checks": [{"id": check_id, "message": message}]} if message else {}


def test_who_was_not_begun_does_not_count_and_all_of_them_say_the_same() -> None:
    first = stop_reason(FLEET[:3], FLEET, 5, [{}, change("busy", "change.locked"), {"failed": True}])
    assert "3 of 40 hosts failed (host00, host01, host02)" in first
    stopped = FLEET[3:20]
    later = [*FLEET[:3], *stopped, "host30"]
    said = [*[change()] * 3, *[change(first)] * len(stopped), change()]
    assert stop_reason(later, FLEET, 5, said) == first
    other = stop_reason(later, FLEET, 6, said)
    assert "4 of 40 hosts failed (host00, host01, host02 and 1 more)" in other and "6 %" in other, "a limit of its own"
    assert stop_reason(later, FLEET, 10, said) == "", "4 of 40"


@pytest.mark.parametrize("most", ["abc", "", -1, 100.5, "nan", "inf", True, None, []])
def test_what_is_no_percentage_is_refused_even_if_nobody_failed(most: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="is no percentage. Give holmes_max_fail_percentage as a number"):
        stop_reason([], FLEET, most)
