# SPDX-License-Identifier: GPL-3.0-or-later
"""tls.clock: whose clock is wrong, by how far each server is ahead of this host."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_clock import judge

CLOCKS = [
    ({}, "not_checked", "No server told the time", "timedatectl"),
    ({"the API server": 1.2, "the registry r": -3.9}, "pass", "agree within 5 s: this host, the API server", ""),
    (
        {"the API server": 61.0},
        "warn",
        "The clock of the API server is 61 s ahead of this host.",
        "or of this host by NTP",
    ),
    (
        {"the API server": -301.0},
        "fail",
        "The clock of the API server is 301 s behind this host.",
        "of the API server or",
    ),
    (
        {"a": 400.0, "b": 390.0, "c": 410.0},
        "fail",
        "The clock of this host is 400 s behind a, b, c.",
        "of this host by NTP",
    ),
    ({"a": -90.0, "b": -91.0}, "warn", "The clock of this host is 90 s ahead of a, b.", "of this host by NTP"),
    ({"a": 1.0, "b": 90.0}, "warn", "The clock of b is 90 s ahead of this host.", "Set the clock of b by NTP"),
    ({"a": -400.0, "b": 90.0}, "fail", "of a is 400 s behind this host; that of b is 90 s ahead", "of a and b by NTP"),
    ({"a": 60.0, "b": -60.0}, "pass", "agree within 61 s", ""),
]


@pytest.mark.parametrize(("skews", "status", "told", "fix"), CLOCKS)
def test_whose_clock_is_wrong(skews: dict[str, float], status: str, told: str, fix: str) -> None:
    found = judge(skews)
    assert (found.id, found.status) == ("tls.clock", status)
    assert told in found.message
    assert fix in found.fix
