# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks about images and registries, from a rendered chart to sentences."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_images
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_images import IDS

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import BLOBS, CONTENT, HTML, INDEX, SINGLE, WRONG
from tests.unit.fixtures.registry_pods import node, secret
from tests.unit.fixtures.registry_preflight import (
    NODES,
    World,
    at_registry,
    attributes,
    in_cluster,
    nodes,
    set_secret,
)
from tests.unit.fixtures.registry_world import (
    BASIC,
    BEARER,
    FakeRegistry,
    Reply,
    digest,
    login,
)
from tests.unit.fixtures.verify_world import forbidden

GONE = f"sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Path:
    return authority.issue()


@pytest.fixture
def server(tls: Path) -> t.Iterator[FakeRegistry]:
    with FakeRegistry(tls, BASIC, CONTENT, BLOBS) as one:
        yield one


@pytest.fixture
def world(server: FakeRegistry, authority: Authority) -> World:
    return World(server, authority)


def another_authority(world: World) -> None:
    """The given authority is not the one that signed the registry's certificate."""
    folder = Path(world.ca_file).parent / "other"
    folder.mkdir(exist_ok=True)
    world.ca_file = str(Authority(folder).file)


NO_LOGIN = "fail", "which has no log-in for"
CASES: list[tuple[str, t.Callable[[World], None], str, str, str]] = [
    # Pull Secrets
    ("registry.pull_secret", attributes(secrets={}), "fail", "Secret made, from which", "holmes_registry_host"),
    ("registry.pull_secret", in_cluster(secret("{}", "Opaque")), "fail", "no pull secret", "dockerconfigjson"),
    ("registry.pull_secret", in_cluster(secret("{")), "fail", "no Docker configuration", "Make it anew"),
    ("registry.pull_secret", set_secret(login("registry.other:5000")), *NO_LOGIN, "holmes_registry_host"),
    ("registry.pull_secret", set_secret('{"auths": {"HOST": {"identitytoken": "x"}}}'), *NO_LOGIN, "identitytoken"),
    ("registry.pull_secret", in_cluster(forbidden("get secrets")), "not_checked", "cannot get", "get secrets"),
    # Reachability
    ("registry.reachable", attributes(ca_file=""), "not_checked", "does not know", "holmes_registry_ca_file"),
    ("registry.reachable", another_authority, "fail", "does not know", "holmes_registry_ca_file"),
    ("registry.reachable", attributes(server_instead={"/v2/": HTML}, server_headers={}), "fail", "text/html", "/v2/"),
    ("registry.reachable", attributes(server_instead={"/v2/": Reply(503)}), "fail", "503", "registry's log"),
    ("registry.reachable", attributes(server_instead={"/v2/": Reply(429)}), "not_checked", "429", "Try again"),
    ("registry.reachable", attributes(server_silent="/v2/", timeout=0.3), "fail", "no answer within", "port"),
    # Log-in
    (
        "registry.login",
        set_secret(login("HOST", password=WRONG.password)),
        "fail",
        "of Secret made",
        "holmes_registry_p",
    ),
    ("registry.login", attributes(named=[]), "not_checked", "brings no pull Secret", "holmes_registry_host"),
    ("registry.login", set_secret("{}"), "not_checked", "none was found in the pull Secrets", "registry.pull_secret"),
    ("registry.login", attributes(server_auth=BEARER, server_pulls=[]), "fail", "does not let", "right to pull"),
    (
        "registry.login",
        attributes(server_auth=BEARER, server_instead={"/token": HTML}),
        "fail",
        "gives no token",
        "Repair the token server",
    ),
    (
        "registry.login",
        attributes(server_instead={"/v2/holmes": Reply(429)}),
        "not_checked",
        "nothing is known",
        "y.image",
    ),
    (
        "registry.login",
        attributes(server_silent="/v2/holmes", timeout=1.5),
        "not_checked",
        "nothing is known about log-ins",
        "registry.image",
    ),
    # Images
    ("registry.image", at_registry("nobody/none:1"), "fail", "no repository 'nobody/none'", "holmes_image"),
    ("registry.image", at_registry("holmes/holmes:9"), "fail", "no tag '9'. Tags it has: 1.", "holmes_image"),
    ("registry.image", at_registry(f"holmes/holmes@{GONE}"), "fail", f"no digest {GONE}", "Push the image"),
    (
        "registry.image",
        attributes(
            server_instead={"/v2/holmes/holmes/m": Reply(200, SINGLE, {"Docker-Content-Digest": digest(INDEX)})}
        ),
        "fail",
        f"{digest(SINGLE)} instead of {digest(INDEX)}",
        "correct the digest",
    ),
    ("registry.image", attributes(server_instead={"/v2/holmes": Reply(500)}), "fail", "(500)", "registry's log"),
    ("registry.image", attributes(server_instead={"/v2/holmes": Reply(429)}), "not_checked", "(429)", "later"),
    ("registry.image", attributes(server_silent="/v2/holmes", timeout=1.5), "fail", "no answer within", "log"),
    (
        "registry.image",
        attributes(server_instead={"/v2/holmes": Reply(307, b"", {"Location": "https://127.0.0.2/"})}),
        "not_checked",
        "another host (307)",
        "crictl pull",
    ),
    ("registry.image", attributes(named=[]), "not_checked", "it wants a log-in", "registry.login"),
    ("registry.image", attributes(error="no chart"), "not_checked", "could not be rendered", "render.failed"),
    # Processors
    ("registry.architecture", nodes(node("a", "linux/s390x")), "fail", "are linux/s390x", "skopeo copy --all"),
    ("registry.architecture", at_registry("holmes/holmes:1.1"), "fail", "is for linux/arm64, but", "skopeo copy"),
    ("registry.architecture", nodes(node("a"), node("b", "linux/s390x")), "warn", "b (linux/s390x)", "nodeSelector"),
    ("registry.architecture", nodes(node("a", unschedulable=True)), "not_checked", "No node takes", "nodeSelector"),
    ("registry.architecture", attributes(pod={"nodeSelector": {"x": "y"}}), "not_checked", "No node takes", "affinity"),
    ("registry.architecture", at_registry("holmes/holmes:9"), "not_checked", "No image of", "registry.image"),
    (
        "registry.architecture",
        lambda world: world.cluster.answers.update({NODES: forbidden("list nodes")}),
        "not_checked",
        "cannot list nodes",
        "Allow this account to list nodes",
    ),
    (
        "registry.architecture",
        lambda world: (at_registry("holmes/holmes:1.1")(world), world.server.blobs.clear())[0],
        "not_checked",
        "does not tell for which processor",
        "skopeo inspect",
    ),
]


