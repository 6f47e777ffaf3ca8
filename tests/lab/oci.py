# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes OCI image archives from root file system tars, without a container engine.

The archives are taken by `ctr images import`, `kind load image-archive` and `skopeo copy oci-archive:FILE`.
The same input gives the same bytes, so an image whose content did not change keeps its digest.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import platform
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

MEDIA_TYPE = "application/vnd.oci.image."
LAYER_TYPE = MEDIA_TYPE + "layer.v1.tar+gzip"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
EPOCH = "1970-01-01T00:00:00Z"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Layer:
    """One compressed layer: the blob file, its digest and size in bytes, and the digest of the plain tar (diff_id)."""

    blob: Path
    digest: str
    size: int
    diff_id: str


class _Hashing:
    """A write-only stream that counts and hashes what passes through it."""

    def __init__(self, target: BinaryIO) -> None:
        self.target = target
        self.sha = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha.update(data)
        self.size += len(data)
        return self.target.write(data)

    def flush(self) -> None:
        self.target.flush()


def compress_layer(tar: Path) -> Layer:
    """Compress a tar (gzip level 1) into `TAR.layer.gz` beside it; a blob made earlier from the same tar is used again.

    The plain tar counts as the same when its size and modification time are. Raises OSError when the tar cannot be
    read or its directory not be written.
    """
    blob, note = Path(f"{tar}.layer.gz"), Path(f"{tar}.layer.json")
    stat = tar.stat()
    made_from = [stat.st_size, stat.st_mtime_ns]
    if blob.exists() and note.exists():
        known = json.loads(note.read_text())
        if known["made_from"] == made_from and known["size"] == blob.stat().st_size:
            return Layer(blob, known["digest"], known["size"], known["diff_id"])
    part = Path(f"{blob}.{os.getpid()}.part")
    plain = hashlib.sha256()
    with tar.open("rb") as source, part.open("wb") as raw:
        out = _Hashing(raw)
        # no file name and no time in the gzip header, or the digest would change from run to run
        with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=cast(BinaryIO, out), mtime=0) as packed:
            while chunk := source.read(CHUNK):
                plain.update(chunk)
                packed.write(chunk)
    part.replace(blob)
    layer = Layer(blob, f"sha256:{out.sha.hexdigest()}", out.size, f"sha256:{plain.hexdigest()}")
    facts = {"made_from": made_from, "digest": layer.digest, "size": layer.size, "diff_id": layer.diff_id}
    part.write_text(json.dumps(facts))
    part.replace(note)
    return layer


def _encode(document: dict[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}


def _config(
    layers: list[Layer], entrypoint: list[str], env: dict[str, str], workdir: str, user: str, labels: dict[str, str]
) -> bytes:
    run: dict[str, object] = {
        "Entrypoint": entrypoint,
        "Env": [f"{key}={value}" for key, value in ({"PATH": DEFAULT_PATH} | env).items()],
        "WorkingDir": workdir,
    }
    if user:
        run["User"] = user
    if labels:
        run["Labels"] = labels
    return _encode(
        {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "created": EPOCH,
            "config": run,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created": EPOCH, "created_by": "tests/lab/oci.py"} for _ in layers],
        }
    )


def _add(archive: tarfile.TarFile, path: str, size: int, content: BinaryIO) -> None:
    entry = tarfile.TarInfo(path)
    entry.size = size
    entry.mode = 0o644
    archive.addfile(entry, content)


def build_archive(
    name: str,
    layers: list[Path],
    out: Path,
    *,
    entrypoint: list[str],
    env: dict[str, str] | None = None,
    workdir: str = "/",
    user: str = "",
    labels: dict[str, str] | None = None,
) -> str:
    """Write the image `name` (REPOSITORY:TAG) made of uncompressed layer tars, lowest first, to the archive `out`.

    A PATH is set unless `env` has one. `out` appears complete or not at all. Returns the digest of the manifest
    ("sha256:..."). Raises ValueError for a name without a tag, OSError when a file cannot be read or written.
    """
    repository, _, tag = name.rpartition(":")
    if not repository or "/" in tag:
        raise ValueError(f"image name {name!r} has no tag: write REPOSITORY:TAG")
    packed = [compress_layer(tar) for tar in layers]
    config = _config(packed, entrypoint, env or {}, workdir, user, labels or {})
    manifest = _encode(
        {
            "schemaVersion": 2,
            "mediaType": MEDIA_TYPE + "manifest.v1+json",
            "config": _descriptor(MEDIA_TYPE + "config.v1+json", config),
            "layers": [{"mediaType": LAYER_TYPE, "digest": part.digest, "size": part.size} for part in packed],
        }
    )
    described = _descriptor(MEDIA_TYPE + "manifest.v1+json", manifest)
    # containerd names the image by its own annotation, other tools by the OCI one
    named = {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag}
    index = _encode({"schemaVersion": 2, "manifests": [described | {"annotations": named}]})
    part = Path(f"{out}.{os.getpid()}.part")
    with tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as archive:
        small = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index}
        small |= {f"blobs/sha256/{hashlib.sha256(data).hexdigest()}": data for data in (config, manifest)}
        for path, data in small.items():
            _add(archive, path, len(data), io.BytesIO(data))
        for layer in {layer.digest: layer for layer in packed}.values():
            with layer.blob.open("rb") as blob:
                _add(archive, f"blobs/sha256/{layer.digest.removeprefix('sha256:')}", layer.size, blob)
    part.replace(out)
    return str(described["digest"])
