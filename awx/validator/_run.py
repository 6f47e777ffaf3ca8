# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules over one folder."""

from __future__ import annotations

from pathlib import Path

from . import (
    _rules_answers,
    _rules_credential_types,
    _rules_credentials,
    _rules_shape,
    _rules_survey,
    _rules_templates,
    _rules_variables,
    _rules_workflows,
)
from ._collection import variables
from ._load import Loaded
from ._world import Finding, Rule, World

RULES: tuple[Rule, ...] = (
    *_rules_survey.RULES,
    *_rules_answers.RULES,
    *_rules_variables.RULES,
    *_rules_credential_types.RULES,
    *_rules_credentials.RULES,
    *_rules_templates.RULES,
    *_rules_workflows.RULES,
)


def world_of(loaded: Loaded, root: Path) -> World:
    """The objects that were read, beside the collection that they use."""
    return World(tuple(loaded.entries), variables(root), root)


def judge(world: World) -> list[Finding]:
    """Every mistake. The other rules rely on fields of the right types, so they come only after those."""
    shape = [finding for rule in _rules_shape.RULES for finding in rule(world)]
    if any(True for _finding in _rules_shape.fields(world)):
        return shape
    return shape + [finding for rule in RULES for finding in rule(world)]


def validate(folder: Path, root: Path) -> list[Finding]:
    """Every mistake in the folder. Raises OSError and YAMLError if the collection itself cannot be read."""
    loaded = Loaded(folder)
    return loaded.findings or judge(world_of(loaded, root))
