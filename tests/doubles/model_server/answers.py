# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to a question, built from the text of tool results: it repeats the names found there, and their number.

Facts about that text (HolmesGPT 0.45.0, ``holmes/core/models.py``): a first line "Params used for the tool call: ...",
then ``tool_call_metadata={...}`` with the data glued to it. The data is JSON (count/header/rows, matches_found/preview,
matches_found/results), kubectl's table, or a sentence of failure; lines of a shell's complaints may come before it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

QUOTED = 300
METADATA = "tool_call_metadata="
INVENTED = ("frontend-7d9c5b6f4-x2x7q", "backend-5f6b8c7d9-9qk4z", "database-0")


@dataclass(frozen=True)
class Result:
    """What a tool said: names, their number (None: it gave no list), and what it complained of."""

    names: list[str] = field(default_factory=list)
    count: int | None = None
    problem: str = ""
    text: str = ""


def payload(text: str) -> str:
    """The tool's own output, without HolmesGPT's wrapping."""
    start = text.find(METADATA)
    if start < 0:
        return text.strip()
    rest = text[start + len(METADATA) :]
    try:
        _value, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return rest.strip()
    return rest[end:].strip()


def read(text: str) -> Result:
    """Names, number and complaints in a tool result."""
    data = payload(text)
    document = _document(data)
    if document is not None:
        return _from_document(document, data)
    lines = data.splitlines()
    for index, line in enumerate(lines):
        if "NAME" in line.split():
            names = _column(line, lines[index + 1 :])
            return Result(names, len(names), text=data)
    return Result(text=data)


def _document(data: str) -> dict[str, Any] | None:
    """The first JSON object with a list we know; kubectl's and the shell's words may stand before it."""
    for match in re.finditer(r"\{", data):
        try:
            value, _end = json.JSONDecoder().raw_decode(data[match.start() :])
        except ValueError:
            continue
        if isinstance(value, dict) and ({"rows", "results", "preview", "items"} & value.keys()):
            return value
    return None


def _from_document(document: dict[str, Any], data: str) -> Result:
    if isinstance(document.get("rows"), list):
        names = _column(str(document.get("header") or "NAME"), [str(row) for row in document["rows"]])
    else:
        found = document.get("results") or document.get("preview") or document.get("items") or []
        names = [name for item in found if (name := _name(item))]
    count = document.get("count", document.get("matches_found"))
    problem = str(document.get("stderr") or "").strip()
    return Result(names, count if isinstance(count, int) else len(names), problem, data)


def _name(item: Any) -> str:
    if isinstance(item, dict):
        metadata = item.get("metadata")
        return str((metadata.get("name") if isinstance(metadata, dict) else None) or item.get("name") or "")
    return str(item).strip().strip('"')


def _column(header: str, rows: list[str]) -> list[str]:
    """The NAME column of a kubectl table, up to the first empty line."""
    words = header.split()
    index = words.index("NAME") if "NAME" in words else 0
    names = []
    for row in rows:
        cells = row.split()
        if not cells:
            break
        if len(cells) > index:
            names.append(cells[index])
    return names


def title(name: str, arguments: dict[str, Any]) -> str:
    """What a call was about: ``Pods in namespace default``."""
    command = str(arguments.get("command") or "")
    shell = re.search(r"kubectl get (\S+)(?:.*?-n (\S+))?", command)
    kind = arguments.get("kind") or (shell.group(1) if shell else "")
    namespace = arguments.get("namespace") or (shell.group(2) if shell else "")
    if not kind:
        return f"Result of {command or name}"
    return str(kind).capitalize() + (f" in namespace {namespace}" if namespace else "")


def answer(calls: list[tuple[str, dict[str, Any], str]], invent: bool = False) -> str:
    """One line per call; ``calls`` are (tool name, arguments, result text)."""
    lines = []
    for name, arguments, text in calls:
        head = title(name, arguments)
        if invent:
            lines.append(f"{head} ({len(INVENTED)}): {', '.join(INVENTED)}")
            continue
        result = read(text)
        if result.count is None:
            lines.append(f"{head}: {_short(result.text) or 'no output'}")
        else:
            lines.append(f"{head} ({result.count}): {', '.join(result.names)}".rstrip())
        if result.problem:
            lines.append(f"The tool reported: {_short(result.problem)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= QUOTED else text[:QUOTED] + " ..."
