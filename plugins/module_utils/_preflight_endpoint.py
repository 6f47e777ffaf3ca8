# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before an installation: something answers at the addresses that the pods will ask.

Private to this collection: it may change in any release.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _endpoint_judge, _endpoint_urls, _tls_probe
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_CHECKED, WARN, Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_judge import Outcome, Verdict
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_urls import Asked
from ansible_collections.holmesgpt.onprem.plugins.module_utils._endpoint_way import (
    MODEL_VARIABLE,
    Forwards,
    Way,
    deadline,
    way_to,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Unreachable
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._portforward import opener
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._tls_fault import Party, fault_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_url import shown

MODEL, TOOLS = "llm.endpoint", "endpoint.mcp"
IDS = {MODEL: "The model server answers", TOOLS: "Servers of tools answer"}
RIGHTS = (
    "Grant 'get services', 'list pods', 'list endpointslices' and 'get and create pods/portforward' in the server's "
    "namespace to the account, or use another one (holmes_kubeconfig)."
)
TOOLS_VARIABLE = "mcp_servers in holmes_values"


def tasks(context: Context, forwards: Forwards = opener) -> list[Task]:
    """One for each host and port."""
    found = [(MODEL, one) for one in _endpoint_urls.of_models(context.values)]
    found += [(TOOLS, one) for one in _endpoint_urls.of_tools(context.values)]
    return [_task(context, check, asked, forwards) for check, asked in found]


def _task(context: Context, check: str, asked: Asked, forwards: Forwards) -> Task:
    def run() -> t.Iterator[Check]:
        yield probe(context, check, asked, forwards)

    return Task(check, IDS[check], run, deadline(context))


def probe(context: Context, check: str, asked: Asked, forwards: Forwards = opener) -> Check:
    """One check about one address."""
    evidence: dict[str, t.Any] = {"for": asked.label}
    if asked.url is None:
        message = f"The address of {asked.label} comes from a variable without a literal value, so it was not asked."
        return Check(check, IDS[check], NOT_CHECKED, message, "Write the URL in clear; it is no secret.", evidence)
    evidence["url"] = shown(asked.url)
    variable = MODEL_VARIABLE if check == MODEL else TOOLS_VARIABLE
    try:
        way = way_to(context, asked.url, variable, forwards)
    except KubeError as error:
        return Check(check, IDS[check], NOT_CHECKED, error.msg, error.fix or RIGHTS, evidence)
    except HolmesError as error:
        return _check(check, Verdict(FAIL, error.msg, error.fix), evidence)
    path = urlsplit(asked.url).path.rstrip("/")
    path = f"{path}/models" if check == MODEL else f"{path}/"
    evidence.update(where=way.where, unproven=way.unproven)

    def judged() -> list[Check]:
        return [_check(check, _endpoint_judge.judge(way, ask(way, path, context.timeout)), evidence)]

    if not way.endpoint:
        return judged()[0]
    evidence["endpoint"] = way.endpoint
    question = [check, way.same, path, asked.label, evidence["url"], context.timeout]
    return context.shared.checks(question, judged, context.patience)[0]


def _check(check: str, verdict: Verdict, evidence: dict[str, t.Any]) -> Check:
    # Without a server of tools HolmesGPT does its work, only with less.
    status = WARN if check == TOOLS and verdict.status == FAIL else verdict.status
    return Check(check, IDS[check], status, verdict.message, verdict.fix, evidence)


def ask(way: Way, path: str, timeout: float) -> Outcome:
    """One GET without any key, and if it fails, a look at why."""
    line = way.transport
    try:
        answer = line.request("GET", path, {}, None, timeout)
    except Unreachable as error:
        return _why(way, error, timeout)
    # What servers behind TLS say to plain HTTP.
    if answer.status == 400 and way.trust is None and _tls_probe.speaks_tls(line, timeout):
        return Outcome(answer, spoken="https")
    return Outcome(answer)


def _why(way: Way, error: Unreachable, timeout: float) -> Outcome:
    if way.trust is not None and _tls_probe.is_refusal(error):
        party = Party(f"the server at {way.goal.authority}", way.goal.host, way.goal.variable)
        try:
            seen = _tls_probe.look(way.transport, way.trust.context, timeout)
        except Unreachable as later:
            return Outcome(error=later)
        return Outcome(error=error, fault=fault_of(seen, party, way.trust, datetime.now(timezone.utc)))
    return Outcome(error=error, spoken=_tls_probe.spoken_instead(way.transport, error, timeout))
