# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lab import prerequisites
from lab.errors import LabError
from lab.prerequisites import Machine

GOOD = Machine(
    uid=lambda: 0,
    which=lambda program: f"/usr/bin/{program}",
    go_version=lambda: "go1.26.8",
    may_unshare=lambda: True,
    free_bytes=lambda path: 100 << 30,
)


def without(*programs: str) -> Machine:
    return replace(GOOD, which=lambda program: None if program in programs else f"/usr/bin/{program}")


CASES = {
    "not root": (replace(GOOD, uid=lambda: 1000), "needs root .* or install Docker or Podman"),
    "no mmdebstrap": (without("mmdebstrap"), "`apt-get install mmdebstrap`, or `lab up --install-missing`"),
    "several": (without("openssl", "mmdebstrap"), "`apt-get install mmdebstrap openssl`"),
    "one package once": (without("unshare", "nsenter"), "`apt-get install util-linux`"),
    "no go": (without("go"), "Go is not installed: install Go 1.26"),
    "old go": (replace(GOOD, go_version=lambda: "go1.19.8"), "Go go1.19.8 is too old"),
    "odd go": (replace(GOOD, go_version=lambda: ""), "Go of unknown version is too old"),
    "no namespaces": (replace(GOOD, may_unshare=lambda: False), "may not make namespaces"),
    "full disk": (replace(GOOD, free_bytes=lambda path: 1 << 30), "less than 8 GB free"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_missing_thing_has_its_sentence(case: str, tmp_path: Path) -> None:
    machine, sentence = CASES[case]
    with pytest.raises(LabError, match=sentence) as caught:
        prerequisites.check_private(machine, tmp_path / "not" / "there", building=True)
    assert "\n" not in str(caught.value)


def test_a_good_machine_passes(tmp_path: Path) -> None:
    prerequisites.check_private(GOOD, tmp_path, building=True)


@pytest.mark.parametrize("case", ["no go", "full disk"])
def test_a_full_cache_needs_neither_go_nor_room(case: str, tmp_path: Path) -> None:
    prerequisites.check_private(CASES[case][0], tmp_path, building=False)


def test_nothing_is_installed_when_nothing_is_missing(tmp_path: Path) -> None:
    prerequisites.install_missing(GOOD, tmp_path / "apt.log")
    assert not (tmp_path / "apt.log").exists()


def test_installing_needs_apt(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="install yourself: mmdebstrap"):
        prerequisites.install_missing(without("apt-get", "mmdebstrap"), tmp_path / "apt.log")
