# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about the rendering itself, and what the rules about rendered manifests share.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    Function,
    fail,
    good,
    rule,
    unclear,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case


def unrendered() -> list[Finding]:
    """The answer of a rule that can only judge manifests."""
    return [unclear("The chart could not be rendered, so this was not looked at.", "See render.failed.")]


def on_manifests(function: Function) -> Function:
    """For a rule that can only judge manifests: without any it says so. Stands below ``@rule``."""

    @functools.wraps(function)
    def judged(case: Case) -> t.Iterable[Finding]:
        return function(case) if case.rendered.done else unrendered()

    return t.cast(Function, judged)


@rule("render.failed", "Helm renders the chart with these values")
def failed(case: Case) -> t.Iterator[Finding]:
    if case.rendered.error:
        yield fail(f"helm template failed: {case.rendered.error}", "Correct the value that the message names.")
    elif case.rendered.missing:
        yield unclear(case.rendered.missing, "Set holmes_helm_binary to Helm 3 or 4.")
    elif not case.rendered.done:
        yield unclear(
            "The chart was not rendered, because the release or the namespace has an illegal name.", "See values.names."
        )
    else:
        yield good(f"{len(case.rendered.manifests)} objects")