@pytest.mark.parametrize(("check_id", "change", "status", "told", "fix"), CASES)
def test_each_fault_has_its_sentence(
    check_id: str, change: t.Callable[[World], None], status: str, told: str, fix: str, world: World
) -> None:
    world.server.blobs = dict(BLOBS)
    change(world)
    found = world.check(check_id)
    assert (found.status, told in found.message, fix in found.fix) == (status, True, True), found


def test_a_registry_that_takes_too_long_is_open_and_its_host_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_preflight_images, "_deadline", lambda _context: 0.1)
    monkeypatch.setattr(_preflight_images, "survey", lambda *_args: time.sleep(1))
    found = world.check("registry.reachable")
    assert (found.status, found.message) == ("not_checked", "No result within 0.1 s.")
    assert world.server.host in found.fix and "holmes_preflight_timeout" in found.fix


def test_every_check_fails_in_the_table() -> None:
    assert {check_id for check_id, _change, status, *_rest in CASES if status == "fail"} == set(IDS)


CERTIFICATES: list[tuple[dict[str, t.Any], str, str]] = [
    ({"days": -1.0}, "has expired", "Renew it"),
    ({"starts": 1.0}, "is not valid yet", "clock"),
    ({"address": "127.0.0.2"}, "is not for this name", "subject alternative name"),
]


@pytest.mark.parametrize(("issued", "told", "fix"), CERTIFICATES)
def test_each_fault_of_a_certificate(issued: dict[str, t.Any], told: str, fix: str, authority: Authority) -> None:
    with FakeRegistry(authority.issue(**issued), BASIC, CONTENT) as server:
        checks = {check.id: check for check in World(server, authority).checks()}
    assert checks["registry.reachable"].status == "fail"
    assert told in checks["registry.reachable"].message
    assert fix in checks["registry.reachable"].fix
    assert {checks[name].status for name in ("registry.login", "registry.image", "registry.architecture")} == {
        "not_checked"
    }
    assert "verif" not in checks["registry.reachable"].fix  # never to switch it off
