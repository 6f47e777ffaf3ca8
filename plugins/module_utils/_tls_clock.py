# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the clocks of this host and of servers agree, by the Date of their answers.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import copy
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, PASS, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import NOBODY, Shared
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_check import CLOCK, check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_line import Line
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_trust import unverified

# Seconds. Above the first, logs and metrics of the last minutes are missed; above the second, tokens are refused.
ODD, WRONG = 60, 300


class Asked(t.NamedTuple):
    """A server and a path of it that anybody may ask for. ``endpoint``: it is one for all hosts of this run."""

    told: str
    line: Line
    path: str
    endpoint: str = ""


def skews(asked: t.Sequence[Asked], timeout: float, shared: Shared = NOBODY) -> dict[str, float]:
    """How many seconds each server is ahead of this host; those that tell no time are left out."""
    if not asked:
        return {}
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(lambda one: _skew(one, timeout, shared if one.endpoint else NOBODY), asked))
    return {one.told: skew for one, skew in zip(asked, found) if skew is not None}


def _skew(asked: Asked, timeout: float, shared: Shared) -> float | None:
    question = ["clock", asked.endpoint, asked.line.authority, asked.path, asked.line.trust is not None, timeout]
    return shared.ask(question, lambda: _seen(asked, timeout), timeout)[0]


def _seen(asked: Asked, timeout: float) -> float | None:
    # A certificate that is refused because of the clock must not hide the clock. No key is sent.
    line = copy.copy(asked.line)
    line.trust = unverified() if line.trust is not None else None
    try:
        answer = line.request("GET", asked.path, {}, None, timeout)
        there = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (Unreachable, KeyError, ValueError, TypeError):
        return None
    # A Date has no fraction, so it is half a second late on average.
    return there + 0.5 - (time.time() - answer.seconds / 2)


def judge(found: t.Mapping[str, float]) -> Check:
    """``tls.clock`` from how far each server is ahead of this host, in seconds."""
    told = {name: round(skew) for name, skew in found.items()}
    if not found:
        message = "No server told the time, so clocks were not compared."
        return check(CLOCK, NOT_CHECKED, message, "Compare them by hand: timedatectl on this host and on the nodes.")
    off = {name: skew for name, skew in told.items() if abs(skew) > ODD}
    if not off:
        most = max(abs(skew) for skew in told.values())
        return check(
            CLOCK, PASS, f"Clocks agree within {most + 1} s: this host, {', '.join(told)}.", seconds_ahead=told
        )
    status = FAIL if max(abs(skew) for skew in off.values()) > WRONG else WARN
    message, whose = _who(off, told)
    fix = f"Set the clock of {whose} by NTP (see 'chronyc tracking' or 'timedatectl' there)."
    return check(CLOCK, status, message, fix, seconds_ahead=told)


def _who(off: t.Mapping[str, int], told: t.Mapping[str, int]) -> tuple[str, str]:
    """A sentence, and whose clock it is. Where several agree against this host, this host is wrong."""
    if len(told) > 1 and len(off) == len(told) and max(off.values()) - min(off.values()) <= ODD:
        first = next(iter(off.values()))
        return f"The clock of this host is {_ahead(-first)} {', '.join(off)}.", "this host"
    lone = f"The clock of {'; that of '.join(f'{name} is {_ahead(skew)} this host' for name, skew in off.items())}."
    return lone, " and ".join(off) if len(told) > 1 else f"{next(iter(off))} or of this host"


def _ahead(seconds: int) -> str:
    return f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}"
