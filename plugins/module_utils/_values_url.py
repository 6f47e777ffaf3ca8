# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be told of a model server's address without asking it.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

# What the path has to be.
V1, NO_V1, ANY = "v1", "no v1", ""

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
# The machine outside of a container, as desktop tools call it.
_DESKTOP = re.compile(r"(?:host|gateway)\.(?:docker|containers|minikube|lima|rancher-desktop)\.internal\Z")
_PLACEHOLDER = re.compile(r"(?:.*\.)?example\.(?:com|org|net)\Z|your[-_.]")
_PARTS = ("/chat/completions", "/chat", "/completions", "/models", "/responses", "/embeddings")


class Address(t.NamedTuple):
    """The parts of a legal URL; ``host`` in lower case and without a dot at its end."""

    scheme: str
    host: str
    port: int | None
    path: str


class Judgement(t.NamedTuple):
    """``flaw``: chats cannot reach a model server there. ``doubt``: it is probably not meant so.

    Both continue the sentence "the address is X, but …" and are empty when there is nothing to say.
    """

    flaw: str = ""
    doubt: str = ""
    # What is worth knowing and no mistake.
    remarks: tuple[str, ...] = ()


def shown(text: str) -> str:
    """The URL for a message: without user, password and query."""
    return re.split(r"[?#]", re.sub(r"(\A|//)[^/]*@", r"\1********@", text))[0]


def parse(text: str) -> Address | str:
    """The parts, or what is wrong with the form."""
    if any(character.isspace() for character in text):
        return "it contains a space or a line break"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "that is no legal URL"
    if parts.scheme not in ("http", "https"):
        return "it must start with http:// or https://"
    if not host:
        return "it names no host"
    if not _legal(host):
        return "its host holds characters that no name of a host has"
    if "?" in text or "#" in text:
        return "it must not have '?' or '#'"
    return Address(parts.scheme, host, port, parts.path)


def _legal(host: str) -> bool:
    if ":" in host or re.fullmatch(r"[\d.]+", host, re.ASCII):
        return _ip(host) is not None
    return all(_LABEL.match(label) for label in host.split("."))


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def judge(text: str, ending: str, namespace: str, domain: str) -> Judgement:
    """``ending`` is what the provider needs, ``namespace`` HolmesGPT's own, ``domain`` the cluster's."""
    address = parse(text)
    if isinstance(address, str):
        return Judgement(flaw=address)
    flaw = _nowhere(address.host) or _cluster_name(address.host, domain) or _path(address.path, ending)
    return Judgement(flaw, "" if flaw else _doubt(address, namespace, domain), _remarks(address))


def _nowhere(host: str) -> str:
    ip = _ip(host)
    if host == "localhost" or host.endswith((".localhost", ".localdomain")) or (ip and ip.is_loopback):
        return "that is HolmesGPT's own pod"
    if ip and ip.is_unspecified:
        return "that is no address to call, only one to listen on"
    if _DESKTOP.match(host):
        return "that name exists only in containers on a desktop"
    return "that is a placeholder" if _PLACEHOLDER.match(host) else ""


def _cluster_name(host: str, domain: str) -> str:
    """Names of Services: SERVICE.NAMESPACE.svc.DOMAIN, of which .DOMAIN and .svc.DOMAIN may be left out."""
    labels, tail = host.split("."), f".{domain}"
    if host.endswith(tail):
        inner = host[: -len(tail)].split(".")
        if inner[-1] not in ("svc", "pod"):
            return f"'.svc' is missing before '{tail}'"
        return "" if len(inner) > 2 else f"it lacks the namespace: SERVICE.NAMESPACE.svc{tail}"
    rest = _after_svc(labels)
    if rest and (_alike(rest, domain) or rest == "cluster.local"):
        return f"it ends in '.{rest}', while the cluster's domain is '{domain}'"
    end = ".".join(labels[-domain.count(".") - 1 :])
    if end == "cluster.local" or difflib.SequenceMatcher(None, end, domain).ratio() >= 0.9:
        return f"it ends in '.{end}', while the cluster's domain is '{domain}'"
    return ""


def _after_svc(labels: list[str]) -> str:
    """What follows SERVICE.NAMESPACE.svc; empty for other names."""
    place = labels.index("svc", 2) if "svc" in labels[2:] else len(labels)
    return ".".join(labels[place + 1 :])


def _alike(rest: str, domain: str) -> bool:
    cut = domain.startswith(f"{rest}.") or domain.endswith(f".{rest}")
    return cut or difflib.SequenceMatcher(None, rest, domain).ratio() >= 0.7


def _path(path: str, ending: str) -> str:
    bare = path.rstrip("/")
    if ending == NO_V1:
        return "this provider adds the path itself, so '/v1' must be cut" if bare.endswith("/v1") else ""
    surplus = next((part for part in _PARTS if bare.endswith(part)), "")
    if surplus:
        return f"'{surplus}' must be cut: LiteLLM adds it"
    if "/v1/v1/" in f"{bare}/":
        return "'/v1' stands there twice"
    if "//" in path:
        return "'//' stands in its path"
    return "it must end in /v1" if ending == V1 and not bare.endswith("/v1") else ""


def _doubt(address: Address, namespace: str, domain: str) -> str:
    if {"http": 443, "https": 80}[address.scheme] == address.port:
        return f"port {address.port} is not that of {address.scheme}"
    if "." not in address.host and ":" not in address.host:
        return f"a name of one word is found only in the namespace '{namespace}' of HolmesGPT itself"
    rest = _after_svc(address.host.split("."))
    if rest and rest != domain:
        return f"it is in the domain '{rest}', and not in the cluster's, '{domain}'"
    return ""


def _remarks(address: Address) -> tuple[str, ...]:
    told = []
    if address.port is None:
        told.append(f"{address.host}: port {443 if address.scheme == 'https' else 80} is asked for")
    if address.scheme == "https" and _ip(address.host):
        told.append(f"{address.host}: the certificate must name this address")
    return tuple(told)
