# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook hands on every field that the validator knows, of every kind, in an order that works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from awx.validator._kinds import KINDS

AWX = Path(__file__).resolve().parents[3] / "awx"
PLAY = yaml.safe_load((AWX / "apply.yml").read_text())[0]
ORDER = PLAY["tasks"][0]["loop"]


def test_every_kind_is_made() -> None:
    assert set(KINDS) == set(ORDER) - {"workflow_links"}
    assert {f"tasks/{kind}.yml" for kind in [*ORDER, "kind"]} == {
        f"tasks/{path.name}" for path in (AWX / "tasks").iterdir()
    }
    assert set(PLAY["vars_files"]) == {
        "settings.yml",
        *(f"objects/{path.name}" for path in (AWX / "objects").iterdir()),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_handed_on(kind: str) -> None:
    text = (AWX / "tasks" / f"{kind}.yml").read_text()
    text += (AWX / "tasks" / "workflow_links.yml").read_text() if kind == "workflow_nodes" else ""
    assert set(re.findall(r"\{\{ (?:item|credential)\.(\w+)", text)) - {"workflow"} == set(KINDS[kind].fields) - {
        "workflow"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_referred_to_comes_first(kind: str) -> None:
    for needed in KINDS[kind].references.values():
        assert ORDER.index(needed) < ORDER.index(kind)
