# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence as indented lines for people. Private to this collection. Imports nothing of Ansible."""

from __future__ import annotations

import json
import typing as t


def evidence_text(value: t.Any, indent: str = "") -> str:
    """Evidence as indented lines: quicker to make and to read than JSON."""
    if isinstance(value, dict):
        return "\n".join(_entry(f"{indent}{key}:", entry, indent) for key, entry in value.items())
    if isinstance(value, list):
        return "\n".join(_item(entry, indent) for entry in value)
    return indent + _scalar(value)


def _entry(lead: str, value: t.Any, indent: str) -> str:
    if isinstance(value, (dict, list)) and value:
        return f"{lead}\n{evidence_text(value, indent + '  ')}"
    return f"{lead} {_scalar(value)}"


def _item(value: t.Any, indent: str) -> str:
    if isinstance(value, (dict, list)) and value:
        return f"{indent}- {evidence_text(value, indent + '  ').lstrip()}"
    return f"{indent}- {_scalar(value)}"


def _scalar(value: t.Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
