# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes layer tars that depend on nothing but their content: sorted, owned by root, without times."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path


class LayerTar:
    """`with LayerTar(path) as layer:` then add folders, files, links or whole trees; parents are made as needed."""

    def __init__(self, path: Path) -> None:
        self.tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in __exit__
        self.folders: set[str] = set()

    def __enter__(self) -> LayerTar:
        return self

    def __exit__(self, *_: object) -> None:
        self.tar.close()

    def folder(self, name: str, mode: int = 0o755) -> None:
        """A directory and its parents; one that is there already stays as it is."""
        if name in self.folders or not name:
            return
        self.folder(name.rpartition("/")[0])
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        self.tar.addfile(entry)
        self.folders.add(name)

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self.folder(name.rpartition("/")[0])
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), mode
        self.tar.addfile(entry, io.BytesIO(data))

    def link(self, name: str, target: str) -> None:
        self.folder(name.rpartition("/")[0])
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
        self.tar.addfile(entry)

    def tree(self, name: str, root: Path, keep: Callable[[Path], bool] = lambda _: True) -> None:
        """All files below `root` as `name`/...; `keep` gets paths relative to it, and a refused folder is left out."""
        for path in sorted(root.iterdir()):
            self._add(f"{name}/{path.name}", path, root, keep)

    def _add(self, name: str, path: Path, root: Path, keep: Callable[[Path], bool]) -> None:
        if not keep(path.relative_to(root)):
            return
        if path.is_symlink():
            self.link(name, str(path.readlink()))
        elif path.is_dir():
            self.folder(name)
            for inner in sorted(path.iterdir()):
                self._add(f"{name}/{inner.name}", inner, root, keep)
        else:
            self.file(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)


def copy_tar(source: Path, target: Path, keep: Callable[[str], bool]) -> None:
    """Copy a root file system tar without what `keep` refuses; times are dropped, members sorted by name."""
    with tarfile.open(source) as old, tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new:
        members = [(member.name.removeprefix("./").rstrip("/"), member) for member in old.getmembers()]
        hard = {member.linkname for _, member in members if member.islnk()}
        # a hard link must come after the file it points to
        for name, member in sorted(members, key=lambda pair: (pair[1].islnk(), pair[0])):
            if name in ("", ".") or not (keep(name) or member.name in hard):
                continue
            member.name, member.mtime, member.uname, member.gname, member.pax_headers = name, 0, "root", "root", {}
            if member.islnk():
                member.linkname = member.linkname.removeprefix("./")
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
