# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about the chart, the names of the release and the server's version.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_entry, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import HAS_API_KEY, server_version, text


@rule("values.chart", "The chart is the intended one")
def chart(case: Case) -> t.Iterator[Finding]:
    found = case.chart
    wanted = case.request.chart_sha256.lower().removeprefix("sha256:") if case.request.chart_sha256 else ""
    if wanted and wanted != found.sha256:
        message = f"The chart '{found.path}' has sha256 {found.sha256}, but {wanted} was expected."
        yield fail(message, "Fetch the archive again, or correct holmes_chart_sha256.", sha256=found.sha256)
    if found.name != "holmes":
        message = (
            f"The chart is called '{found.name}', not 'holmes': its keys and objects may be others than HolmesGPT's."
        )
        yield warn(message, "Set holmes_chart_name or holmes_chart_archive to HolmesGPT's own chart.")
    yield good(f"{found}, sha256 {found.sha256[:12]}…", **found.facts())


@rule("values.names", "Release and namespace have legal names")
def names(case: Case) -> t.Iterator[Finding]:
    for option in _render.illegal_names(case.request):
        message = f"holmes_{option} is '{getattr(case.request, option)}', which Helm or Kubernetes refuses."
        yield fail(
            message,
            "Use lower-case letters, digits and '-', at most 53 characters for a release and 63 for a namespace.",
        )


@rule("values.server_version", "The server's version is known and fits the chart")
def version(case: Case) -> t.Iterator[Finding]:
    if case.server is None:
        message = (
            "Neither the image's tag nor the chart tells HolmesGPT's version; the newest known behaviour was assumed."
        )
        yield unclear(message, "Use an image tag such as holmes:0.45.0.")
        return
    of_chart = server_version(case.chart, {"image": ""})
    if of_chart and of_chart[:2] != case.server[:2]:
        message = (
            f"The image is HolmesGPT {text(case.server)}, the chart was made for {text(of_chart)}; probes and "
            "variables may not fit."
        )
        yield warn(message, "Use the image and the chart of the same version.")
    yield good(f"HolmesGPT {text(case.server)}", version=text(case.server))


@rule("values.api_key", "The API of HolmesGPT is protected as asked")
def api_key(case: Case) -> t.Iterator[Finding]:
    if not env_entry(case.values, "HOLMES_API_KEY"):
        yield good("No key is asked for; every pod of the cluster may use the API")
        return
    if not HAS_API_KEY.holds(case.server):
        message = f"HOLMES_API_KEY has no effect before 0.27, and this is {text(case.server)}: the API stays open."
        yield warn(
            message, "Use a newer version, or remove holmes_server_api_key and restrict access by a NetworkPolicy."
        )
    if get(case.values, ("operator", "enabled")) is True:
        yield warn(
            "The operator sends no key, so each of its checks will be refused (issue #2030).",
            "Set operator.enabled: false.",
        )
    yield good("Requests need the key of HOLMES_API_KEY")
