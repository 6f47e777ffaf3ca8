# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of the values that the pods will ask, each host and port once.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_models as models
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values_url as urls
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import endpoints
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values


class Asked(t.NamedTuple):
    """``label`` names the entries of the values in a message; ``url`` is None if it is in a Secret.

    A URL may hold a password: show only ``_values_url.shown`` of it.
    """

    label: str
    url: str | None


def of_models(values: Values) -> list[Asked]:
    """The bases of all models (``https://HOST:PORT/v1``)."""
    found = []
    for model in models.models(values):
        given = models.base(values, model)[1]
        if isinstance(given, str):
            found.append(Asked(model.alias, models.resolved(values, given)))
    return _distinct(found)


def of_tools(values: Values) -> list[Asked]:
    """The servers of tools (MCP), without paths: asking these would start something."""
    found = [
        Asked(one.label.rpartition(".")[0] or one.label, _root(one.goal.scheme, one.goal.host, one.goal.port))
        for one in endpoints(values)
        if one.label.startswith("mcp_servers.")
    ]
    return _distinct(found)


def _root(scheme: str, host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + (f":{port}" if port else "")


def _distinct(found: t.Iterable[Asked]) -> list[Asked]:
    """One for each scheme, host and port; its label has all that share it."""
    groups: dict[t.Any, list[Asked]] = {}
    for one in found:
        parsed = urls.parse(one.url) if one.url is not None else ""
        groups.setdefault(one.url if isinstance(parsed, str) else parsed[:3], []).append(one)
    return [Asked(", ".join(dict.fromkeys(one.label for one in group)), group[0].url) for group in groups.values()]
