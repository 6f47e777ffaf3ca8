# SPDX-License-Identifier: GPL-3.0-or-later
"""What the machine and the API server say of themselves, as numbers."""

from __future__ import annotations

import re

# In units of 1/100 s: user nice system idle iowait irq softirq steal; user includes what guests took.
TICKS = 100.0
BUSY = (0, 1, 2, 5, 6)
STEAL = 7
# Requests of an administrator's kubeconfig. Kubelets, controllers and pods have flow schemas of their own.
REQUESTS = re.compile(
    r'^apiserver_flowcontrol_dispatched_requests_total\{[^}]*flow_schema="global-default"[^}]*\} (\S+)$', re.MULTILINE
)


def busy_and_stolen(text: str) -> tuple[float, float]:
    """Seconds that all processors worked, and that another guest had them, out of ``/proc/stat``."""
    fields = [int(field) for field in text.splitlines()[0].split()[1:]]
    return sum(fields[place] for place in BUSY) / TICKS, fields[STEAL] / TICKS


def requests(metrics: str) -> int:
    """Requests that the API server let through so far, of users that are no part of the cluster."""
    return int(sum(float(found) for found in REQUESTS.findall(metrics)))
