# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of an image registry, against a registry on a loopback port."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _registry_error as registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry import Registry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._registry_error import RegistryError

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import (
    BLOBS,
    CONFIG,
    CONTENT,
    GOOD,
    INDEX,
    SINGLE,
    client,
    kind,
    reference,
)
from tests.unit.fixtures.registry_world import (
    BASIC,
    BEARER,
    NONE,
    FakeRegistry,
    Reply,
    digest,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Path:
    return authority.issue()


def test_nothing_is_followed_to_another_host(authority: Authority, tls: Path) -> None:
    """Where blobs lie on another host, the platform stays unknown."""
    with FakeRegistry(tls) as other:
        away = {"/v2/holmes/holmes/blobs/": Reply(307, b"", {"Location": f"{other.url}/blob"})}
        with FakeRegistry(tls, BASIC, CONTENT, BLOBS, instead=away) as server:
            found = client(server, authority).image(reference(server, "holmes/holmes:1.1"), GOOD)
    assert (found.digest, found.platforms) == (digest(SINGLE), ())
    assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed(authority: Authority, tls: Path) -> None:
    blob, there = f"/v2/holmes/holmes/blobs/{digest(CONFIG)}", "/elsewhere"
    with FakeRegistry(tls, NONE, CONTENT, instead={blob: Reply(307, b"", {"Location": there})}) as server:
        server.instead[there] = Reply(200, CONFIG)
        assert client(server, authority).image(reference(server, "holmes/holmes:1.1"), None).platforms == (
            "linux/arm64",
        )


def test_redirects_without_an_end(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, instead={"/v2/": Reply(302, b"", {"Location": "/v2/"})}, headers={}) as server:
        assert kind(client(server, authority).ping)[0] == registry.NOT_REGISTRY
    assert len(server.asked) < 5


OTHER_DIGEST = f"sha256:{'0' * 64}"
MISSING = [
    ("nobody/none:1.0", registry.NO_REPOSITORY, "no repository 'nobody/none'", ()),
    ("holmes/holmes:1.2", registry.NO_TAG, "'holmes/holmes' has no tag '1.2'", ("1.0", "1.1")),
    ("holmes/holmes", registry.NO_TAG, "has no tag 'latest'", ("1.0", "1.1")),
    (f"holmes/holmes@{OTHER_DIGEST}", registry.NO_TAG, f"has no digest {OTHER_DIGEST}", ("1.0", "1.1")),
]


@pytest.mark.parametrize(("rest", "error", "told", "tags"), MISSING)
@pytest.mark.parametrize("auth", [NONE, BEARER])
def test_an_image_that_is_missing(
    rest: str, error: str, told: str, tags: tuple[str, ...], auth: str, authority: Authority, tls: Path
) -> None:
    with FakeRegistry(tls, auth, CONTENT, BLOBS) as server, pytest.raises(RegistryError) as caught:
        client(server, authority).image(reference(server, rest), GOOD)
    assert caught.value.kind == error
    assert told in caught.value.text
    assert tuple(sorted(caught.value.tags)) == tags


def test_five_tags_at_most_the_most_alike(authority: Authority, tls: Path) -> None:
    content = {"holmes/holmes": {name: INDEX for name in ("0.44.9", "0.45.0", "a", "b", "c", "d", "e", "0.45.1")}}
    with FakeRegistry(tls, NONE, content) as server, pytest.raises(RegistryError) as caught:
        client(server, authority).image(reference(server, "holmes/holmes:0.45.2"), None)
    assert len(caught.value.tags) == 5
    assert set(caught.value.tags) >= {"0.44.9", "0.45.0", "0.45.1"}


def test_tags_that_may_not_be_listed(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, NONE, CONTENT, instead={"/v2/holmes/holmes/tags": Reply(403)}) as server:
        assert kind(lambda: client(server, authority).image(reference(server, "holmes/holmes:9"), None))[0] == "no_tag"


@pytest.mark.parametrize("rest", [f"@{digest(INDEX)}", f":gone@{digest(INDEX)}", ":1.0"])
def test_a_digest_is_verified(rest: str, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, NONE, CONTENT) as server:
        one = reference(server, f"holmes/holmes{rest}")
        assert client(server, authority).image(one, None).digest == digest(INDEX)
        swapped = Reply(200, SINGLE, {"Docker-Content-Digest": digest(INDEX)})
        server.instead["/v2/holmes/holmes/manifests/"] = swapped
        found = kind(lambda: client(server, authority).image(one, None))
    assert found == (registry.MISMATCH, f"its content is {digest(SINGLE)} instead of {digest(INDEX)}")


def test_a_digest_of_another_kind(authority: Authority, tls: Path) -> None:
    wanted = f"sha512:{hashlib.sha512(INDEX).hexdigest()}"
    with FakeRegistry(tls, instead={"/v2/holmes/holmes/manifests/sha512": Reply(200, INDEX)}) as server:
        assert client(server, authority).image(reference(server, f"holmes/holmes@{wanted}"), None).digest == wanted


def test_a_single_manifest_has_the_platform_of_its_configuration(authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, BEARER, CONTENT, BLOBS) as server:
        found = client(server, authority).image(reference(server, "holmes/holmes:1.1"), GOOD)
    assert (found.digest, found.platforms) == (digest(SINGLE), ("linux/arm64",))
    assert len(server.asked) == 4  # 401, token, manifest, configuration: the token is kept


@pytest.mark.parametrize(("status", "error"), [(429, registry.BUSY), (500, registry.SERVER), (418, registry.ODD)])
def test_troubles_of_the_registry(status: int, error: str, authority: Authority, tls: Path) -> None:
    with FakeRegistry(tls, instead={"/v2/": Reply(status)}, headers={}) as server:
        found = kind(lambda: client(server, authority).image(reference(server), None))
        assert found[0] == error
        assert str(status) in found[1]
        assert kind(client(server, authority).ping)[0] == (registry.NOT_REGISTRY if status == 418 else error)


def test_a_web_page_instead_of_a_manifest(authority: Authority, tls: Path) -> None:
    page = Reply(404, b"<html>", {"Content-Type": "text/html"})
    with FakeRegistry(tls, instead={"/v2/holmes": page}) as server:
        assert kind(lambda: client(server, authority).image(reference(server), None))[0] == registry.NOT_REGISTRY


def test_docker_hub_has_another_address() -> None:
    assert Registry("docker.io", "", 1).where == "https://registry-1.docker.io"
