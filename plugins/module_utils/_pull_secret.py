# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-ins in a pull Secret, read and matched as the kubelet does. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Source: Kubernetes, pkg/credentialprovider (keyring, config). The kubelet reads ``auth``, else ``username`` and
``password``; it knows neither ``identitytoken`` nor credential helpers. It tries all entries that match, the longer
first.
"""

from __future__ import annotations

import base64
import binascii
import json
import typing as t
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import DOCKER_HUB, Reference

JSON_TYPE, JSON_KEY = "kubernetes.io/dockerconfigjson", ".dockerconfigjson"
LEGACY_TYPE, LEGACY_KEY = "kubernetes.io/dockercfg", ".dockercfg"
_HUB_KEY = "index.docker.io"
_MAKE_ANEW = "Make it anew: 'kubectl create secret docker-registry NAME --docker-server=HOST:PORT ...'."


@dataclass(frozen=True)
class Credential:
    """A log-in. It never shows in a text."""

    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """One entry of ``auths``: its key, without scheme, and the Secret it stands in."""

    secret: str
    key: str
    credential: Credential

    @property
    def usable(self) -> bool:
        """Whether the kubelet finds a log-in in it."""
        return bool(self.credential.username or self.credential.password)


def of_object(name: str, secret: t.Mapping[str, t.Any]) -> tuple[Entry, ...]:
    """Entries of a Secret as the API server gives it; raises HolmesError, without quoting its content."""
    kind, data = str(secret.get("type") or "Opaque"), secret.get("data") or {}
    key = {JSON_TYPE: JSON_KEY, LEGACY_TYPE: LEGACY_KEY}.get(kind)
    if not key:
        raise HolmesError(
            f"Secret {name} is of type {kind}, which is no pull secret: nodes pass over it.",
            f"Make it anew with the type {JSON_TYPE}, or name another one in holmes_image_pull_secrets.",
        )
    if not data.get(key):
        raise HolmesError(f"Secret {name} has no key {key}.", _MAKE_ANEW)
    return of_text(name, _decoded(name, key, str(data[key])), legacy=key == LEGACY_KEY)


def of_text(name: str, text: str, *, legacy: bool = False) -> tuple[Entry, ...]:
    """Entries of a Docker configuration; ``legacy`` is the form without ``auths``. Raises HolmesError."""
    try:
        config = json.loads(text)
    except ValueError:  # its text is the Secret's, so not even as the cause
        config = None
    auths = config if legacy or not isinstance(config, dict) else config.get("auths") or {}
    if not isinstance(auths, dict) or not all(isinstance(entry, dict) for entry in auths.values()):
        raise HolmesError(f"Secret {name} holds no Docker configuration in JSON, so the pull fails.", _MAKE_ANEW)
    return tuple(Entry(name, _bare(key), _credential(name, key, entry)) for key, entry in auths.items())


def matching(entries: t.Iterable[Entry], image: str, reference: Reference) -> tuple[Entry, ...]:
    """What the kubelet would try for an image, in its order. ``reference`` is the image, taken apart."""
    usable = [entry for entry in entries if entry.usable]
    host = DOCKER_HUB if reference.host == DOCKER_HUB else image.partition("/")[0]
    target = f"{host}/{repository(reference)}"
    found = [entry for entry in usable if _matches(entry.key, target)]
    if not found and reference.host == DOCKER_HUB:
        found = [entry for entry in usable if entry.key == _HUB_KEY]
    return tuple(sorted(found, key=lambda entry: entry.key, reverse=True))


def repository(reference: Reference) -> str:
    """The path at the registry; Docker Hub's own images are below ``library``."""
    if reference.host == DOCKER_HUB and "/" not in reference.path:
        return f"library/{reference.path}"
    return reference.path


def _decoded(name: str, key: str, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        raise HolmesError(f"Key {key} of Secret {name} is no text.", _MAKE_ANEW) from None


def _credential(name: str, key: str, entry: t.Mapping[str, t.Any]) -> Credential:
    if not entry.get("auth"):
        return Credential(str(entry.get("username") or ""), str(entry.get("password") or ""))
    auth = "".join(str(entry["auth"]).split())
    try:
        decoded = base64.b64decode(auth.rstrip("=") + "=" * (-len(auth.rstrip("=")) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        decoded = ""
    username, colon, password = decoded.partition(":")
    if not colon:
        raise HolmesError(
            f"'auth' of {_bare(key)} in Secret {name} is not the base64 of USER:PASSWORD, so the pull fails.",
            _MAKE_ANEW,
        )
    return Credential(username, password)


def _bare(key: str) -> str:
    """A key without scheme, and without the path of the registry's API."""
    for scheme in ("https://", "http://"):
        if key.startswith(scheme):
            key = key[len(scheme) :]
            break
    host, slash, path = key.partition("/")
    below = slash + path
    if below.startswith(("/v1/", "/v2/")):
        below = below[3:]
    return host.rpartition("@")[2] + ("" if below == "/" else below)


def _matches(key: str, target: str) -> bool:
    """Labels and port are compared one by one, a ``*`` is good for one label; the path is a beginning."""
    (host, path), (wanted, below) = _split(key), _split(target)
    (name, port), (wanted_name, wanted_port) = _port(host), _port(wanted)
    labels, wanted_labels = name.split("."), wanted_name.split(".")
    return (
        port == wanted_port
        and len(labels) == len(wanted_labels)
        and below.startswith(path)
        and all(fnmatchcase(one, pattern) for one, pattern in zip(wanted_labels, labels))
    )


def _split(text: str) -> tuple[str, str]:
    host, slash, path = text.partition("/")
    return host, slash + path


def _port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    return (name.strip("[]"), port) if colon and not host.endswith("]") else (host.strip("[]"), "")
