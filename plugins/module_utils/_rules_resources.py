# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about the resources of HolmesGPT's pod: what the API refuses, and what is too little to work with.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from fractions import Fraction

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._quantity import MIB, mebibytes, parse
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import Finding, fail, good, rule, warn
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, variable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import LIMITS_TOOLS

TOOL_LIMIT = "TOOL_MEMORY_LIMIT_MB"
# Mebibytes. HolmesGPT itself takes 406 to 450 before any tool; it was killed at 512; kubectl dies at 800 (facts: 5,
# rows 11 and 12; real run).
TAKEN, KILLED, ENOUGH, TOOL_DIES = 450, 512, 1024, 800
_PARTS = ("requests", "limits")


@rule("values.resources", "The pod's resources are legal and enough")
def resources(case: Case) -> t.Iterator[Finding]:
    given = _given(case)
    found: dict[tuple[str, str], Fraction] = {}
    for part in _PARTS:
        for name, value in given[part].items():
            number = parse(value)
            if value is None:
                continue
            if number is None or number < 0:
                message = f"resources.{part}.{name} is {value!r}, which is no quantity of Kubernetes."
                yield fail(message, f"Set holmes_resources.{part}.{name} to a quantity, for example {_example(name)}.")
            else:
                found[part, name] = number
    yield from _exceeding(given, found)
    limit = found.get(("limits", "memory"))
    if limit is not None:
        yield from _memory(given["limits"]["memory"], limit)
    yield from _tools(case, limit)
    yield good("The resources are legal and enough")


def _given(case: Case) -> Values:
    """Of the rendered container, or of the values that the template would see."""
    container = view.holmes_container(case.rendered, case.request)
    given = container.get("resources") if container else effective(case, "resources")
    # values.type speaks of other shapes.
    return {part: get(given, (part,)) if isinstance(get(given, (part,)), dict) else {} for part in _PARTS}


def _example(name: str) -> str:
    return "500m" if name == "cpu" else "2Gi"


def _exceeding(given: Values, found: dict[tuple[str, str], Fraction]) -> t.Iterator[Finding]:
    """Kubernetes refuses a request above its limit; setting one of them leaves the chart's own other one."""
    for (part, name), number in found.items():
        limit = found.get(("limits", name))
        if part == "requests" and limit is not None and number > limit:
            message = (
                f"resources.requests.{name} is {given['requests'][name]}, more than resources.limits.{name}, "
                f"{given['limits'][name]}: Kubernetes refuses the pod."
            )
            yield fail(
                message, f"Set both in holmes_resources, requests.{name} and limits.{name}; the chart has its own."
            )


def _memory(told: t.Any, limit: Fraction) -> t.Iterator[Finding]:
    needs = f"HolmesGPT takes about {TAKEN}Mi before it runs any tool"
    fix = "Set holmes_resources.limits.memory to 2Gi, as the chart has it."
    if limit <= KILLED * MIB:
        yield fail(f"resources.limits.memory is {told}, too little: {needs} and is killed at {KILLED}Mi.", fix)
    elif limit < ENOUGH * MIB:
        yield warn(f"resources.limits.memory is {told}, which is tight: {needs}.", fix)


def _tools(case: Case, limit: Fraction | None) -> t.Iterator[Finding]:
    """The cap on every tool, which has to fit between too little for kubectl and what the pod has."""
    value = variable(case, TOOL_LIMIT)
    if not LIMITS_TOOLS.holds(case.server) or isinstance(value, dict):
        return
    fix = f"Set holmes_env: {{{TOOL_LIMIT}: '1500'}}."
    if value is None:
        yield warn(f"{TOOL_LIMIT} is not set: {_dies()}.", fix)
        return
    try:
        cap = int(value)
    except ValueError:  # values.server_variable speaks of it
        return
    if cap <= TOOL_DIES:
        yield warn(f"{TOOL_LIMIT} is {cap}: {_dies()}.", fix)
    if limit is not None and cap > mebibytes(limit) - TAKEN:
        left = mebibytes(limit) - TAKEN
        message = (
            f"{TOOL_LIMIT} is {cap}, but of the pod's {mebibytes(limit)} MiB HolmesGPT leaves about {left} for tools."
        )
        yield warn(message, f"Set holmes_resources.limits.memory to {cap + TAKEN}Mi or more.")


def _dies() -> str:
    return f"at the default of {TOOL_DIES} MB kubectl dies now and then, and the tool reports success without rows"
