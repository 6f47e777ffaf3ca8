# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule about proxies: what must not go through one does not.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_no_proxy as no_proxy
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    unclear,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import Endpoint, Target, endpoints
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_entry, env_literal
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_ALWAYS = ("localhost", "127.0.0.1", no_proxy.API_SERVER, ".svc", ".cluster.local")


@rule("values.proxy", "What is in the cluster is not asked through a proxy", excusable=True)
def proxy(case: Case) -> t.Iterator[Finding]:
    values = case.values
    lower, upper = env_literal(values, "no_proxy"), env_literal(values, "NO_PROXY")
    if lower is not None and upper is not None and lower != upper:
        message = "no_proxy and NO_PROXY differ: the server reads the first and kubectl the second."
        yield warn(message, "Give both the same text, or remove no_proxy.")
    proxies = {name: _winner(values, name) for name in ("http_proxy", "https_proxy", "all_proxy")}
    if not any(proxies.values()):
        yield good("No proxy is set")
        return
    exempt = _winner(values, "no_proxy")
    given = env_literal(values, exempt) if exempt else ""
    if given is None:
        message = f"{exempt} comes from elsewhere, so what it exempts from the proxy was not looked at."
        yield unclear(message, f"Write {exempt} in clear; it is no secret.")
        return
    found = list(_asked_through(case, proxies, given))
    yield from found or [good("What is in the cluster is exempt from the proxy")]


def _asked_through(case: Case, proxies: dict[str, str], given: str) -> t.Iterator[Finding]:
    fix = _fix(case, given)
    for endpoint in endpoints(case.values):
        if _through(proxies, endpoint.goal, given):
            yield from _caught(endpoint, given, fix)
    if _winner(case.values, "https_proxy", upper_first=True) and not _reaches_api_server(case.values):
        message = "kubectl would ask the proxy for the API server, because NO_PROXY does not name its address."
        yield fail(message, fix, subject="api-server")


def _winner(values: Values, name: str, *, upper_first: bool = False) -> str:
    """The name in whose spelling a variable counts, or an empty text: Python prefers lower case, Go upper case.

    A lower-case one that is empty takes the upper-case one away from Python.
    """
    for spelled in (name.upper(), name) if upper_first else (name, name.upper()):
        if env_entry(values, spelled):
            return spelled if env_literal(values, spelled) != "" or name == "no_proxy" else ""
    return ""


def _through(proxies: dict[str, str], goal: Target, exempt: str) -> bool:
    """Whether a request goes through a proxy."""
    used = proxies[f"{goal.scheme}_proxy"] or proxies["all_proxy"]
    return bool(used) and not no_proxy.covers(exempt, goal)


def _caught(endpoint: Endpoint, given: str, fix: str) -> t.Iterator[Finding]:
    host, where = endpoint.goal.host, no_proxy.place(endpoint.goal.host)
    elsewhere = no_proxy.understood_elsewhere(given, endpoint.goal)
    note = f" {listed(elsewhere)} in NO_PROXY is not understood by the library for these calls." if elsewhere else ""
    if where == no_proxy.IN_CLUSTER:
        message = f"{endpoint.label} is in the cluster at {host}, but would be asked through the proxy.{note}"
        yield fail(message, fix, subject=host)
    elif where == no_proxy.PRIVATE or elsewhere:
        message = f"{endpoint.label} at {host} looks like a host of the site, but is asked through the proxy.{note}"
        yield warn(message, fix, subject=host)


def _reaches_api_server(values: Values) -> bool:
    spelled = _winner(values, "no_proxy", upper_first=True)
    given = env_literal(values, spelled) if spelled else ""
    # What cannot be read here is not held against it.
    return given is None or no_proxy.covers_api_server(given, env_literal(values, "KUBERNETES_SERVICE_HOST") or "")


def _fix(case: Case, given: str) -> str:
    """The text that NO_PROXY should have: what is given and right, and what is missing."""
    kept = [entry for entry in no_proxy.entries(given) if entry not in no_proxy.broken(given)]
    wanted = list(dict.fromkeys((*kept, *_ALWAYS)))
    for endpoint in endpoints(case.values):
        host, exempt = endpoint.goal.host, no_proxy.covers(",".join(wanted), endpoint.goal)
        if no_proxy.place(host) != no_proxy.PUBLIC and not exempt:
            wanted.append(host)
    return f"Set holmes_env: {{NO_PROXY: '{','.join(wanted)}'}}."
