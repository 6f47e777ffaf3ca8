# SPDX-License-Identifier: GPL-3.0-or-later
"""References to images, taken apart as the container runtime does."""

from __future__ import annotations

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._image_reference import (
    Reference,
    from_registry,
    host_of,
    is_public,
    parse,
)

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("holmes", ("docker.io", "holmes", "", "")),
        ("holmes:1", ("docker.io", "holmes", "1", "")),
        ("robustadev/holmes:0.45.0", ("docker.io", "robustadev/holmes", "0.45.0", "")),
        ("docker.io/x/y:1", ("docker.io", "x/y", "1", "")),
        ("index.docker.io/x/y:1", ("docker.io", "x/y", "1", "")),
        ("localhost/x:1", ("localhost", "x", "1", "")),
        ("localhost:5000/x", ("localhost:5000", "x", "", "")),
        ("reg.site/a/b-c/d__e.f:v1.2_3-x", ("reg.site", "a/b-c/d__e.f", "v1.2_3-x", "")),
        ("REG.site:5000/x:1", ("reg.site:5000", "x", "1", "")),
        ("Reg/x:1", ("reg", "x", "1", "")),
        ("[2001:db8::1]:5000/x:1", ("[2001:db8::1]:5000", "x", "1", "")),
        ("10.0.0.1:5000/x:1", ("10.0.0.1:5000", "x", "1", "")),
        (f"reg.site/x@{DIGEST}", ("reg.site", "x", "", DIGEST)),
        (f"reg.site/x:1@{DIGEST}", ("reg.site", "x", "1", DIGEST)),
        (f"x@sha512:{'a' * 128}", ("docker.io", "x", "", f"sha512:{'a' * 128}")),
        (f"x@sha384:{'a' * 96}", ("docker.io", "x", "", f"sha384:{'a' * 96}")),
        ("x:" + "t" * 128, ("docker.io", "x", "t" * 128, "")),
        ("r.s/" + "a" * 251, ("r.s", "a" * 251, "", "")),
    ],
)
def test_legal(image: str, parts: tuple[str, str, str, str]) -> None:
    assert parse(image) == Reference(*parts)


@pytest.mark.parametrize(
    "image",
    [
        *("", ":1", "x:", "x:-1", "x:" + "t" * 129, "x:1:2", "x@", "x@sha256:12", f"x@{DIGEST}0", "x@md5:" + "0" * 32),
        *("https://reg.site/x:1", "reg.site//x:1", "reg.site/x/:1", "/x:1", "reg.site/X:1", "X:1", "a b:1", "x:1\n"),
        *("reg.site/-x", "reg.site/x-", "reg.site/x...y", "-reg.site/x", "reg.site:/x", "reg.site:123456/x", "x:é"),
        "r.s/" + "a" * 252,
    ],
)
def test_illegal(image: str) -> None:
    assert parse(image) is None


@pytest.mark.parametrize(
    ("image", "registry", "same"),
    [
        ("reg.site:5000/a/x:1", "reg.site:5000/b", True),
        ("reg.site:5000/a/x:1", "reg.site:5000", True),
        ("reg.site:5000/a/x:1", "reg.site:5000/", True),
        ("REG.site/x:1", "reg.site/b", True),
        ("reg.site/x:1", "reg.site:5000", False),
        ("x:1", "reg.site", False),
        ("x:1", "robustadev", True),
        ("docker.io/x:1", "robustadev", True),
        ("x:1", "docker.io/robustadev", True),
        ("registry-1.docker.io/x:1", "docker.io", True),
    ],
)
def test_same_registry(image: str, registry: str, same: bool) -> None:
    assert from_registry(image, registry) is same


def test_hosts() -> None:
    assert host_of("holmes") == host_of("mirror/holmes") == "docker.io"
    assert host_of("localhost/x") == "localhost" and host_of("a.b/x") == "a.b" and host_of("a:1/x") == "a:1"
    for host in ("docker.io", "quay.io", "ghcr.io", "us-central1-docker.pkg.dev", "registry.k8s.io", "eu.gcr.io"):
        assert is_public(host)
    for host in ("reg.site", "docker.io.site", "mydocker.io", "1.dkr.ecr.eu-1.amazonaws.com"):
        assert not is_public(host)
