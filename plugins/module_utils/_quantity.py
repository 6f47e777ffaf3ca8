# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantities of Kubernetes, such as ``100m`` or ``2Gi``. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import re
import typing as t
from fractions import Fraction

MIB = 2**20
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?\d{1,3}))\Z")
_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse(value: t.Any) -> Fraction | None:
    """The number in cores or bytes, or None for what Kubernetes refuses. A number is as good as its text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _FORM.match(str(value))
    if not found:
        return None
    number, suffix, exponent = found.groups()
    if exponent is not None:
        return Fraction(f"{number}e{int(exponent)}")
    if suffix in _BINARY:
        return Fraction(number) * (1 << _BINARY[suffix])
    return Fraction(f"{number}e{_SUFFIXES[suffix]}")


def mebibytes(number: Fraction) -> int:
    """Whole mebibytes, rounded down, for sentences and comparisons."""
    return int(number // MIB)
