# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers outside of the clusters are asked for several hosts of a run: the servers themselves count."""

from __future__ import annotations

import fcntl
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _preflight_certificates, _preflight_endpoint
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import run_all
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._shared import FAULT, Shared

from tests.doubles.model_server.local import running
from tests.unit.fixtures import tls_world
from tests.unit.fixtures.registry_certificates import Authority
from tests.unit.fixtures.registry_client import BLOBS, CONTENT
from tests.unit.fixtures.registry_pods import deployment
from tests.unit.fixtures.registry_preflight import World
from tests.unit.fixtures.registry_world import BASIC, BEARER, NONE, FakeRegistry, Reply, login
from tests.unit.fixtures.shared_folder import hosts_of_a_run
from tests.unit.fixtures.tls_world import HOST, SERVICE_HOST, Net, Pki, Wires
from tests.unit.fixtures.verify_world import HolmesServer
from tests.unit.plugins.module_utils import test_preflight_certificates as certificates
from tests.unit.plugins.module_utils import test_preflight_model as models


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return tls_world.make(tmp_path_factory.mktemp("pki"))


def alike(first: list[Check], second: list[Check], by: str) -> None:
    """The second host says the same, and who asked wherever the first one did."""
    assert [replace(one, seconds=0, evidence={}) for one in first] == [
        replace(one, seconds=0, evidence={}) for one in second
    ]
    for one, other in zip(first, second, strict=True):
        rest = {name: value for name, value in other.evidence.items() if name != "asked_by"}
        assert rest == one.evidence and "asked_by" not in one.evidence
        assert other.evidence.get("asked_by", by) == by


# The registry.


@dataclass
class RegistryCase:
    """A registry, and what is wrong with it or with the host's log-in and authorities."""

    auth: str = BASIC
    instead: dict[str, Reply] | None = None
    wrong: bool = False
    untrusted: bool = False


