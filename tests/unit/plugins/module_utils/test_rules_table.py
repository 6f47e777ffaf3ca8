# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule trips on what it is for and on nothing else: the rows of fixtures/rule_table."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _rules
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import RULES

from tests.unit.fixtures import rule_table
from tests.unit.fixtures.rule_row import Row
from tests.unit.fixtures.values_world import judge

FILES = [module.name for module in pkgutil.iter_modules(rule_table.__path__)]
ROWS: list[Row] = [row for name in FILES for row in importlib.import_module(f"{rule_table.__name__}.{name}").ROWS]


def test_every_rule_has_a_row() -> None:
    assert {row.id for row in ROWS} == {*RULES, _rules.EXCEPTIONS.id}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.id}-{number}" for number, row in enumerate(ROWS)])
def test_row(row: Row) -> None:
    found = judge(row.id, row.trips)
    assert found.status == row.status, found
    assert row.text in found.message and found.fix, found
    clean = judge(row.id, row.clean)
    assert (clean.status, clean.fix) == ("pass", ""), clean
