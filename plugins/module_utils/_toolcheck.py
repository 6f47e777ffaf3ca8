# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Did a tool call really work? HolmesGPT's ``status: success`` does not say so.

Private to this collection: it may change in any release. Imports nothing of Ansible. Pure functions.
Seen as "success": a refused kubectl with ``count: 0`` and ``stderr: Forbidden``, and a kubectl that died of its memory
limit (facts: real-run, "A tool call that says success proves nothing").
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._holmes_api import ToolCall

_RIGHTS = (
    "Give the pod's ServiceAccount read rights: holmes_rbac_create: true, or bind your own account "
    "(holmes_service_account) to a ClusterRole such as 'view'."
)
# Pattern in a tool's output or error, what to do.
_FIXES: list[tuple[t.Pattern[str], str]] = [
    (re.compile(r"[Ff]orbidden|cannot list resource|cannot get resource"), _RIGHTS),
    (
        re.compile(r"out of memory|cannot allocate"),
        "Set TOOL_MEMORY_LIMIT_MB to '1500' in holmes_env, and give the pod the memory for it in holmes_resources.",
    ),
    (
        re.compile(r"metacharacter"),
        "A proxy adds request headers: set HOLMES_PASSTHROUGH_BLOCKED_HEADERS in holmes_env to "
        "authorization,cookie,set-cookie and that header's name.",
    ),
    (
        re.compile(r"not found|No such file"),
        "The image lacks a program that the toolset calls: use the complete image.",
    ),
    (
        re.compile(r"connect to the server|refused|i/o timeout"),
        "The pod cannot reach the API server: check NetworkPolicies.",
    ),
    (
        re.compile(r"have a resource type|validation error|missing \d+ required"),
        "The model gives its tools wrong arguments: check the model server's --tool-call-parser and --chat-template.",
    ),
]
# kubectl's and Go's own words for failure. Not plain "error": it is a pod's status, too.
_HARD = re.compile(
    r"^.*(?:Error from server|is forbidden: User |fatal error: |runtime: out of memory|"
    r"Unable to connect to the server|error: You must be logged in|The connection to the server .* was refused).*$",
    re.MULTILINE,
)
# What Go's runtime says when it may not have the memory it asks for (mpagealloc_64bit.go, malloc.go, mem_linux.go).
_NO_MEMORY = re.compile(
    r"failed to (?:reserve|allocate|commit) |cannot (?:allocate|map pages|reserve)|failed to create new OS thread"
)
# Dashes U+2010 to U+2015 and the minus sign; soft hyphen and zero-width space.
_TYPESET: dict[int, str | None] = {**dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-"), 0x00AD: None, 0x200B: None}
_SOFT = re.compile(r"^.*: (?:command )?not found$", re.MULTILINE)


def hidden_error(data: str) -> str:
    """The failure inside the output of a call that claims success; empty if there is none."""
    table = table_of(data)
    told, complaint = str(table.get("error") or "").strip(), _complaint(table)
    match = _HARD.search(told) or _HARD.search(complaint)
    if not match and (told or not _answered(table) and complaint):
        return _line(told or complaint)
    match = match or _HARD.search(data)
    return _plain(match.group(0)) if match else ""


def blemish(data: str) -> str:
    """A complaint that did not keep the tool from answering (a program missing in the image); empty if none."""
    match = _SOFT.search(data)
    return _line(match.group(0)) if match else _line(_complaint(table_of(data)))


def _complaint(table: t.Mapping[str, t.Any]) -> str:
    """What the program wrote to stderr, without the API server's remarks (kubectl: ``Warning: ... is deprecated``)."""
    lines = str(table.get("stderr") or "").splitlines()
    return "\n".join(line for line in lines if not line.startswith("Warning: ")).strip()


def _answered(table: t.Mapping[str, t.Any]) -> bool:
    """Whether something was found, so that a text on stderr does not make it a failure by itself."""
    return any(table.get(key) for key in ("rows", "stdout"))


def table_of(data: str) -> dict[str, t.Any]:
    """The JSON object in a tool's output, which may stand behind lines of text; empty if there is none."""
    start = data.find("{")
    while start >= 0:
        try:
            found, _end = json.JSONDecoder().raw_decode(data[start:])
        except ValueError:
            start = data.find("{", start + 1)
            continue
        return found if isinstance(found, dict) else {}
    return {}


def fix_for(trouble: str) -> str:
    """What to do about a tool's error."""
    for pattern, fix in _FIXES:
        if pattern.search(trouble):
            return fix
    return "Read the pod's log."


def failure_of(call: ToolCall) -> str:
    """Why this call did not work; empty if it did."""
    if not call.succeeded:
        # 0.16 says only that the command failed; what it complained about is in the data.
        return hidden_error(call.data) or _line(call.error or call.data or f"status {call.status or 'missing'}")
    return hidden_error(call.data)


def holds(text: str, names: t.Iterable[str]) -> list[str]:
    """Which of ``names`` stand in ``text`` as whole words."""
    return [name for name in names if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)]


def typed(text: str) -> str:
    """A model's text as a keyboard gives it: hyphens and dashes of typesetting as "-", without invisible ones."""
    return text.translate(_TYPESET)


def _plain(complaint: str) -> str:
    """One line of a program, with a word for what only Go's developers understand."""
    hint = " (out of memory)" if _NO_MEMORY.search(complaint) and "out of memory" not in complaint else ""
    return f"{_line(complaint)}{hint}"


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
