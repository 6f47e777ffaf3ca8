# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a program says is read, whenever it says it."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.holmesgpt.onprem.plugins.module_utils._program import run

LATE = "import sys, time; time.sleep(1.01); print('v3.22.0'); print('late', file=sys.stderr); sys.exit(3)"


def test_what_comes_after_a_silence_is_read() -> None:
    assert run([sys.executable, "-c", LATE]) == (3, "v3.22.0\n", "late\n")


def test_the_environment_is_added() -> None:
    said = run([sys.executable, "-c", "import os; print(os.environ['HELM_X'], 'PATH' in os.environ)"], {"HELM_X": "1"})
    assert said == (0, "1 True\n", "")


def test_what_cannot_be_run_is_a_sentence(tmp_path: Path) -> None:
    code, out, err = run([str(tmp_path / "helm")])
    assert (code, out) == (127, "") and err.endswith("cannot be run: No such file or directory")


def test_what_does_not_end_is_ended() -> None:
    assert run([sys.executable, "-c", "import time; time.sleep(60)"], patience=0.2)[0] == 124
