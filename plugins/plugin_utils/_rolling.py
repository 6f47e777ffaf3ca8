# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run goes through many hosts: in which batches, and when no further host begins.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import math
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import NOT_BEGUN

SERIAL, MOST = "holmes_serial", "holmes_max_fail_percentage"
_SIZE = re.compile(r"(\d+)(%?)\Z")
# Ansible takes a size that is no number for a bug of its own, and 0 for no batches at all.
_FIX = f"Give {SERIAL} as a number of hosts, a share like '20%', or a list that begins with the canary: [1, '20%']."


def batches(given: t.Any) -> list[int | str]:
    """The sizes of batches for the keyword ``serial``. A survey gives a text with commas. Raises HolmesError."""
    sizes = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else [given]
    if not sizes:
        raise HolmesError(f"{SERIAL} is empty.", _FIX)
    return [_size(one) for one in sizes]


def _size(given: t.Any) -> int | str:
    text = "" if isinstance(given, bool) else str(given).strip()
    found = _SIZE.match(text)
    number = int(found.group(1)) if found else 0
    if not found or not number:
        raise HolmesError(f"{SERIAL} has '{text or given}', which is no size of a batch.", _FIX)
    if not found.group(2):
        return number
    if number > 100:
        raise HolmesError(f"{SERIAL} has '{text}', which is more than all hosts.", _FIX)
    return f"{number}%"


def stop_reason(failed: t.Sequence[str], hosts: t.Sequence[str], most: t.Any, changes: t.Sequence[t.Any] = ()) -> str:
    """Why no further host begins; empty if one may. ``most`` is the percentage of ``hosts`` that may fail.

    ``changes``: for each of ``failed`` what holmes_change said. One that was not begun has no fault of its own.
    """
    limit = _percentage(most)
    told = {host: _not_begun(change) for host, change in zip(failed, changes)}
    faulty = sorted(host for host in failed if not told.get(host))
    if not faulty or len(faulty) * 100 <= limit * len(hosts):
        return ""
    names = ", ".join(faulty[:3]) + (f" and {len(faulty) - 3} more" if len(faulty) > 3 else "")
    end = f"and {MOST} lets no more than {limit:g} % fail."
    # Who has begun may fail later on; all that are stopped say the same.
    said = (sentence for sentence in told.values() if sentence.endswith(end))
    return next(said, f"Not begun, because {len(faulty)} of {len(hosts)} hosts failed ({names}), {end}")


def _not_begun(change: t.Mapping[str, t.Any]) -> str:
    """The sentence of a host that was not begun; empty for any other."""
    return next((str(check["message"]) for check in change.get("checks") or () if check["id"] == NOT_BEGUN), "")


def _percentage(given: t.Any) -> float:
    try:
        found = float(str(given).strip().rstrip("%"))
    except ValueError:
        found = math.nan
    if not 0 <= found <= 100 or isinstance(given, bool):
        raise HolmesError(f"{MOST} is '{given}', which is no percentage.", f"Give {MOST} as a number from 0 to 100.")
    return found
