# SPDX-License-Identifier: GPL-3.0-or-later
"""How the checks about images go about it: what is asked, how often, with which log-in."""

from __future__ import annotations

import socket
import time
import typing as t
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_images import IDS

from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import BLOBS, CONTENT, INDEX, WRONG, free_port
from tests.unit.fixtures.registry_pods import deployment
from tests.unit.fixtures.registry_preflight import (
    NAMESPACE,
    NODES,
    World,
)
from tests.unit.fixtures.registry_world import (
    BASIC,
    BEARER,
    NONE,
    FakeRegistry,
    Reply,
    basic,
    digest,
    login,
)
from tests.unit.fixtures.verify_world import FakeCluster, forbidden


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


@pytest.mark.parametrize("auth", [NONE, BASIC, BEARER])
def test_all_is_well(auth: str, world: World) -> None:
    world.server.auth = auth
    found = {check.id: check for check in world.checks()}
    assert {check_id: check.status for check_id, check in found.items()} == dict.fromkeys(IDS, "pass")
    rows = [{"image": world.image, "digest": digest(INDEX), "platforms": ["linux/amd64", "linux/arm64/v8"]}]
    assert found["registry.image"].evidence["images"] == rows
    reachable = found["registry.reachable"].message
    assert "not from the nodes" in reachable
    assert world.ca_file in reachable
    told = "wants no log-in" if auth == NONE else "accepts the log-in of Secret made"
    assert told in found["registry.login"].message


def test_a_port_where_nothing_listens(world: World) -> None:
    world.image = f"127.0.0.1:{free_port()}/holmes/holmes:1.0"
    found = world.check("registry.reachable")
    assert (found.status, "connection refused" in found.message, "port" in found.fix) == ("fail", True, True)


def test_a_name_that_only_nodes_may_know(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: t.Any, **_kwargs: t.Any) -> t.Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    world.image = "registry.site:5000/holmes/holmes:1.0"
    found = {check.id: check.status for check in world.checks()}
    # The Secret's entry is for another host: a limitation, as nobody knows whether a log-in is wanted.
    assert found == {**dict.fromkeys(IDS, "not_checked"), "registry.pull_secret": "warn"}


def test_plain_http(authority: Authority) -> None:
    with FakeRegistry(None, BASIC, CONTENT) as server:
        found = World(server, authority).statuses()
        assert (found["registry.reachable"], found["registry.login"], found["registry.image"]) == (
            "warn",
            "not_checked",
            "not_checked",
        )
        assert server.sent == []
        server.auth = NONE
        found = World(server, authority).statuses()
        assert (found["registry.reachable"], found["registry.image"]) == ("warn", "pass")


def account(*names: str) -> dict[str, t.Any]:
    return {"kind": "ServiceAccount", "metadata": {"name": "holmes"}, "imagePullSecrets": [{"name": n} for n in names]}


def test_pull_secrets_of_the_account(world: World) -> None:
    """Taken by Kubernetes for a pod that names none; those in the cluster, if the chart gives none."""
    path = f"{NAMESPACE}/serviceaccounts/holmes"
    world.named = []
    world.more = [account("made")]
    assert world.statuses()["registry.login"] == "pass"
    world.more = [account()]
    assert world.statuses()["registry.login"] == "not_checked"
    world.cluster.answers[path] = account("made")
    assert world.statuses()["registry.login"] == "pass"
    world.cluster.answers[path] = forbidden("get serviceaccounts")
    found = world.check("registry.pull_secret")
    assert (found.status, "get serviceaccounts in namespace holmes" in found.fix) == ("not_checked", True)
    assert "registry.pull_secret" in world.check("registry.login").fix
    world.named = ["made"]
    assert world.check("registry.pull_secret").status == "pass"


def test_a_secret_of_another_namespace_is_not_ours(world: World) -> None:
    world.more = [deployment(world.image, name="other", secrets=["made"])]
    world.more[0]["metadata"]["namespace"] = "elsewhere"
    found = [check for check in world.checks() if check.id == "registry.pull_secret"]
    assert [check.status for check in found] == ["fail", "pass"]
    assert "in namespace elsewhere" in found[0].message


