# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for AWX objects as code, checked without any AWX: one sentence for each mistake. Needs nothing but PyYAML."""

from __future__ import annotations

from ._run import validate

__all__ = ["validate"]
