# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings files of this machine to the private host, which sees nothing of it but the lab's state."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LabError


@contextmanager
def brought_in(file: Path, state: Path) -> Iterator[str]:
    """The path under which the private host sees `file`, as long as the context lasts: a hard link, or else a copy."""
    if not file.is_file():
        raise LabError(f"{file} is not there: name an image archive")
    place = state / "in"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as directory:
        inside = Path(directory) / "archive.tar"
        try:
            os.link(file.resolve(), inside)
        except OSError:  # another file system
            shutil.copyfile(file, inside)
        yield f"/lab/{inside.relative_to(state)}"
