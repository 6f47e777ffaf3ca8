# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a chart, from a directory or an archive. Nothing is unpacked to disk.

Private to this collection: it may change in any release. Imports nothing of Ansible.

What Helm's loader refuses is refused here too: paths that lead out of the chart, files that are none, too much of it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import posixpath
import re
import stat
import struct
import tarfile
import zlib

from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import HolmesError

# Paths within the chart, with "/".
Files = dict[str, bytes]

# Helm's own limit for what an archive unpacks to; HolmesGPT's chart is below 1 MiB.
LIMIT = 100 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
# Seen with damaged headers: tarfile passes on what its parsing runs into.
_BROKEN = (
    tarfile.TarError,
    OSError,
    EOFError,
    zlib.error,
    struct.error,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
)
_DRIVE = re.compile(r"[A-Za-z]:/")


class Room:
    """How much may still be read, over an archive and all archives in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.left = LIMIT

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise HolmesError(f"'{self.name}' unpacks to more than 100 MiB, which Helm refuses.", "Is it a chart?")


def directory(path: str) -> tuple[Files, str]:
    """The files below a directory, links followed as Helm does, and a sha256 over names and contents."""
    files: Files = {}
    # Without this, a wrong path such as / would be read to its end.
    if os.path.lexists(os.path.join(path, "Chart.yaml")):
        _read_below(path, "", files, Room(path), ())
    lines = (f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in sorted(files.items()))
    return {name: _bare(content) for name, content in files.items()}, hashlib.sha256(
        "".join(lines).encode()
    ).hexdigest()


def _read_below(folder: str, prefix: str, files: Files, room: Room, above: tuple[str, ...]) -> None:
    real = os.path.realpath(folder)
    if real in above:
        raise HolmesError(f"'{folder}' of the chart is a link in a circle.", "Remove the link.")
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise _unreadable(folder, error) from None
    for name in names:
        full = os.path.join(folder, name)
        if not os.path.isdir(full):
            files[prefix + name] = _content(full, room)
        elif name != ".git":
            _read_below(full, f"{prefix}{name}/", files, room, (*above, real))


def _content(path: str, room: Room) -> bytes:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise HolmesError(f"'{path}' of the chart is neither a file nor a directory.", "Remove it.")
        room.take(status.st_size)
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError) -> HolmesError:
    return HolmesError(f"'{path}' of the chart cannot be read: {error.strerror}.", "Correct its permissions.")


def archive(path: str) -> tuple[Files, str]:
    """The files in an archive, and its sha256."""
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise HolmesError(f"The chart '{path}' cannot be read: {error.strerror}.", "Correct its permissions.") from None
    return unpacked(content, path, Room(path)), hashlib.sha256(content).hexdigest()


def unpacked(content: bytes, name: str, room: Room) -> Files:
    """Files of an archive, without the folder that all of them lie in."""
    files: Files = {}
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            # Read at once and never more than allowed: a header alone can claim any size.
            whole = stream.read(room.left + 1)
        room.take(len(whole))
        if len(whole) % tarfile.BLOCKSIZE:
            raise tarfile.ReadError("cut within a block")
        with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as members:
            for member in members:
                inner = "" if member.isdir() else _inner(member.name, name)
                entry = members.extractfile(member) if inner and member.isreg() else None
                if entry:
                    if inner == "Chart.yaml" and inner in files:
                        raise HolmesError(f"'{name}' holds more than one chart.", "Name an archive of one chart.")
                    files[inner] = _bare(entry.read())
    except _BROKEN:
        raise HolmesError(
            f"'{name}' is not a whole .tgz archive.",
            "Fetch the chart again, compare its sha256, or name the chart's directory.",
        ) from None
    return files


def _inner(member: str, name: str) -> str:
    """The path within the chart; archives made on Windows may have the other slash."""
    inner = member.replace("\\", "/").partition("/")[2]
    clean = posixpath.normpath(inner) if inner else ""
    if clean.startswith(("/", "..")) or _DRIVE.match(clean) or (inner and clean == "."):
        raise HolmesError(f"'{name}' holds a file outside of the chart's folder, which Helm refuses.", "Is it a chart?")
    return clean


def _bare(content: bytes) -> bytes:
    return content[len(_BOM) :] if content.startswith(_BOM) else content
