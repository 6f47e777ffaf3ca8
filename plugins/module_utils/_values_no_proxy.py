# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NO_PROXY as the library httpx reads it, through which LiteLLM asks model servers (httpx 0.28, tried entry by entry).

Private to this collection: it may change in any release. Imports nothing of Ansible.

It differs from what Go's programs and the library requests make of the same text: networks and "*.domain" mean nothing
to it, and an IPv6 network ends every chat.
"""

from __future__ import annotations

import ipaddress
import re

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import Target, target

# What kubectl needs: Kubernetes fills in the address, and Go knows it by that.
API_SERVER = "$(KUBERNETES_SERVICE_HOST)"
_CLUSTER = re.compile(r"(?:[^.]+\.)+svc(?:\.[\w.\-]+)?\Z|(?:[^.]+\.)+cluster\.local\Z")
_PRIVATE_NAME = re.compile(r"(?:[^.]+\.)*(?:internal|intranet|intra|corp|lan|local|localdomain|home\.arpa|private)\Z")
IN_CLUSTER, PRIVATE, PUBLIC = "in the cluster", "private", "public"


def entries(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def covers(text: str, goal: Target) -> bool:
    """Whether httpx goes straight to a target."""
    return any(_matches(entry.lower(), goal) for entry in entries(text))


def broken(text: str) -> list[str]:
    """The entries over which httpx fails before it sends anything."""
    return [entry for entry in entries(text) if _breaks(entry)]


def understood_elsewhere(text: str, goal: Target) -> list[str]:
    """The entries that cover a target for other programs, but not for httpx: networks and "*.domain"."""
    return [entry for entry in entries(text) if _in_network(entry, goal.host) or _is_wildcard(entry, goal.host)]


def covers_api_server(text: str, address: str) -> bool:
    """Whether Go's programs go straight to the API server. An unknown address may be in any private network."""
    for entry in entries(text):
        if entry in ("*", API_SERVER) or (address and (entry == address or _in_network(entry, address))):
            return True
        if not address and _network(entry) is not None and place(entry.split("/")[0]) == PRIVATE:
            return True
    return False


def place(host: str) -> str:
    """Where a host is, as far as its name or address tells."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if "." not in host or _CLUSTER.match(host):
            return IN_CLUSTER
        return PRIVATE if _PRIVATE_NAME.match(host) else PUBLIC
    return PRIVATE if address.is_private and not address.is_loopback else PUBLIC


def _matches(entry: str, goal: Target) -> bool:
    if entry == "*":
        return True
    if "://" in entry:
        wanted = target(entry)
        return wanted is not None and wanted[:2] == goal[:2] and wanted.port in (None, goal.port)
    if _network(entry) is not None or ":" in entry.replace(":", "", 1):
        return entry.split("/")[0] == goal.host
    name, _colon, port = entry.partition(":")
    if port and port != str(goal.port):
        return False
    if entry == "localhost":
        return goal.host == "localhost"
    return goal.host.endswith(name if name.startswith(".") else f".{name}") or goal.host == name


def _breaks(entry: str) -> bool:
    if "://" in entry:
        rest = re.sub(r"\[[^\]]*\]", "", entry.partition("://")[2].split("/")[0])
        return bool(re.search(r":(?!\d*\Z)", rest))
    if entry.count(":") > 1 and _network(entry.strip("[]")) is not None:
        # An address alone is right; brackets or a network are not.
        return "/" in entry or "[" in entry
    return bool(re.search(r":(?!\d*(?:/|\Z))", entry)) or not entry.isascii()


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _in_network(entry: str, host: str) -> bool:
    network = _network(entry) if "/" in entry else None
    try:
        return network is not None and ipaddress.ip_address(host) in network
    except ValueError:
        return False


def _is_wildcard(entry: str, host: str) -> bool:
    return entry.startswith("*.") and host.endswith(entry[1:].lower())
