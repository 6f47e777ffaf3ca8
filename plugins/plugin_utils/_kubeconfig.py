# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs: which contexts one has, one for a URL and a token, one that can be taken to another machine.

Private to this collection. Imports nothing of Ansible. Pure: files are read by whoever calls.
"""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

Config = dict[str, t.Any]
# The content of a file that the kubeconfig names.
Read = t.Callable[[str], bytes]

# What names a file has a sibling for the content.
_FILES = ("certificate-authority", "client-certificate", "client-key")
_NEEDS = "It needs the lists clusters, contexts and users, as 'kubectl config view' shows them."


def contexts(config: t.Any, title: str) -> dict[str, Config]:
    """The contexts by their names; HolmesError if this is no kubeconfig. ``title`` is how the sentence calls it."""
    if not isinstance(config, t.Mapping) or config.get("kind", "Config") != "Config":
        raise HolmesError(f"{title} is no kubeconfig.", _NEEDS)
    found = _entries(config, "contexts", "context", title)
    if not found or not _entries(config, "clusters", "cluster", title):
        raise HolmesError(f"{title} is no kubeconfig, or an empty one.", _NEEDS)
    return found


def chosen(config: t.Any, context: str, title: str) -> str:
    """The name of the context that counts: the wanted one, or else the current one."""
    found = contexts(config, title)
    listed = ", ".join(f"'{name}'" for name in found)
    name = context or str(config.get("current-context") or "")
    if not name:
        raise HolmesError(f"{title} has no current-context.", f"Choose one of {listed} with holmes_kube_context.")
    if name not in found:
        raise HolmesError(f"{title} has no context '{name}', only {listed}.", "Correct holmes_kube_context.")
    return name


def server(config: t.Any, context: str, title: str) -> str:
    """The URL of the API server of a context."""
    _name, cluster = _referred(config, "cluster", contexts(config, title)[context], title)
    return str(cluster.get("server") or "")


def portable(config: t.Any, context: str, title: str, read: Read) -> Config:
    """Of a kubeconfig what one context needs and no other log-in, with the files that it names inside."""
    name = chosen(config, context, title)
    wanted = contexts(config, title)[name]
    cluster_name, cluster = _referred(config, "cluster", wanted, title)
    user_name, user = _referred(config, "user", wanted, title)
    return _config(
        name,
        wanted,
        {"name": cluster_name, "cluster": _inside(cluster, read)},
        {"name": user_name, "user": _inside(user, read)},
    )


def for_token(url: str, token: t.Any, authority: Config, verified: bool) -> Config:
    """A kubeconfig for an API server's URL and a bearer token. ``authority`` is its part that names or holds one."""
    if not isinstance(token, str):
        raise HolmesError("holmes_kube_api_key must be text.", "Give the token itself.")
    cluster = {"server": url, **authority, **({} if verified else {"insecure-skip-tls-verify": True})}
    name = "holmes"
    return _config(
        name,
        {"cluster": name, "user": name},
        {"name": name, "cluster": cluster},
        {"name": name, "user": {"token": token.strip()}},
    )


def inlined(key: str, content: bytes) -> Config:
    """``certificate-authority`` and its content become ``certificate-authority-data``."""
    return {f"{key}-data": base64.b64encode(content).decode("ascii")}


def _config(name: str, context: Config, cluster: Config, user: Config) -> Config:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": context}],
        "clusters": [cluster],
        "users": [user],
    }


def _entries(config: t.Mapping[str, t.Any], kind: str, inner: str, title: str) -> dict[str, Config]:
    listed = config.get(kind) or []
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "name" in one for one in listed):
        raise HolmesError(f"{title} is no kubeconfig: '{kind}' must be a list of entries with names.", _NEEDS)
    return {str(one["name"]): one[inner] if isinstance(one.get(inner), dict) else {} for one in listed}


def _referred(config: t.Any, kind: str, context: Config, title: str) -> tuple[str, Config]:
    """The cluster or user that a context names."""
    name = str(context.get(kind) or "")
    found = _entries(config, f"{kind}s", kind, title)
    if name not in found:
        raise HolmesError(f"{title} names the {kind} '{name}' in a context, but has none of this name.", "Correct it.")
    return name, found[name]


def _inside(entry: Config, read: Read) -> Config:
    """A cluster or a user with the content of its files instead of their paths."""
    result = {key: value for key, value in entry.items() if key not in (*_FILES, "tokenFile")}
    for key in _FILES:
        # Content wins over a path, as for kubectl.
        if entry.get(key) and not entry.get(f"{key}-data"):
            result.update(inlined(key, read(str(entry[key]))))
    if entry.get("tokenFile"):
        result["token"] = read(str(entry["tokenFile"])).decode("utf-8", "replace").strip()
    return result
