# SPDX-License-Identifier: GPL-3.0-or-later
"""Values files in the shape of published ones: each gets right values, or the right sentence."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import env_literal, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secrets import literals

from tests.unit.fixtures import published
from tests.unit.fixtures.published import FOLDER, Published
from tests.unit.fixtures.values_world import build, only

MODULES = [module.name for module in pkgutil.iter_modules(published.__path__)]
ROWS: list[Published] = [
    row for name in MODULES for row in importlib.import_module(f"{published.__name__}.{name}").ROWS
]
FILES = sorted(FOLDER.glob("[0-9][0-9]-*"))
JUDGED = [row for row in ROWS if not row.refused]


def outcome(row: Published, folder: Path) -> _values.Outcome:
    path = row.path
    if row.inside:
        path = folder / "values.yaml"
        content = get(yaml.safe_load(row.path.read_text(encoding="utf-8")), row.inside)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    options: dict[str, t.Any] = {"models": {}, "llm": {}, **row.intent}
    return build(row.chart, values_files=[str(path)], **options)


@pytest.mark.parametrize("row", JUDGED, ids=[row.id for row in JUDGED])
def test_published(row: Published, tmp_path: Path) -> None:
    found = outcome(row, tmp_path)
    assert only(found) == row.says
    sentences = {check.id: check.message for check in found.checks}
    for check, pieces in row.told.items():
        assert [piece for piece in pieces if piece not in sentences[check]] == [], sentences[check]
    for path, value in row.holds.items():
        held = env_literal(found.values, path[1]) if path[0] == "env" else get(found.values, path)
        assert held == value, path
    # Whatever stands in clear in a file is named by its place and never repeated.
    shown = json.dumps([found.result, *(check.as_dict() for check in found.checks)])
    assert [secret.label for secret in literals(found.values) if secret.text in shown] == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.refused], ids=lambda row: row.id)
def test_refused(row: Published, tmp_path: Path) -> None:
    with pytest.raises(HolmesError) as error:
        outcome(row, tmp_path)
    sentence = f"{error.value.msg} {error.value.fix}"
    assert [piece for piece in row.refused if piece not in sentence] == [], sentence


def test_every_file_has_a_row_and_tells_its_source() -> None:
    assert len(FILES) >= 15
    assert {row.path for row in ROWS} == set(FILES)
    assert len({row.id for row in ROWS}) == len(ROWS)
    for file in FILES:
        assert file.read_text(encoding="utf-8").startswith("# Shape of: "), file.name


def test_the_list_names_every_file() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [file.name for file in FILES]