@pytest.mark.parametrize(("instead", "status"), [({}, "pass"), ({"/v2/holmes": Reply(429)}, "warn")])
def test_an_entry_that_nobody_may_need(instead: dict[str, Reply], status: str, world: World) -> None:
    world.server.auth, world.server.instead = NONE, instead
    world.secrets["made"] = {".dockerconfigjson": login("registry.other")}
    assert world.check("registry.pull_secret").status == status


def test_a_second_log_in_is_tried(world: World) -> None:
    world.named = ["stale", "made"]
    host = world.server.host
    world.secrets["stale"] = {".dockerconfigjson": login(f"{host}/holmes", password=WRONG.password)}
    assert world.statuses()["registry.login"] == "pass"
    assert world.server.sent[0] == basic(password=WRONG.password)  # the longer key comes first


def test_each_image_is_asked_for_once(world: World) -> None:
    world.more = [deployment(world.image, name=f"more-{number}", secrets=["made"]) for number in range(5)]
    assert set(world.statuses().values()) == {"pass"}
    assert len([path for path, _given in world.server.asked if "manifests" in path]) == 2  # 401, then with the log-in
    assert len([path for path, _given in world.server.asked if path == "/v2/"]) == 1


def test_two_registries_are_asked_at_the_same_time(tls: Path, world: World) -> None:
    with (
        FakeRegistry(tls, NONE, CONTENT, silent="/v2/") as mute,
        FakeRegistry(tls, NONE, CONTENT, silent="/v2/") as two,
    ):
        world.timeout = 1.0
        world.more = [deployment(f"{host}/holmes/holmes:1.0", name=host) for host in (mute.host, two.host)]
        started = time.monotonic()
        found = [(check.id, check.status) for check in world.checks() if check.id in list(IDS)[1:]]
        assert time.monotonic() - started < 1.9
    silent = [("registry.reachable", "fail"), *((name, "not_checked") for name in list(IDS)[2:])]
    assert found == [(name, "pass") for name in list(IDS)[1:]] + silent * 2


def test_a_registry_that_falls_silent_costs_one_timeout(world: World) -> None:
    world.server.silent, world.timeout = "/v2/holmes/", 0.5
    world.more = [deployment(f"{world.server.host}/holmes/more:{number}", secrets=["made"]) for number in range(4)]
    found = world.check("registry.image")
    assert (found.status, found.message.count("no answer within")) == ("fail", 5)


def test_without_a_cluster_the_registry_is_asked_all_the_same(world: World) -> None:
    gone = KubeError("The API server did not answer.", fix="Start it.")
    world.cluster = FakeCluster(dict.fromkeys([NODES, f"{NAMESPACE}/secrets/made"], gone))
    found = world.statuses()
    assert (found["registry.image"], found["registry.architecture"]) == ("pass", "not_checked")
    world.secrets = {}
    assert world.check("registry.pull_secret").status == "not_checked"


def test_a_secret_that_something_may_copy_into_a_new_namespace(world: World) -> None:
    world.secrets = {}
    del world.cluster.answers[NAMESPACE]
    found = world.check("registry.pull_secret")
    assert (found.status, "does not exist yet" in found.message) == ("not_checked", True)


def test_an_illegal_reference(world: World) -> None:
    world.image = "https://registry.site/holmes"
    found = world.check("registry.image")
    assert (found.status, "no legal reference" in found.message) == ("fail", True)


def test_an_unusable_ca_file(world: World, tmp_path: Path) -> None:
    world.ca_file = str(tmp_path / "none.pem")
    found = world.check("registry.reachable")
    assert (found.status, "does not exist" in found.message) == ("fail", True)


def test_nothing_is_changed(world: World) -> None:
    world.secrets = {}
    world.checks()
    assert set(world.cluster.asked) == {
        f"{NODES}?",
        f"{NAMESPACE}?",
        f"{NAMESPACE}/secrets/made?",
    }  # and it can only read
