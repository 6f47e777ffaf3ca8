# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why an image was not pulled: the kubelet's words, sorted by what an operator has to do.

Private to this collection: it may change in any release. Imports nothing of Ansible.
Wording of containerd 1.6-2.1 and CRI-O; the kubelet passes it on in the container's state and in events.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

PULL_REASONS = ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable", "ImageInspectError")


@dataclass(frozen=True)
class PullTrouble:
    """``patience``: seconds this must last before it counts as final; 0 for what no waiting heals."""

    kind: str
    why: str
    fix: str
    patience: float


_CREDENTIALS = (
    "Correct holmes_registry_username and holmes_registry_password (Secret holmes_registry_secret_name), "
    "or name a valid pull secret in holmes_image_pull_secrets."
)
_KINDS: list[tuple[t.Pattern[str], PullTrouble]] = [
    (
        re.compile(r"(?i)\b401\b|unauthorized|authentication required|no basic auth credentials|authorization failed"),
        PullTrouble("unauthorized", "the registry refuses the log-in", _CREDENTIALS, 0),
    ),
    (
        re.compile(r"(?i)\b403\b|forbidden|pull access denied|insufficient_scope"),
        PullTrouble("forbidden", "the registry does not let this account pull the image", _CREDENTIALS, 0),
    ),
    (
        re.compile(r"(?i)server gave HTTP response to HTTPS client"),
        PullTrouble(
            "plain_http",
            "the registry speaks plain HTTP where the node expects HTTPS",
            "Give the registry a certificate, or declare it plain HTTP on every node (certs.d/HOST/hosts.toml).",
            0,
        ),
    ),
    (
        re.compile(r"(?i)x509|certificate signed by unknown authority|tls: failed to verify|tls: handshake failure"),
        PullTrouble(
            "certificate",
            "the node does not trust the registry's certificate",
            # Seen with containerd 1.6: after a 404 it asks again without the CA that stands below [host."..."].
            "Install the site's CA on every node (containerd: certs.d/HOST/hosts.toml with ca=). If the node pulls "
            "other images from there, this one does not exist: check holmes_image.",
            0,
        ),
    ),
    (
        re.compile(r"(?i)no match for platform|no matching manifest"),
        PullTrouble(
            "platform",
            "the image does not exist for the node's processor",
            "Mirror the image with all its platforms (skopeo copy --all).",
            0,
        ),
    ),
    (
        re.compile(r"(?i)no such host|name resolution|server misbehaving|name or service not known"),
        PullTrouble(
            "dns",
            "the node cannot resolve the registry's name",
            "Correct holmes_image_registry, or give the name to the nodes' DNS. A name outside the site means that "
            "holmes_image_registry is not set to the mirror.",
            5,
        ),
    ),
    (
        re.compile(r"(?i)manifest unknown|name unknown|: not found|\b404\b|does not exist"),
        PullTrouble(
            "not_found",
            "the registry has no such image",
            "Push the image to the mirror, or correct holmes_image_registry and holmes_image.",
            0,
        ),
    ),
    (
        re.compile(
            r"(?i)connection refused|i/o timeout|deadline exceeded|unreachable|no route to host|reset by peer|EOF$"
            r"|handshake timeout|timeout awaiting|Client\.Timeout"
        ),
        PullTrouble(
            "unreachable",
            "the node cannot reach the registry",
            "Check address and port in holmes_image_registry, and that the nodes may connect to it.",
            20,
        ),
    ),
    (
        re.compile(r"(?i)no space left|disk quota"),
        PullTrouble("disk", "the node's disk is full", "Free space on the node.", 20),
    ),
]
_UNKNOWN = PullTrouble("unknown", "the pull failed", "Look at 'kubectl describe pod' and at the registry's log.", 25)


def pull_trouble(message: str) -> PullTrouble:
    """What the kubelet's message means; kind ``unknown`` if it says nothing that is known."""
    for pattern, trouble in _KINDS:
        if pattern.search(message):
            return trouble
    return _UNKNOWN


def registry_of(image: str) -> str:
    """The registry part of an image reference; ``docker.io`` if it names none."""
    first, slash, _rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first
    return "docker.io"


def shorten(message: str) -> str:
    """The last, telling part of a chain of Go errors, without repeated image references."""
    text = " ".join(message.split())
    text = re.sub(r'^(?:Back-off pulling image "[^"]*": )?(?:ErrImagePull: )?', "", text)
    text = re.sub(r'^(?:rpc error: code = \w+ desc = )?failed to pull and unpack image "[^"]*": ', "", text)
    text = re.sub(r'^failed to resolve (?:reference|image) "[^"]*": ', "", text)
    return text[:300].rstrip(". ")
