# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about how many pods of HolmesGPT there are.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, is_number, on
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_SCALES = ("autoscaling", "enabled")
_LEAST, _MOST = ("autoscaling", "minReplicas"), ("autoscaling", "maxReplicas")


@rule("values.replicas", "There is a pod to answer")
def replicas(case: Case) -> t.Iterator[Finding]:
    if on(case, *_SCALES):
        yield from _scaled(case)
        return
    number = effective(case, "replicas")
    if number is None:
        yield good("One pod")
    elif not is_number(number) or number < 0:
        yield fail(f"replicas is {number!r}, which is no whole number.", "Set replicas: 1 in holmes_values.")
    elif number == 0:
        yield fail("replicas is 0: there is no pod that could answer.", "Set replicas: 1 in holmes_values.")
    else:
        yield good(f"{number} pods")


def _scaled(case: Case) -> t.Iterator[Finding]:
    """A HorizontalPodAutoscaler decides."""
    if "replicas" in case.values:
        message = "replicas has no effect with autoscaling.enabled; autoscaling.minReplicas has."
        yield warn(message, "Remove replicas from holmes_values.")
    least, most = effective(case, *_LEAST), effective(case, *_MOST)
    for path, number in ((_LEAST, least), (_MOST, most)):
        if not is_number(number) or number < 1:
            message = f"{'.'.join(path)} is {number!r}; Kubernetes wants a whole number from 1 on."
            yield fail(message, f"Correct {'.'.join(path)} in holmes_values.")
            return
    if least > most:
        message = (
            f"autoscaling.minReplicas is {least}, more than autoscaling.maxReplicas, {most}: Kubernetes refuses it."
        )
        yield fail(message, "Correct one of them in holmes_values.")
    else:
        yield good(f"{least} to {most} pods")
