# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether another run is still at work, as far as one machine can know; and its name in words."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _holder

from tests.unit.fixtures.lease_world import holder

HERE = holder(12)


@pytest.mark.parametrize(
    ("held", "lives", "state"),
    [
        (holder(4711), True, "alive"),
        (holder(4711), False, "gone"),
        (holder(12), True, "alive"),
        (holder(12, inventory_host="seoul"), False, "alive"),
        (holder(12, started="98"), False, "gone"),
        (holder(4711, boot="another"), False, "unknown"),
        (holder(4711, pidns="pid:[2]"), False, "unknown"),
        (holder(4711, boot=""), False, "unknown"),
        (holder(4711, started=""), False, "unknown"),
        ({}, False, "unknown"),
    ],
)
def test_judgement(held: t.Any, lives: bool, state: str) -> None:
    assert _holder.judge(held, HERE, lambda pid, started: lives).state == state


def test_where_nothing_is_known_of_processes_nobody_is_gone() -> None:
    mac = holder(4711, boot="", pidns="", started="")
    assert _holder.judge(mac, mac, lambda pid, started: False).state == "unknown"


def test_it_asks_for_that_process_and_its_start() -> None:
    asked: list[tuple[str, str]] = []
    _holder.judge(holder(4711, started="77"), HERE, lambda pid, started: not asked.append((pid, started)))
    assert asked == [("4711", "77")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (holder(), "anna@ops1, process 4711, inventory host berlin"),
        (holder(job="812"), "AWX job 812, anna@ops1, process 4711, inventory host berlin"),
        ({}, "somebody@an unknown host"),
    ],
)
def test_in_words(given: t.Any, told: str) -> None:
    assert _holder.told(given) == told


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (holder(), True),
        ({**holder(), "pid": 4711, "unknown": "key"}, True),
        (holder(inventory_host="seoul"), False),
        (holder(started="98"), False),
        ({}, False),
    ],
)
def test_the_same_run(other: t.Any, same: bool) -> None:
    assert _holder.is_same(holder(), other) is same
    assert _holder.is_same({}, {}) is False
