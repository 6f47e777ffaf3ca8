# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of a report: written whole or not at all, for their owner only. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from urllib.parse import quote

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _whole_file
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import CHECK_KEYS, KEYS, SCHEMA
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import VERDICTS

HOSTS = "hosts"
_LONGEST = 200


def file_name(host: str, number: int = 1) -> str:
    """A file name for a host, whatever it is called; ``number`` tells several fragments of one host apart."""
    name = quote(host, safe="").replace("~", "%7E")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}~{hashlib.sha256(host.encode('utf-8')).hexdigest()[:12]}"
    return f"{name}.json" if number == 1 else f"{name}~{number}.json"


def dumped(data: t.Any) -> str:
    """JSON that is the same for the same data."""
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def write_whole(path: str, text: str) -> None:
    """Write a file (0600) in a folder that is made if needed (0700). Raises OSError, and leaves what was there."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    _whole_file.put(path, text.encode("utf-8"))


def write_fragment(folder: str, fragment: dict[str, t.Any], number: int = 1) -> str:
    """Write a host's fragment below the report folder; returns the path."""
    # Only the last part of a path gets the mode.
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, HOSTS, file_name(fragment["host"], number))
    write_whole(path, dumped(fragment))
    return path


def read_fragments(folder: str) -> list[dict[str, t.Any]]:
    """All fragments below the report folder. Raises ValueError naming a file that is none, OSError as reading does."""
    below = os.path.join(folder, HOSTS)
    return [_read(os.path.join(below, name)) for name in sorted(os.listdir(below)) if _is_ours(name)]


def _is_ours(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _read(path: str) -> dict[str, t.Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except ValueError as error:
        raise ValueError(f"'{path}' is no JSON") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(f"'{path}' is no fragment of a report with schema {SCHEMA}")
    missing = [name for name, kind in KEYS.items() if not isinstance(found.get(name), kind)]
    missing += [
        f"checks.{name}" for name in CHECK_KEYS if not all(_has(one, name) for one in found.get("checks") or ())
    ]
    if missing or found["verdict"] not in VERDICTS:
        raise ValueError(f"'{path}' is no fragment of a host: look at {', '.join(missing or ['verdict'])}")
    return found


def _has(check: t.Any, name: str) -> bool:
    return isinstance(check, dict) and name in check
