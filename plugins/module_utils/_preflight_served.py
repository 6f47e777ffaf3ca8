# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the cluster is new enough for the rendered objects, and whether the way to it leads through a proxy.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Kinds, kind_of, named
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import failed, listed, passed, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import title_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

VERSION, PROXY = "cluster.version", "cluster.proxy"
# Pod Security admission is stable from here on; before it, the labels of a namespace may mean nothing.
OLDEST = (1, 25)
# Custom resources of the chart itself.
_OWN_GROUP = "holmesgpt.dev/"


def judge(version: Object, rendered: Rendered, kinds: Kinds) -> Check:
    """``cluster.version`` from ``/version`` and the kinds that are served."""
    told = str(version.get("gitVersion") or "of unknown version")
    missing: dict[str, list[str]] = {}
    for manifest in named(rendered):
        if kind_of(manifest) not in kinds:
            api, kind = kind_of(manifest)
            missing.setdefault(f"{kind} ({api})", []).append(title_of(manifest))
    evidence = {"version": told, "missing": missing}
    own = [name for name in missing if _OWN_GROUP in name]
    foreign = [name for name in missing if name not in own]
    if foreign:
        message = f"Kubernetes {told} does not serve {listed(foreign)}, which the chart makes."
        fix = (
            f"Install what brings these kinds (an operator's CRDs), or turn off in holmes_values what renders "
            f"{listed(title for name in foreign for title in missing[name])}."
        )
        return failed(VERSION, message, fix, **evidence)
    if own:
        message = f"Kubernetes {told} does not serve {listed(own)}; the chart brings these kinds itself."
        return warned(VERSION, message, "Set holmes_skip_crds: false, unless that is done.", **evidence)
    if minor(version) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        message = f"Kubernetes {told} serves all kinds, but is older than {oldest}, from which on this is supported."
        return warned(VERSION, message, f"Upgrade the cluster to {oldest} or newer.", **evidence)
    return passed(VERSION, f"Kubernetes {told} serves every kind that the chart makes.", **evidence)


def minor(version: Object) -> tuple[int, int]:
    """``(1, 35)`` of ``/version``; zeros if it does not tell."""
    found = re.match(r"v?(\d+)\.(\d+)", str(version.get("gitVersion") or ""))
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def judge_proxy(server: str, environment: t.Mapping[str, str]) -> Check:
    """``cluster.proxy``: whether Helm and the Python client would go through a proxy of this host's environment.

    Shows the proxy's host only, because its URL may hold a password.
    """
    parts = urlsplit(server)
    lower = {name.lower(): (name, text) for name, text in environment.items() if text}
    name, proxy = lower.get(f"{parts.scheme}_proxy") or lower.get("all_proxy") or ("", "")
    excepted_by, excepted = lower.get("no_proxy", ("NO_PROXY", ""))
    host = parts.hostname or ""
    evidence = {"server": host, "variable": name}
    if not proxy:
        return passed(PROXY, "No proxy is set in the environment of this host.", **evidence)
    if excepts(host, parts.netloc.rpartition("@")[2], excepted):
        return passed(PROXY, f"{name} is set, but {excepted_by} excepts the API server {host}.", **evidence)
    through = urlsplit(proxy if "://" in proxy else f"//{proxy}").hostname or "a proxy"
    message = f"{name} of this host sends requests for the API server {host} through the proxy {through}."
    return warned(PROXY, message, f"Add {host} to {excepted_by} in the environment of the run.", **evidence)


def excepts(host: str, with_port: str, excepted: str) -> bool:
    """Names with or without port, suffixes and networks, which Helm and the Python client both know."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if host == "localhost" or (address and address.is_loopback):
        return True
    for entry in filter(None, (part.strip().lower() for part in excepted.split(","))):
        name = entry.lstrip("*.")
        if entry == "*" or name in (host, with_port) or host.endswith(f".{name}"):
            return True
        if address and "/" in entry and _within(address, entry):
            return True
    return False


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
