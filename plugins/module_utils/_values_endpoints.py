# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses that the server asks: model servers and servers of tools.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Values,
    env_entry,
    env_literal,
    strings,
)

_ADDRESSES = ("url", "api_base", "base_url")
# Variables that stand in for an entry's own address.
_VARIABLES = ("API_BASE", "OPENAI_BASE_URL", "OPENAI_API_BASE", "HOSTED_VLLM_API_BASE", "LITELLM_PROXY_API_BASE")


class Target(t.NamedTuple):
    """Where a URL goes. ``port`` is None if the URL names none."""

    scheme: str
    host: str
    port: int | None


class Endpoint(t.NamedTuple):
    """An address that the server asks, and where it stands."""

    label: str
    goal: Target


def target(url: str) -> Target | None:
    """None for what is no http or https URL with a host."""
    try:
        parts = urlsplit(url.strip())
        found = Target(parts.scheme, (parts.hostname or "").lower(), parts.port)
    except ValueError:
        return None
    return found if found.scheme in ("http", "https") and found.host else None


def endpoints(values: Values) -> list[Endpoint]:
    """Every address that is known here; one that comes from a Secret is not."""
    found = [(f"modelList.{alias}", _base(values, entry)) for alias, entry in models.entries(values).items()]
    found += [
        (".".join(("mcp_servers", *path)), text)
        for path, text in strings(values.get("mcp_servers"))
        if path[-1:] and path[-1] in _ADDRESSES
    ]
    resolved = [(label, models.resolved(values, text)) for label, text in found if isinstance(text, str)]
    goals = [(label, target(url)) for label, url in resolved if url]
    return [Endpoint(label, goal) for label, goal in goals if goal]


def _base(values: Values, entry: Values) -> t.Any:
    """The address of a model's server: its own, or that of a variable which stands in for it."""
    given = entry.get("api_base") or entry.get("base_url")
    return given or next((env_literal(values, name) for name in _VARIABLES if env_entry(values, name)), None)
