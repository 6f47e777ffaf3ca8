# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without a usable Python: Ansible's results, as seen on the oldest and the newest ansible-core."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._no_python import told

NOT_FOUND = {"failed": True, "rc": 127, "module_stderr": "/bin/sh: 1: /usr/bin/python3: not found"}
OLD = "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.8"


@pytest.mark.parametrize("code", [126, 127])
def test_no_python(code: int) -> None:
    sentence = told({**NOT_FOUND, "rc": code}, "#!/usr/bin/python3", "seoul")
    assert sentence.startswith("There is no Python at '/usr/bin/python3' on the host seoul,")
    assert "package python3" in sentence and "ansible_python_interpreter" in sentence


@pytest.mark.parametrize(
    "result",
    [{"msg": OLD}, {"module_stdout": "SyntaxError: invalid syntax"}, {"module_stderr": "SyntaxError: bad"}],
)
def test_an_old_python(result: dict[str, t.Any]) -> None:
    assert "is too old for this ansible-core" in told({"failed": True, "rc": 1, **result}, "/usr/bin/python3", "seoul")


@pytest.mark.parametrize("result", [{"path": "/x"}, {"failed": True, "msg": "No private folder can be made"}])
def test_a_module_that_ran_speaks_for_itself(result: dict[str, t.Any]) -> None:
    assert told(result, "/usr/bin/python3", "seoul") == ""
