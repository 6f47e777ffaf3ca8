# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that was written in clear by mistake is in no answer, whatever it looks like and wherever it stands."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import typing as t
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _values, _values_file
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, NOT_READY, HolmesError, verdict
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Request
from ansible_collections.holmesgpt.onprem.plugins.modules import holmes_values
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property import planted, secret_texts
from tests.property.garbage import broken_text
from tests.property.samples import Values
from tests.property.secret_texts import Planted
from tests.property.world import CHARTS, Files, answer, pretend, real

charts = pytest.mark.parametrize("chart", CHARTS, ids=[path.name for path in CHARTS])
Secret = tuple[Values, Planted]


def shown(found: _values.Outcome | HolmesError) -> str:
    """All that anybody gets to see, as text in which nothing is escaped that a key may hold."""
    if isinstance(found, HolmesError):
        return f"{found.msg} {found.fix} {found.result}"
    data = {"result": found.result, "checks": [asdict(check) for check in found.checks]}
    return json.dumps(data, ensure_ascii=False) + _values_file.shown(found.text)


def assert_hidden(found: _values.Outcome | HolmesError, secret: Planted) -> None:
    text = shown(found)
    for part in secret.halves:
        at = text.find(part)
        assert at < 0, f"{secret.core} is shown: {text[max(0, at - 300) : at + 200]}"


def assert_refused(found: _values.Outcome | HolmesError, secret: Planted) -> None:
    """It never gets into a file either: what is not ready is not written. What was left out needs no refusal."""
    if not isinstance(found, HolmesError) and json.dumps(secret.core)[1:-1] in json.dumps(found.values):
        assert [check.status for check in found.checks if check.id == "values.literal_secret"] == [FAIL]
        assert verdict(found.checks) == NOT_READY


@charts
@given(secret=planted.values())
def test_in_values(chart: Path, secret: Secret) -> None:
    found = answer(Request(chart=str(chart), values=secret[0]), pretend)
    assert_hidden(found, secret[1])
    assert_refused(found, secret[1])


@charts
@settings(max_examples=max(10, settings().max_examples // 8))
@given(secret=planted.values())
def test_in_values_that_helm_reads(chart: Path, secret: Secret) -> None:
    found = answer(Request(chart=str(chart), values=secret[0]), real)
    assert_hidden(found, secret[1])
    assert_refused(found, secret[1])


@charts
@given(secret=planted.values(), flow=st.booleans())
def test_in_a_file(chart: Path, secret: Secret, flow: bool) -> None:
    with Files() as files:
        path = files.write(yaml.safe_dump(secret[0], default_flow_style=flow, allow_unicode=True))
        found = answer(Request(chart=str(chart), values_files=[path]), pretend)
    assert_hidden(found, secret[1])
    assert_refused(found, secret[1])


@given(
    before=broken_text(),
    after=broken_text(),
    key=secret_texts.keys_by_shape,
    line=st.sampled_from(
        (
            "{}",
            "  api_key: {}",
            "x: '{}",
            'y: "{}',
            "z: [{}",
            "{}: {}",
            "? {}",
            "- {}",
            "a: &{} 1",
            "b: *{}",
            "!{} c",
            "%{}",
            "{}\t:",
            "<<: {}",
        )
    ),
)
def test_in_a_file_that_may_be_no_yaml(before: str, after: str, key: str, line: str) -> None:
    with Files() as files:
        path = files.write(f"{before}\n{line.format(key, key)}\n{after}\n")
        found = answer(Request(chart=str(CHARTS[0]), values_files=[path]), pretend)
    assert_hidden(found, Planted(key, key))


@charts
@given(secret=planted.as_keys())
def test_in_place_of_a_name(chart: Path, secret: Secret) -> None:
    found = answer(Request(chart=str(chart), values=secret[0]), pretend)
    assert_hidden(found, secret[1])


@charts
@given(intent=planted.intents())
def test_in_options(chart: Path, intent: tuple[dict[str, t.Any], Planted]) -> None:
    found = answer(Request(chart=str(chart), **intent[0]), pretend)
    assert_hidden(found, intent[1])
    assert_refused(found, intent[1])


@given(intent=planted.intents(), check_mode=st.booleans())
def test_in_the_module_itself(intent: tuple[dict[str, t.Any], Planted], check_mode: bool) -> None:
    """Its output, with the arguments that Ansible repeats, and the file that it may write."""
    options, secret = intent
    with tempfile.TemporaryDirectory(prefix="values-") as folder:
        dest = Path(folder, "values.yaml")
        internal = {"_ansible_remote_tmp": folder, "_ansible_tmpdir": folder, "_ansible_inject_invocation": True}
        asked = {"chart": str(CHARTS[0]), "helm_binary": "no-such-helm", "dest": str(dest), **options}
        arguments = {**asked, **internal, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        printed = io.StringIO()
        with patch_module_args(arguments), contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as left:
            holmes_values.main()
        result = json.loads(printed.getvalue())
        assert left.value.code and result["failed"]
        assert os.listdir(folder) == []
    for part in secret.halves:
        assert part not in json.dumps(result, ensure_ascii=False), f"{secret.core} is shown"
