# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations as Helm takes them (Go's time.ParseDuration), in seconds.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import math
import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "\u00b5s": 1e-6, "ns": 1e-9}
_PART = r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|us|\u00b5s|ns|s)"


def seconds_of(text: str) -> float:
    """``2m``, ``1h30m``, or a plain number of seconds. Raises HolmesError for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if not re.fullmatch(f"(?:{_PART})+", text):
        raise HolmesError(f"'{text}' is no duration.", "Write it as Helm does, for example '2m' or '1h30m'.")
    return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(_PART, text))


def total(texts: t.Iterable[str]) -> int:
    """All of them added up, in whole seconds."""
    return math.ceil(sum(map(seconds_of, texts)))
