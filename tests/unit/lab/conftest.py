# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the package `lab` (tests/lab) importable. These tests need neither root nor a network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab.cache import Cache  # noqa: E402
from lab.state import Lab  # noqa: E402


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    made = Cache(tmp_path / "cache")
    made.prepare()
    return made


@pytest.fixture
def a_lab() -> Lab:
    return Lab("dev", 7, 2, "private", ready=True)
