# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's chart repository: packaged charts and their index, plain files that nginx serves."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import versions
from .errors import LabError
from .state import Files


def _helm(helm: Path, arguments: list[str], what: str) -> None:
    done = subprocess.run([str(helm), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise LabError(f"{what} failed: {words}")


def add(helm: Path, files: Files, sources: list[Path]) -> list[str]:
    """Package directories, copy archives, rebuild the index; returns the archives' names.

    The index is written anew from all archives, so a rebuilt archive of the same version gets its new digest.
    """
    with tempfile.TemporaryDirectory(dir=files.state) as directory:
        fresh = Path(directory)
        for source in sources:
            if source.is_dir():
                _helm(helm, ["package", str(source), "--destination", str(fresh)], f"helm package {source}")
            elif source.is_file() and source.suffix == ".tgz":
                shutil.copy(source, fresh)
            else:
                raise LabError(f"{source} is neither a chart's directory nor a .tgz archive")
        names = sorted(path.name for path in fresh.iterdir())
        for name in names:
            (fresh / name).replace(files.charts / name)
    with tempfile.TemporaryDirectory(dir=files.state) as directory:
        index = Path(directory)
        for archive in files.charts.glob("*.tgz"):
            (index / archive.name).hardlink_to(archive)
        _helm(helm, ["repo", "index", str(index), "--url", versions.CHARTS_URL], "helm repo index")
        (index / "index.yaml").chmod(0o644)
        (index / "index.yaml").replace(files.charts / "index.yaml")
    return names
