# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References to images, as the container runtime takes them apart. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The one judgement for rendered images and for those of a running cluster: an image is from the site if its registry's
host is that of ``holmes_image_registry``. The path below may differ, as add-ons have paths of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"
_HUB_NAMES = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
# Registries on the internet, by host or by the end of it.
_PUBLIC = (
    *("docker.io", "gcr.io", "ghcr.io", "lscr.io", "mcr.microsoft.com", "nvcr.io", "pkg.dev"),
    *("public.ecr.aws", "quay.io", "registry.gitlab.com", "registry.k8s.io"),
)
_PART = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*\Z")
_TAG = re.compile(r"\w[\w.\-]{0,127}\Z", re.ASCII)
_DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?\Z")
_LONGEST = 255


@dataclass(frozen=True)
class Reference:
    """``host`` is the registry's, with its port; Docker Hub's if none is named. ``tag`` and ``digest`` may be empty."""

    host: str
    path: str
    tag: str
    digest: str


def host_of(reference: str) -> str:
    """The registry's host of an image or of a registry with a path, in lower case."""
    first, slash, _rest = reference.partition("/")
    if slash and (set(".:") & set(first) or first == "localhost" or first != first.lower()):
        return DOCKER_HUB if first.lower() in _HUB_NAMES else first.lower()
    return DOCKER_HUB


def parse(image: str) -> Reference | None:
    """The parts of a reference, or None if it is no legal one."""
    rest, at, digest = image.partition("@")
    if at and not _DIGEST.match(digest):
        return None
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, colon, tag = rest, "", ""
    if colon and not _TAG.match(tag):
        return None
    first, _slash, below = name.partition("/")
    explicit = below and (host_of(name) != DOCKER_HUB or first.lower() in _HUB_NAMES)
    path = below if explicit else name
    if explicit and not _HOST.match(first):
        return None
    if len(name) > _LONGEST or not all(_PART.match(part) for part in path.split("/")):
        return None
    return Reference(host_of(name), path, tag, digest)


def from_registry(image: str, registry: str) -> bool:
    """Whether an image comes from the host of a registry, such as ``registry.site:5000/holmesgpt``."""
    return host_of(image) == host_of(f"{registry.rstrip('/')}/")


def is_public(host: str) -> bool:
    """Whether a registry's host is a well-known one on the internet."""
    return any(host == public or host.endswith(f".{public}") for public in _PUBLIC)
