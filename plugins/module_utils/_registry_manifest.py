# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry's answers say: manifests, platforms, error codes. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import hashlib
import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._http import Answer

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
_VERSION_HEADER = "docker-distribution-api-version"
_DIGEST_HEADER = "docker-content-digest"
_TAGS = 5


@dataclass(frozen=True)
class Image:
    """An image that is there. ``platforms`` as os/arch[/variant]; empty if the registry does not tell."""

    digest: str
    platforms: tuple[str, ...] = ()


def speaks_registry(answer: Answer) -> bool:
    """Whether the answer to /v2/ is a registry's. The header is usual, but a proxy in front may lose it."""
    if _VERSION_HEADER in answer.headers:
        return True
    if answer.status == 401:
        return answer.headers.get("www-authenticate", "").lower().startswith(("basic", "bearer"))
    return answer.status == 200 and (not answer.body.strip() or isinstance(answer.json(), dict))


def digest_of(answer: Answer, wanted: str) -> tuple[str, str]:
    """The digest that was asked for or announced, and that of the content. Equal, unless something is wrong."""
    expected = wanted or answer.headers.get(_DIGEST_HEADER, "")
    name = expected.partition(":")[0]
    algorithm = name if name in ("sha256", "sha384", "sha512") else "sha256"
    content = f"{algorithm}:{hashlib.new(algorithm, answer.body).hexdigest()}"
    return expected or content, content


def platforms_of(body: t.Any) -> tuple[str, ...]:
    """Platforms of an index, without those of attestations; empty for anything else."""
    entries = body.get("manifests") if isinstance(body, dict) else None
    found = [_platform(entry.get("platform")) for entry in entries or [] if isinstance(entry, dict)]
    return tuple(dict.fromkeys(name for name in found if name and not name.startswith("unknown")))


def config_digest(body: t.Any) -> str:
    """The configuration of a single manifest, by digest; empty for an index."""
    config = body.get("config") if isinstance(body, dict) else None
    return str(config.get("digest") or "") if isinstance(config, dict) else ""


def platform_of_config(body: t.Any) -> tuple[str, ...]:
    """The platform in an image's configuration."""
    name = _platform(body)
    return (name,) if name else ()


def error_code(answer: Answer) -> str:
    """The code of a registry's error, such as MANIFEST_UNKNOWN; empty if there is none."""
    body = answer.json()
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code") or "") if isinstance(first, dict) else ""


def near_tags(body: t.Any, tag: str) -> tuple[str, ...]:
    """Up to five tags of a list, those most like ``tag``."""
    tags = body.get("tags") if isinstance(body, dict) else None
    names = [str(name) for name in tags or []]
    return tuple(difflib.get_close_matches(tag, names, n=_TAGS, cutoff=0.0))


def _platform(given: t.Any) -> str:
    if not isinstance(given, dict) or not given.get("os") or not given.get("architecture"):
        return ""
    return "/".join(str(given[key]) for key in ("os", "architecture", "variant") if given.get(key))
