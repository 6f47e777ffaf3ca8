# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection takes: variables of the role, and those that its playbooks read themselves."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import yaml

from ._world import Variable

SPECS = "roles/holmes/meta/argument_specs.yml"
# In a playbook everything that begins so is a variable, but for the collection's own modules.
_READ = re.compile(r"\{\{ *(holmes_[a-z_]+)")


def variables(root: Path) -> dict[str, Variable]:
    """Variables by their names. Raises OSError, or YAMLError for specs that are none."""
    specs = yaml.safe_load((root / SPECS).read_text(encoding="utf-8"))
    options: dict[str, dict[str, t.Any]] = specs["argument_specs"]["main"]["options"]
    found = {name: _variable(name, option) for name, option in options.items()}
    for path in sorted((root / "playbooks").glob("*.yml")):
        for name in _READ.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, Variable(name))
    return found


def _variable(name: str, option: dict[str, t.Any]) -> Variable:
    return Variable(name, str(option.get("type", "str")), tuple(option.get("choices", ())))
