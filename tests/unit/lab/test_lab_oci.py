# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import hashlib
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from lab.oci import build_archive, compress_layer


def make_tar(path: Path, content: bytes = b"hello") -> Path:
    source = path.with_suffix(".txt")
    source.write_bytes(content)
    os.utime(source, (0, 0))
    with tarfile.open(path, "w") as archive:
        archive.add(source, arcname="hello.txt")
    return path


def blobs(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        return {entry.name: opened.extractfile(entry).read() for entry in opened}  # type: ignore[union-attr]


def blob(files: dict[str, bytes], digest: str) -> bytes:
    data = files["blobs/sha256/" + digest.removeprefix("sha256:")]
    assert "sha256:" + hashlib.sha256(data).hexdigest() == digest
    return data


def read_image(archive: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, bytes]]:
    files = blobs(archive)
    index = json.loads(files["index.json"])
    manifest = json.loads(blob(files, index["manifests"][0]["digest"]))
    return index, manifest, json.loads(blob(files, manifest["config"]["digest"])), files


def test_archive_holds_a_consistent_image(tmp_path: Path) -> None:
    first, second = make_tar(tmp_path / "a.tar"), make_tar(tmp_path / "b.tar", b"other")
    out = tmp_path / "image.tar"
    digest = build_archive(
        "site.internal:5000/demo/app:1.2",
        [first, second],
        out,
        entrypoint=["/bin/app", "-v"],
        env={"A": "1"},
        workdir="/srv",
        user="1000",
        labels={"double": "yes"},
    )
    index, manifest, config, files = read_image(out)
    assert index["manifests"][0]["digest"] == digest
    names = index["manifests"][0]["annotations"]
    assert names["io.containerd.image.name"] == "site.internal:5000/demo/app:1.2"
    assert names["org.opencontainers.image.ref.name"] == "1.2"
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    layers = [blob(files, layer["digest"]) for layer in manifest["layers"]]
    assert [gzip.decompress(layer) for layer in layers] == [first.read_bytes(), second.read_bytes()]
    assert [layer["size"] for layer in manifest["layers"]] == [len(layer) for layer in layers]
    plain = [f"sha256:{hashlib.sha256(tar.read_bytes()).hexdigest()}" for tar in (first, second)]
    assert config["rootfs"]["diff_ids"] == plain
    assert len(config["history"]) == 2
    run = config["config"]
    assert run["Entrypoint"] == ["/bin/app", "-v"]
    assert run["WorkingDir"] == "/srv"
    assert run["User"] == "1000"
    assert run["Labels"] == {"double": "yes"}
    assert "A=1" in run["Env"]
    assert any(entry.startswith("PATH=") for entry in run["Env"])


def test_same_input_same_bytes(tmp_path: Path) -> None:
    layer = make_tar(tmp_path / "a.tar")
    digests = []
    for name in ("one.tar", "two.tar"):
        digests.append(build_archive("x:1", [layer], tmp_path / name, entrypoint=["/x"]))
        for made in tmp_path.glob("a.tar.layer*"):
            made.unlink()
    assert digests[0] == digests[1]
    assert compress_layer(layer).blob.read_bytes()[4:8] == bytes(4)  # the time in the gzip header
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_own_path_replaces_the_default(tmp_path: Path) -> None:
    build_archive("x:1", [make_tar(tmp_path / "a.tar")], tmp_path / "o.tar", entrypoint=["/x"], env={"PATH": "/only"})
    assert read_image(tmp_path / "o.tar")[2]["config"]["Env"] == ["PATH=/only"]


def test_blob_is_used_again_until_the_tar_changes(tmp_path: Path) -> None:
    tar = make_tar(tmp_path / "a.tar")
    before = compress_layer(tar)
    before.blob.write_bytes(b"x" * before.size)  # same size: taken as it is
    assert compress_layer(tar) == before
    assert before.blob.read_bytes() == b"x" * before.size
    make_tar(tar, b"a longer text than before" * 1000)
    after = compress_layer(tar)
    assert after.diff_id != before.diff_id
    assert gzip.decompress(after.blob.read_bytes()) == tar.read_bytes()


def test_one_layer_twice_is_stored_once(tmp_path: Path) -> None:
    tar = make_tar(tmp_path / "a.tar")
    build_archive("x:1", [tar, tar], tmp_path / "o.tar", entrypoint=["/x"])
    with tarfile.open(tmp_path / "o.tar") as archive:
        assert len(archive.getnames()) == len(set(archive.getnames())) == 5


@pytest.mark.parametrize("name", ["app", "site.internal:5000/app", ":1"])
def test_name_without_tag_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="has no tag: write REPOSITORY:TAG"):
        build_archive(name, [], tmp_path / "o.tar", entrypoint=["/x"])
    assert not (tmp_path / "o.tar").exists()


def test_missing_layer_leaves_no_archive(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        build_archive("x:1", [tmp_path / "none.tar"], tmp_path / "o.tar", entrypoint=["/x"])
    assert list(tmp_path.iterdir()) == []
