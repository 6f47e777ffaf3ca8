# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity of a run on its control node, and its judgement of who is in the way."""

from __future__ import annotations

import getpass
import os
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _processes
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._holder_here import here, ticket_of_gone


def test_it_is_the_process_that_forked_this_one() -> None:
    found = here({"inventory_hostname": "berlin", "awx_job_id": 812})
    assert (found["pid"], found["inventory_host"], found["job"]) == (str(os.getppid()), "berlin", "812")
    assert found["host"] and found["user"] == getpass.getuser()
    assert _processes.alive(found["pid"], found["started"])


def test_without_proc_those_parts_are_empty() -> None:
    found = here({}, "/nonexistent")
    assert [found[name] for name in ("boot", "pidns", "started", "job")] == ["", "", "", ""] and found["host"]


@pytest.mark.parametrize(
    ("change", "gone"),
    [({}, False), ({"started": "1"}, True), ({"started": "1", "boot": "another"}, False)],
    ids=["alive", "its id was given again", "on another machine"],
)
def test_only_who_is_gone_gives_a_ticket(change: dict[str, t.Any], gone: bool) -> None:
    other = {**here({"inventory_hostname": "berlin"}), **change}
    held = {"holder": other, "identity": "anna", "renewed": "now", "since": "then", "seconds": 9}
    ours = {**here({"inventory_hostname": "berlin"}), "pid": "1", "started": "0"}
    assert ticket_of_gone({"held": held}, ours) == ({"identity": "anna", "renewed": "now"} if gone else {})
    assert ticket_of_gone({}, ours) == {}