CASES = {
    "good": RegistryCase(),
    "token": RegistryCase(BEARER),
    "open": RegistryCase(NONE),
    "wrong log-in": RegistryCase(wrong=True),
    "wrong log-in at a token server": RegistryCase(BEARER, wrong=True),
    "no such image": RegistryCase(NONE, {"/v2/holmes/holmes/manifests": Reply(404)}),
    "busy": RegistryCase(NONE, {"/v2/": Reply(429)}),
    "no registry": RegistryCase(NONE, {"/v2/": Reply(200, b"<html>", {"Content-Type": "text/html"})}),
    "untrusted": RegistryCase(untrusted=True),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_registry_is_asked_by_the_first_host_only(case: RegistryCase, authority: Authority, tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    other = Authority(tmp_path / "other")
    with FakeRegistry(authority.issue(), case.auth, CONTENT, BLOBS, instead=case.instead or {}) as server:
        found = []
        for host in (a, b):
            world = World(server, authority)
            world.shared = host
            if case.wrong:
                world.secrets = {"made": {".dockerconfigjson": login(server.host, password="canary-wrong")}}
            if case.untrusted:
                world.ca_file = str(other.file)
            before = len(server.asked)
            found.append((world.checks(), len(server.asked) - before))
    (first, asked), (second, again) = found
    assert again == 0 and (asked > 0 or case.untrusted), server.asked
    alike(first, second, "a")
    (reachable,) = [check for check in second if check.id == "registry.reachable"]
    assert reachable.evidence["asked_by"] == "a"
    assert not case.wrong or sum(bool(given) for _path, given in server.asked) == 1, "or an account gets locked"


def test_another_password_is_another_question(authority: Authority, tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with FakeRegistry(authority.issue(), BASIC, CONTENT, BLOBS) as server:
        wrong, good = World(server, authority), World(server, authority)
        wrong.shared, good.shared = a, b
        wrong.secrets = {"made": {".dockerconfigjson": login(server.host, password="canary-wrong")}}
        assert wrong.statuses()["registry.login"] == "fail"
        assert good.statuses()["registry.login"] == "pass"


@pytest.mark.parametrize("auth", [BASIC, BEARER])
@pytest.mark.parametrize("at_once", [False, True])
def test_a_wrong_password_is_tried_once_for_all_images(
    authority: Authority, tmp_path: Path, auth: str, at_once: bool
) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with FakeRegistry(authority.issue(), auth, CONTENT, BLOBS) as server:
        worlds = []
        for host, tag in ((a, "1.0"), (b, "1.1")):
            world = World(server, authority)
            world.shared, world.image, world.timeout = host, f"{server.host}/holmes/holmes:{tag}", 20.0
            world.more = [deployment(f"{server.host}/holmes/other:{tag}", name="more", secrets=["made"])]
            world.secrets = {"made": {".dockerconfigjson": login(server.host, password="canary-wrong")}}
            worlds.append(world)
        with ThreadPoolExecutor(2 if at_once else 1) as pool:
            found = list(pool.map(World.statuses, worlds))
    assert [one["registry.login"] for one in found] == ["fail", "fail"]
    assert len(server.sent) == 1, "or an account gets locked"


def test_a_refused_log_in_holds_for_the_whole_run_and_a_fault_for_a_moment(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    true, later = time.monotonic, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: true() + later)
    with FakeRegistry(authority.issue(), BASIC, CONTENT, BLOBS) as server:
        wrong, mended = World(server, authority), World(server, authority)
        wrong.secrets = {"made": {".dockerconfigjson": login(server.host, password="canary-wrong")}}
        wrong.shared = mended.shared = a
        server.instead = {"/v2/": Reply(500)}
        assert mended.statuses()["registry.reachable"] == "fail"
        server.instead = {}
        later = FAULT + 10
        mended.shared = b
        assert set(mended.statuses().values()) == {"pass"}, "the fault is gone"
        assert wrong.statuses()["registry.login"] == "fail"
        before = len(server.sent)
        later = 86400
        wrong.shared = b
        assert wrong.statuses()["registry.login"] == "fail" and len(server.sent) == before


def never_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another host were stuck in each question."""

    def taken(*_given: t.Any) -> None:
        raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", taken)


def test_after_waiting_for_one_that_is_stuck_there_is_time_to_ask_a_registry(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (host,) = hosts_of_a_run(tmp_path, "a")
    never_free(monkeypatch)
    with FakeRegistry(authority.issue(), BASIC, CONTENT, BLOBS) as server:
        world = World(server, authority)
        world.shared, world.timeout = host, 4.0
        assert set(world.statuses().values()) == {"pass"}


# The model server.


def outside(context: Context, url: str) -> models.FoundWay:
    """As to a server by its own URL."""
    return replace(models.straight(context, url), endpoint="model.example:8000")


def asked(
    shared: Shared, double: t.Any, find: t.Any = outside, key: str = "", **more: t.Any
) -> tuple[list[Check], int]:
    """The checks of a host, and how many requests came to the model server for them."""
    before = len(double.requests())
    entry = models.model(double.url, **({"api_key": key} if key else {}), **more)
    checks = models.run(models.context({"main": entry}, shared=shared), "quick", find)
    return checks, len(double.requests()) - before


@pytest.mark.parametrize("faults", [{}, {"no_auto_tools": {}}, {"http_500": {"match": "/v1/"}}, {"refuse_strict": {}}])
def test_a_model_server_is_asked_by_the_first_host_only(tmp_path: Path, faults: dict[str, t.Any]) -> None:
    a, b, c = hosts_of_a_run(tmp_path, "a", "b", "c")
    with running() as double:
        double.faults(**faults)
        first, number = asked(a, double)
        second, none = asked(b, double)
        third, more = asked(c, double, key="canary-other")
    assert number > 0 and none == 0 and more == number
    alike(first, second, "a")
    assert {check.evidence.get("endpoint") for check in first if check.id != "llm.key"} == {"model.example:8000"}
    assert models.entry.learned(first) == models.entry.learned(second)


def test_a_model_server_in_the_cluster_is_asked_by_each_host(tmp_path: Path) -> None:
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with running() as double:
        first, second = (asked(host, double, models.straight)[1] for host in (a, b))
    assert first == second > 0


# Addresses, certificates, clocks.


def looked(context: Context, net: Net, wires: Wires) -> tuple[list[Check], list[str]]:
    """Every check of certificates and addresses, and where connections went."""
    net.dialled.clear()
    found = run_all([*_preflight_certificates.tasks(context, wires), *_preflight_endpoint.tasks(context, wires)])
    return found, sorted(net.dialled)


@pytest.mark.parametrize("shown", ["good", "expired", "stranger"])
def test_servers_outside_are_looked_at_once(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, tmp_path: Path, shown: str
) -> None:
    net = Net().install(monkeypatch)
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with HolmesServer({}, tls=pki.both(shown)) as server:
        given = certificates.world("tls.model_server", net, pki, server.port, "root")
        given = replace(given, chart_repo_url=f"https://{HOST}/charts")
        first, dialled = looked(replace(given, shared=a), net, Wires(1, "refused"))
        second, again = looked(replace(given, shared=b), net, Wires(1, "refused"))
        other = {**given.values, "certificate": pki.value("root", "foreign")}
        _third, more = looked(replace(given, shared=b, values=other), net, Wires(1, "refused"))
    assert {certificates.REGISTRY, f"{HOST}:443", f"{HOST}:8000"} <= set(dialled)
    assert set(again) <= {"127.0.0.1:1", "127.0.0.1:6443"}, "only what belongs to the cluster"
    assert f"{HOST}:8000" in more, "another trust is another question"
    assert [(one.id, one.status, one.message) for one in first] == [(one.id, one.status, one.message) for one in second]
    told = {one.id for one in second if one.evidence.get("asked_by") == "a"}
    assert told == {"tls.registry", "tls.chart_repository", "tls.model_server", "llm.endpoint"}
    for check in first:
        if check.id in told:
            assert check.evidence["endpoint"] in (certificates.REGISTRY, f"{HOST}:443", f"{HOST}:8000")


def test_after_waiting_for_one_that_is_stuck_there_is_time_to_look(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, tmp_path: Path
) -> None:
    net = Net().install(monkeypatch)
    (host,) = hosts_of_a_run(tmp_path, "a")
    never_free(monkeypatch)
    with HolmesServer({}, tls=pki.both("good")) as server:
        given = certificates.world("tls.model_server", net, pki, server.port, "root")
        found, _dialled = looked(replace(given, shared=host), net, Wires(1, "refused"))
    assert not [one for one in found if "No result" in one.message]
    assert {one.status for one in found if one.id in ("tls.registry", "tls.model_server")} == {"pass"}


@pytest.mark.parametrize("doubting_first", [True, False])
def test_a_host_that_cannot_know_whom_its_pods_trust_does_not_speak_for_one_that_does(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, tmp_path: Path, doubting_first: bool
) -> None:
    net = Net().install(monkeypatch)
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with HolmesServer({}, tls=pki.both("stranger")) as server:
        sure = certificates.world("tls.model_server", net, pki, server.port, "root")
        lax = {**sure.values, "additionalEnvVars": [{"name": "SSL_VERIFY", "value": "false"}]}
        unsure = replace(sure, registry_ca_file="", values=lax)
        given = [unsure, sure] if doubting_first else [sure, unsure]
        found = [looked(replace(one, shared=host), net, Wires(1, "refused"))[0] for one, host in zip(given, (a, b))]
    judged = [{one.id: one.status for one in checks} for checks in found]
    doubted, known = judged if doubting_first else judged[::-1]
    for check_id in ("tls.registry", "tls.model_server", "llm.endpoint"):
        assert (doubted[check_id], known[check_id]) == ("not_checked", "fail")


def test_a_service_of_the_cluster_is_looked_at_by_each_host(
    monkeypatch: pytest.MonkeyPatch, pki: Pki, tmp_path: Path
) -> None:
    net = Net().install(monkeypatch)
    a, b = hosts_of_a_run(tmp_path, "a", "b")
    with HolmesServer({}, tls=pki.both("good")) as server:
        values = certificates.model(f"https://{SERVICE_HOST}:8000/v1", "root", pki=pki)
        opened = []
        for host in (a, b):
            wires = Wires(server.port)
            given = certificates.context(answers=certificates.INSIDE, values=values, shared=host)
            found, _dialled = looked(given, net, wires)
            opened.append(len(wires.targets))
            assert not any(
                "asked_by" in one.evidence or "endpoint" in one.evidence for one in found if "model" in one.id
            )
    assert opened[0] == opened[1] > 0
