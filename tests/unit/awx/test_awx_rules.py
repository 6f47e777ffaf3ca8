# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of awx/ are right, and each rule of the validator notices what it is there for."""

from __future__ import annotations

import pytest

from awx.validator import _rules_shape
from awx.validator._run import RULES, judge
from awx.validator._world import Rule
from tests.unit.fixtures.awx_rows import CLUSTER, ENV, ROWS, SLICED
from tests.unit.fixtures.awx_world import WORLD, Row, altered

ALL = (*_rules_shape.RULES, *RULES)


def test_the_objects_are_right() -> None:
    assert len(WORLD.entries) > 20
    assert judge(WORLD) == []


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_mistake_is_one_sentence(row: Row) -> None:
    row.check()


@pytest.mark.parametrize("rule", ALL, ids=[f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}" for rule in ALL])
def test_every_rule_has_a_row(rule: Rule) -> None:
    assert any(any(True for _finding in rule(row.world)) for row in ROWS)


def test_slices_without_a_limit_are_right() -> None:
    assert judge(SLICED) == []


def test_a_vault_in_place_of_one_cluster_is_right() -> None:
    """docs/awx.md says so for many clusters."""
    assert judge(altered("credentials", CLUSTER, credential_type="Vault", inputs={"vault_password": ENV})) == []
