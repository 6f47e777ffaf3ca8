# SPDX-License-Identifier: GPL-3.0-or-later
"""Building the HolmesGPT images: keys of the layers, contents of the tars, kubectl, the archive.

Nothing is downloaded: the cache has a Debian layer that the test wrote.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.doubles.holmes_image import build, kubectl, layers, library
from tests.doubles.holmes_image.tars import LayerTar, copy_tar
from tests.lab.cache import Cache, key_of
from tests.lab.errors import LabError

GO_126 = b"go1.26.8"


def elf(*, machine: int | None = None, interpreter: bool = False, go: bytes = b"go1.25.1") -> bytes:
    """A 64-bit ELF header with one program header, and Go's build information behind it."""
    wanted = kubectl.MACHINES[platform.machine()] if machine is None else machine
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, wanted, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    program = struct.pack("<I", kubectl.PT_INTERP if interpreter else 1).ljust(56, b"\0")
    return header + program + (kubectl.BUILD_INFO + b"\x08\x02").ljust(32, b"\0") + bytes([len(go)]) + go


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache with a kubectl, and a Debian layer that nobody had to download."""
    made = Cache(tmp_path / "cache")
    made.prepare()
    (made.bin / "kubectl").write_bytes(elf())
    key = key_of(layers.DEBIAN, layers.PACKAGES, layers.TAR_RECIPE, *layers.LEFT_OUT)
    debian = made.made / f"holmes-base-{key}"
    debian.mkdir()
    with LayerTar(debian / "layer.tar") as tar:
        tar.file("usr/share/ca-certificates/mozilla/b.crt", b"BB")
        tar.file("usr/share/ca-certificates/mozilla/a.crt", b"AA\n")
    return made


def contents(tar: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(tar) as opened:
        return {member.name: member for member in opened.getmembers()}


# --- kubectl -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("go", "hungry"),
    [
        (b"go1.23.8", False),
        (b"go1.25.1", False),
        (GO_126, True),
        (GO_126 + b"-X:norandomizedheapbase64", False),
        (b"go1.27", True),
        (b"", False),
    ],
)
def test_which_kubectl_is_hungry(tmp_path: Path, go: bytes, hungry: bool) -> None:
    path = tmp_path / "kubectl"
    path.write_bytes(elf(go=go))
    found = kubectl.inspect(path)
    assert (found.go, found.hungry) == (go.decode(), hungry)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"#!/bin/sh\n", f"is no {platform.machine()} program"),
        (elf(machine=40), f"is no {platform.machine()} program"),
        (elf(interpreter=True), "is not static"),
    ],
)
def test_kubectl_that_would_not_run(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "kubectl"
    path.write_bytes(data)
    with pytest.raises(LabError, match=sentence):
        kubectl.inspect(path)


def test_no_kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="There is no kubectl for the image: run `tests/lab/lab build` first"):
        kubectl.find_kubectl(tmp_path)


# --- tars and layers -----------------------------------------------------------------------------------------------


def test_tar_depends_on_content_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = []
    listed = Path.iterdir
    for name in ("one", "two"):
        # file systems list in any order
        backwards = name == "two"
        monkeypatch.setattr(Path, "iterdir", lambda path, r=backwards: iter(sorted(listed(path), reverse=r)))
        tree = tmp_path / name
        (tree / "pkg/tests").mkdir(parents=True)
        for file in ("b.py", "a.py", "tests/t.py", "x.c") if name == "one" else ("x.c", "tests/t.py", "a.py", "b.py"):
            (tree / "pkg" / file).write_text(file)
        (tree / "pkg/a.py").touch()
        (tree / "pkg/b.py").chmod(0o700)
        (tree / "link").symlink_to("pkg/a.py")
        with LayerTar(tmp_path / f"{name}.tar") as tar:
            tar.tree("opt/lib", tree, library.needed)
        digests.append(hashlib.sha256((tmp_path / f"{name}.tar").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    found = contents(tmp_path / "one.tar")
    assert list(found) == ["opt", "opt/lib", "opt/lib/link", "opt/lib/pkg", "opt/lib/pkg/a.py", "opt/lib/pkg/b.py"]
    assert (found["opt/lib/pkg/b.py"].mode, found["opt/lib/pkg/a.py"].mode) == (0o755, 0o644)
    assert {(member.uid, member.mtime) for member in found.values()} == {(0, 0)}


def test_copy_of_a_root_file_system(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "raw.tar", "w") as raw:
        for name in ("./", "./usr/", "./usr/share/doc/", "./dev/"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mtime = tarfile.DIRTYPE, 5
            raw.addfile(entry)
        entry = tarfile.TarInfo("./usr/z")
        entry.size = 1
        raw.addfile(entry, io.BytesIO(b"z"))
        entry = tarfile.TarInfo("./usr/a")
        entry.type, entry.linkname = tarfile.LNKTYPE, "./usr/z"
        raw.addfile(entry)
    copy_tar(tmp_path / "raw.tar", tmp_path / "out.tar", lambda name: name not in ("dev", "usr/share/doc"))
    found = contents(tmp_path / "out.tar")
    assert list(found) == ["usr", "usr/z", "usr/a"] and found["usr/a"].linkname == "usr/z"
    assert {member.mtime for member in found.values()} == {0}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("holmes/config.py", True),
        ("holmes/plugins/toolsets/kubernetes.yaml", True),
        ("holmes-0.45.0.dist-info/METADATA", True),
        ("asyncpg/protocol.pyx", False),
        ("greenlet/tests", False),
        ("bin", False),
        ("openai/types/chat/bin", True),
    ],
)
def test_what_of_the_library_is_kept(path: str, kept: bool) -> None:
    assert library.needed(Path(path)) is kept


def test_tools_layer(cache: Cache) -> None:
    tar = layers.tools(cache, kubectl.find_kubectl(cache.bin))
    found = contents(tar)
    assert found["usr/local/bin/kubectl"].mode == 0o755 and found["tmp"].mode == 0o1777
    assert found["usr/bin/awk"].linkname == "gawk"
    with tarfile.open(tar) as opened:
        bundle = opened.extractfile("etc/ssl/certs/ca-certificates.crt")
        assert bundle is not None and bundle.read() == b"AA\nBB\n"


@pytest.mark.parametrize("variant", ["full", "light"])
def test_server_layer_has_what_the_server_imports(cache: Cache, variant: str, tmp_path: Path) -> None:
    tar = layers.server(cache, variant)
    names = set(contents(tar))
    assert {"app/server.py", "app/holmes_double/contract.py", f"app/holmes_double/{variant}/start.py"} <= names
    other = {"full": "light", "light": "full"}[variant]
    assert not any(f"/{other}/" in name for name in names)
    if variant == "light":
        subprocess.run(["tar", "-C", str(tmp_path), "-xf", str(tar)], check=True)
        done = subprocess.run(
            [sys.executable, "-I", "-c", "import sys; sys.path[:0] = ['.']; import server"],
            cwd=tmp_path / "app", check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_a_change_of_the_server_rebuilds_only_its_layer(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = build.build(cache, "light")
    before = {path.name for path in cache.made.iterdir() if path.is_dir()}
    assert build.build(cache, "light") == first
    changed = tmp_path / "server.py"
    changed.write_text("print()")
    files = layers.server_files("light") | {"server.py": changed}
    monkeypatch.setattr(layers, "server_files", lambda variant: files)
    second = build.build(cache, "light")
    after = {path.name for path in cache.made.iterdir() if path.is_dir()}
    assert {name.rpartition("-")[0] for name in after - before} == {"holmes-server-light", "holmes-image-light"}
    # and nothing of the former one is left
    assert len(after) == len(before) and not first.exists() and second.exists()


# --- archives ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "tag", "plays"), [("light", "0.45.0-light", "0.45.0"), ("light-0.16.1", "0.16.1-light", "0.16.1")]
)
def test_light_archive(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, which: str,
    tag: str, plays: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("HOLMES_ONPREM_CACHE", str(cache.root))
    out = tmp_path / "image.tar"
    assert build.main([which, "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    with tarfile.open(out) as opened:

        def read(name: str) -> dict[str, object]:
            part = opened.extractfile(name)
            assert part is not None
            return dict(json.load(part))

        def blob(digest: str) -> dict[str, object]:
            return read(f"blobs/sha256/{digest.removeprefix('sha256:')}")

        index: object = read("index.json")["manifests"]
        assert isinstance(index, list)
        assert index[0]["annotations"]["io.containerd.image.name"] == f"{build.REPOSITORY}:{tag}"
        manifest = blob(index[0]["digest"])
        described: object = manifest["config"]
        assert isinstance(described, dict)
        config: object = blob(described["digest"])["config"]
        assert isinstance(config, dict)
    assert config["Entrypoint"] == ["python3", "-u", "server.py"] and config["WorkingDir"] == "/app"
    assert f"HOLMES_LIGHT_VERSION={plays}" in config["Env"] and "User" not in config
    layers_of = manifest["layers"]
    assert isinstance(layers_of, list) and len(layers_of) == 3


@pytest.mark.parametrize(("go", "limit"), [("go1.26.8", "1500"), ("go1.25.1", None)])
def test_memory_limit_of_the_full_image(go: str, limit: str | None) -> None:
    env = build.environment(build.VARIANTS["full"], kubectl.Kubectl(Path("kubectl"), go))
    assert env.get("TOOL_MEMORY_LIMIT_MB") == limit and env["PYTHONPATH"] == "/opt/holmes/lib"


def test_missing_prerequisite_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOLMES_ONPREM_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "/none")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/kubectl").write_bytes(elf())
    assert build.main(["light"]) == 1
    assert capsys.readouterr().err == "build: There is no mmdebstrap: install the package mmdebstrap.\n"


def test_lock_pins_the_library() -> None:
    pins = [line for line in library.LOCK.read_text().splitlines() if line and not line.startswith("#")]
    assert {"holmesgpt==0.45.0", "litellm==1.89.0"} <= set(pins)
    assert all(line.count("==") == 1 for line in pins) and len(pins) == len({line.split("==")[0] for line in pins})
