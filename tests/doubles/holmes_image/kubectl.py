# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the kubectl that goes into the images: a static binary for this machine's architecture."""

from __future__ import annotations

import platform
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError

MACHINES = {"x86_64": 62, "aarch64": 183}  # e_machine of ELF
PT_INTERP = 3
BUILD_INFO = b"\xff Go buildinf:"
RANDOM_HEAP_SINCE = 26  # Go 1.26
WITHOUT_RANDOM_HEAP = "norandomizedheapbase64"


@dataclass(frozen=True)
class Kubectl:
    """A usable kubectl and the Go version it was built with ("go1.26.8", "go1.26.8-X:norandomizedheapbase64", "")."""

    path: Path
    go: str

    @property
    def hungry(self) -> bool:
        """Whether it sometimes dies under HolmesGPT's default memory limit of 800 MB of addresses.

        Go 1.26 puts the heap at a random place and needs more addresses to keep account of it: measured 24 of 200
        starts, and none of 200 when built with GOEXPERIMENT=norandomizedheapbase64.
        """
        found = re.match(r"go1\.(\d+)", self.go)
        return bool(found and int(found[1]) >= RANDOM_HEAP_SINCE and WITHOUT_RANDOM_HEAP not in self.go)


def find_kubectl(bin_directory: Path) -> Kubectl:
    """The lab's kubectl if it is built, else the one in PATH. Raises LabError with one sentence."""
    found = shutil.which("kubectl")
    candidates = [bin_directory / "kubectl", *([Path(found)] if found else [])]
    for candidate in candidates:
        if candidate.is_file():
            return inspect(candidate.resolve())
    raise LabError("There is no kubectl for the image: run `tests/lab/lab build` first, it puts one into the cache.")


def inspect(path: Path) -> Kubectl:
    """Check that a file is a static ELF binary of this machine. Raises LabError."""
    data = path.read_bytes()
    wanted = MACHINES.get(platform.machine())
    if data[:5] != b"\x7fELF\x02" or wanted is None or struct.unpack_from("<H", data, 18)[0] != wanted:
        raise LabError(f"{path} is no {platform.machine()} program: run `tests/lab/lab build` to get a kubectl.")
    if _has_interpreter(data):
        raise LabError(f"{path} is not static and would not run in the image: run `tests/lab/lab build`.")
    return Kubectl(path, _go_version(data))


def _has_interpreter(data: bytes) -> bool:
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return any(struct.unpack_from("<I", data, table + index * size)[0] == PT_INTERP for index in range(count))


def _go_version(data: bytes) -> str:
    start = data.find(BUILD_INFO)
    if start < 0:
        return ""
    length = data[start + 32]  # a varint; versions are shorter than 128 bytes
    return data[start + 33 : start + 33 + length].decode(errors="replace")
