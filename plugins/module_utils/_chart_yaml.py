# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The YAML files of a chart.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_files import Files
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

Values = dict[str, t.Any]

# Helm's reader refuses a few aliases that stand for millions of values; the largest charts have 20,000 values.
_MOST = 1_000_000
_ALIAS = re.compile(r"(?m)(?:^|[\s,\[{])\*\w")


def mapping(files: Files, name: str, path: str) -> Values:
    """The mapping in a file, {} without the file. Of several documents Helm 3 takes the first, Helm 4 all."""
    result: Values = {}
    title = f"{name} of '{path}'"
    content = text(files.get(name, b""))
    if _ALIAS.search(content) and _size(content) > _MOST:
        raise HolmesError(f"{title}: its aliases stand for too many values.", "Is it a chart?")
    for document in _yaml_text.load_all(content, title):
        if isinstance(document.data, dict):
            result = overlaid(result, document.data)
        elif document.data is not None:
            raise HolmesError(f"{title} is no mapping of keys, so it is not a Helm chart.", "Fetch the chart again.")
    return result


def overlaid(base: Values, over: Values) -> Values:
    """Maps merged as Helm does; neither is changed."""
    result = dict(base)
    for key, value in over.items():
        current = result.get(key)
        result[key] = overlaid(current, value) if isinstance(current, dict) and isinstance(value, dict) else value
    return result


def text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _size(content: str) -> int:
    """How many values there are with every alias written out; 0 for what cannot be read at all."""
    import yaml  # there by now: _yaml_text has seen to it

    sizes: dict[int, int] = {}

    def size(node: t.Any) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # until it is known; an alias may contain itself
            inner = [] if isinstance(node, yaml.ScalarNode) else node.value
            parts = [part for item in inner for part in (item if isinstance(item, tuple) else (item,))]
            sizes[id(node)] = 1 + sum(map(size, parts))
        return sizes[id(node)]

    try:
        nodes = list(yaml.compose_all(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
        return sum(map(size, nodes))
    except (yaml.YAMLError, RecursionError):
        return 0
