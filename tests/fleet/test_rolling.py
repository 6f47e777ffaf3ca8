# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts in one run: nobody waits for others, shared servers are asked once, a canary, the hosts to run again for.

What was asked is counted by the servers themselves, what was changed by kubectl.
"""

from __future__ import annotations

import copy
import json
import typing as t
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.observing import behind_the_gap
from tests.e2e.site_run import Place, Run, Vars

Report = dict[str, t.Any]
HEALTHY = ("d", "e", "f")


class Fleet:
    """Hosts with namespaces of their own, and servers at the edge of the site."""

    def __init__(self, place: Place, ports: dict[str, int]) -> None:
        self.place, self.site, self.ports = place, place.site, ports
        self.kube = kubeconfig(place)

    def hosts(self, **changes: Vars) -> dict[str, Vars]:
        """Each with its own variables beside a namespace."""
        own = {name: f"{self.place.namespace}-{name}" for name in changes}
        return {
            name: {"holmes_namespace": own[name], "holmes_release_name": own[name], **changes[name]} for name in changes
        }

    def play(self, playbook: str, hosts: dict[str, Vars], *arguments: str, **changes: t.Any) -> Run:
        url = f"http://{self.site.facts['SITE_ADDRESS']}:{self.ports['model']}/v1"
        outside: Vars = {"holmes_llm_service": {}, "holmes_llm_api_base": url}
        given = self.place.variables(holmes_report_dir=str(self.reports), **outside, **changes)
        return self.site.play_hosts(self.place.folder, playbook, given, hosts, *arguments)

    @property
    def reports(self) -> Path:
        return self.place.folder / "reports"

    def report(self) -> dict[str, Report]:
        found = json.loads((self.reports / "report.json").read_text())
        return {host["host"]: host for host in found["hosts"]}

    def shared(self) -> list[Report]:
        found: list[Report] = json.loads((self.reports / "report.json").read_text())["shared"]
        return found

    def kubeconfig(self, name: str, port: int = 0, ca: str = "") -> str:
        """A file for the same cluster by another way, or with another authority."""
        found = copy.deepcopy(self.kube)
        cluster = found["clusters"][0]["cluster"]
        if port:
            cluster["server"] = f"https://127.0.0.1:{port}"
        if ca:
            cluster["certificate-authority-data"] = b64encode(Path(ca).read_bytes()).decode()
        path = self.place.folder / f"kubeconfig-{name}"
        path.write_text(json.dumps(found), encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def asked(self) -> list[str]:
        """What the model server was asked since the last time, by its own log."""
        url = f"http://127.0.0.1:{self.ports['admin']}/double/requests"
        found = json.loads(self.site.exec("curl", "--silent", "--fail", url).stdout)["requests"]
        self.site.exec("curl", "--silent", "--fail", "--request", "DELETE", url)
        return sorted(f"{one['method']} {one['path']}" for one in found)

    def at_registry(self, path: str) -> int:
        """How many requests our checks made below a path of the registry, by its log."""
        log = Path(self.site.facts["SITE_CA_FILE"]).parents[1] / "log" / "registry.log"
        return sum(f'"GET {path}' in line and "holmesgpt-onprem" in line for line in log.read_text().splitlines())


def kubeconfig(place: Place) -> dict[str, t.Any]:
    found: dict[str, t.Any] = json.loads(place.site.kubectl("config", "view", "--raw", "-o", "json"))
    return found


@pytest.fixture
def fleet(place: Place) -> t.Iterator[Fleet]:
    server = urlsplit(kubeconfig(place)["clusters"][0]["cluster"]["server"])
    with behind_the_gap(place.site, "tests.fleet.edge", str(server.hostname), str(server.port)) as ports:
        yield Fleet(place, ports)


def test_nobody_waits_for_others_and_the_model_server_is_asked_once(fleet: Fleet) -> None:
    alone = fleet.play("playbooks/preflight.yml", fleet.hosts(d={}))
    assert alone.code == 0, alone.output
    of_one = fleet.asked()
    assert of_one.count("POST /v1/chat/completions") >= 3

    hosts = fleet.hosts(
        **{
            "a-bad-ca": {"holmes_kubeconfig": fleet.kubeconfig("bad", ca=fleet.site.facts["SITE_CA_FILE"])},
            "b-silent": {"holmes_kubeconfig": fleet.kubeconfig("silent", fleet.ports["silent"])},
            "c-slow": {"holmes_kubeconfig": fleet.kubeconfig("slow", fleet.ports["slow"])},
            **{name: {} for name in HEALTHY},
        }
    )
    run = fleet.play("playbooks/preflight.yml", hosts)
    assert run.code != 0
    report = fleet.report()
    bad = {name for name, host in report.items() if host["verdict"] == "not_ready"}
    assert bad == {"a-bad-ca", "b-silent"}
    ended = {name: host["ended"] for name, host in report.items()}
    # Whoever waits at each step for all comes to the end of none before the silent one has used up its 40 s.
    assert ended["a-bad-ca"] < ended["b-silent"], ended
    assert sum(ended[name] < ended["b-silent"] for name in HEALTHY) >= 2, ended
    assert min(ended[name] for name in HEALTHY) < ended["c-slow"], ended
    assert fleet.asked() == of_one, "four hosts asked for what one asks"
    by = {
        (name, check["evidence"].get("asked_by"))
        for name in ("c-slow", *HEALTHY)
        for check in report[name]["checks"]
        if check["id"] in ("llm.tool_call", "llm.endpoint", "registry.image", "tls.registry")
    }
    assert len({host for host, who in by if who}) >= 3 and {who for _host, who in by if who} <= {*HEALTHY, "c-slow"}
    assert (fleet.reports / "retry.txt").read_text().split() == ["a-bad-ca", "b-silent"]


def test_a_fault_of_the_registry_is_asked_for_and_told_once(fleet: Fleet) -> None:
    path = f"{fleet.place.namespace}/nowhere"
    missing = {"holmes_image_registry": f"{fleet.site.facts['SITE_REGISTRY']}/{path}"}
    assert fleet.play("playbooks/preflight.yml", fleet.hosts(d={}), **missing).code != 0
    of_one = fleet.at_registry(f"/v2/{path}/")
    run = fleet.play("playbooks/preflight.yml", fleet.hosts(d={}, e={}, f={}), **missing)
    assert of_one > 0 and fleet.at_registry(f"/v2/{path}/") == 2 * of_one
    (fault,) = fleet.shared()
    assert (fault["id"], fault["endpoint"]) == ("registry.image", fleet.site.facts["SITE_REGISTRY"])
    assert fault["hosts"] == list(HEALTHY)
    told = run.output.partition("PLAY RECAP")[2]
    assert told.count(fault["message"][:40]) == 1 and told.count("NOT READY [1]") == 3
    assert f"[1] registry.image at {fault['endpoint']}, shared by 3 of 3 hosts:" in told


def test_after_a_failed_canary_nothing_is_touched_and_the_rest_is_one_command(fleet: Fleet) -> None:
    hosts = fleet.hosts(a={"holmes_image": "holmes:0.99.0"}, b={})
    serial = ("-e", json.dumps({"holmes_serial": [1, "100%"]}))
    try:
        assert fleet.play("site.yml", hosts, *serial).code != 0
        report = fleet.report()
        assert [check["id"] for check in report["b"]["checks"]] == ["run.not_begun"]
        there = fleet.site.kubectl("get", "namespaces", "-o", "name")
        assert not any(f"namespace/{own['holmes_namespace']}" in there.split() for own in hosts.values())
        retry = fleet.reports / "retry.txt"
        assert retry.read_text().split() == ["a", "b"]
        run = fleet.play("site.yml", fleet.hosts(a={}, b={}), *serial, "--limit", f"@{retry}")
        assert run.code == 0, run.output
        assert {name: host["verdict"] != "not_ready" for name, host in fleet.report().items()} == {"a": True, "b": True}
        assert not retry.exists()
    finally:
        for own in hosts.values():
            space = own["holmes_namespace"]
            fleet.site.exec("helm", "uninstall", space, "-n", space, "--ignore-not-found", check=False)
            fleet.site.kubectl("delete", "namespace", space, "--ignore-not-found", "--wait=false")
