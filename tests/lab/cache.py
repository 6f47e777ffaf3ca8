# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps things: slow products by version, one directory of state per lab, locks.

A product is made in a directory of another name and renamed when complete, so an interrupted run leaves none by half.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .progress import say

YOUNG = 3600.0  # seconds
BAD_IN_PATH = set(" \t\n:,\\")  # separators in the options of `mount`


def cache_root(environ: Mapping[str, str] | None = None) -> Path:
    """The cache directory: HOLMES_ONPREM_CACHE, or holmesgpt-onprem below XDG_CACHE_HOME or ~/.cache."""
    env = os.environ if environ is None else environ
    own, xdg = env.get("HOLMES_ONPREM_CACHE", ""), env.get("XDG_CACHE_HOME", "")
    base = Path(xdg) if xdg else Path(env.get("HOME") or "~").expanduser() / ".cache"
    root = Path(own) if own else base / "holmesgpt-onprem"
    if not root.is_absolute():
        root = Path.cwd() / root
    if BAD_IN_PATH & set(str(root)):
        raise LabError(f"The cache directory {str(root)!r} has a space, colon or comma in it: set HOLMES_ONPREM_CACHE")
    return root


def key_of(*parts: str) -> str:
    """A short key that changes with any of the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Cache:
    """The directories below the cache root."""

    root: Path

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def made(self) -> Path:
        return self.root / "made"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def labs(self) -> Path:
        return self.root / "labs"

    def prepare(self) -> None:
        for directory in (self.bin, self.made, self.logs, self.labs):
            directory.mkdir(parents=True, exist_ok=True)

    def product(self, name: str, key: str, make: Callable[[Path], None]) -> Path:
        """The directory `made/NAME-KEY`; `make(directory)` fills it when it is not there yet."""
        final = self.made / f"{name}-{key}"
        if final.is_dir():
            return final
        with locked(self.made / f".{name}.lock", f"{name} is being made by another run"):
            if not final.is_dir():
                part = self.made / f".{name}-{key}.part"
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(mode=0o755)
                make(part)
                part.rename(final)
        return final

    def prune(self, prefix: str, keep: set[Path]) -> None:
        """Remove products of older versions, those below `made` that start with `prefix`, except the ones to keep.

        What is younger than an hour stays: another run may be about to use it.
        """
        for product in self.made.glob(f"{prefix}*"):
            if product.resolve() not in keep and time.time() - product.stat().st_mtime > YOUNG:
                doomed = self.made / f".{product.name}.doomed"
                product.rename(doomed)  # in one step, so that nobody finds half of it
                shutil.rmtree(doomed, ignore_errors=True)

    def link(self, name: str, target: Path) -> None:
        """Let `bin/NAME` point at `target`, replacing an older link in one step."""
        wanted = os.path.relpath(target, self.bin)
        place = self.bin / name
        if place.is_symlink() and os.readlink(place) == wanted:
            return
        part = self.bin / f".{name}.{os.getpid()}"
        part.unlink(missing_ok=True)
        part.symlink_to(wanted)
        part.replace(place)


@contextmanager
def locked(path: Path, waiting: str) -> Iterator[None]:
    """Hold an exclusive lock; says `waiting` once when somebody else has it. A killed holder frees it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"{waiting}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
