# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart archive out of the arguments: written whole or not at all, for its owner only."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_kept import keep
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

DATA = bytes(range(256))
TEXT, DIGEST = base64.b64encode(DATA).decode(), hashlib.sha256(DATA).hexdigest()


def test_written_once(tmp_path: Path) -> None:
    dest = tmp_path / "chart.tgz"
    assert keep(TEXT, str(dest), write=False) == ("", DIGEST) and not dest.exists()
    assert keep(TEXT, str(dest)) == ("", DIGEST)
    assert dest.read_bytes() == DATA and dest.stat().st_mode & 0o777 == 0o600
    written = dest.stat().st_ino
    assert keep(TEXT, str(dest)) == (DIGEST, DIGEST) and dest.stat().st_ino == written
    assert keep(base64.b64encode(b"other").decode(), str(dest))[0] == DIGEST
    assert dest.read_bytes() == b"other" and list(tmp_path.iterdir()) == [dest]


def test_no_room_for_it(tmp_path: Path) -> None:
    dest = tmp_path / "gone" / "chart.tgz"
    with pytest.raises(HolmesError) as error:
        keep(TEXT, str(dest))
    assert "cannot be stored on this host: No such file or directory" in error.value.msg and error.value.fix
