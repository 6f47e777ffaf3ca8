# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker and Podman as providers: only the choice and the command lines; no daemon is in reach of these tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab.cache import Cache
from lab.engine import Engine, EngineProvider
from lab.errors import LabError
from lab.providers import Engines, choose, provider
from lab.state import Lab

BOTH = Engines(lambda engine: True, lambda engine, image: True)
NONE = Engines(lambda engine: False, lambda engine, image: False)
PODMAN = Engines(lambda engine: engine == "podman", lambda engine, image: True)
NO_IMAGE = Engines(lambda engine: True, lambda engine, image: False)

CHOICES = [
    ("auto", "auto", BOTH, ("docker", "")),
    ("auto", "auto", PODMAN, ("podman", "")),
    ("auto", "auto", NONE, ("private", "")),
    ("auto", "auto", NO_IMAGE, ("private", "")),
    ("auto", "build", BOTH, ("private", "")),
    ("auto", "kindest/node:x", BOTH, ("docker", "kindest/node:x")),
    ("private", "auto", BOTH, ("private", "")),
    ("private", __file__, BOTH, ("private", __file__)),
    ("auto", __file__, BOTH, ("private", __file__)),
    ("podman", "auto", BOTH, ("podman", "")),
]


@pytest.mark.parametrize(("wanted", "image", "engines", "expected"), CHOICES)
def test_choice(wanted: str, image: str, engines: Engines, expected: tuple[str, str]) -> None:
    assert choose(wanted, image, engines) == expected


REFUSALS = [
    ("docker", "auto", NONE, "docker does not answer: install and start it"),
    ("docker", "build", BOTH, "take --provider private with --node-image build"),
    ("podman", "auto", NO_IMAGE, "podman cannot pull docker.io/kindest/node:"),
    ("private", "kindest/node:x", BOTH, "give kindest/node:x as an archive"),
    ("auto", "kindest/node:x", NONE, "leave --node-image away"),
]


@pytest.mark.parametrize(("wanted", "image", "engines", "sentence"), REFUSALS)
def test_refusals(wanted: str, image: str, engines: Engines, sentence: str) -> None:
    with pytest.raises(LabError, match=sentence):
        choose(wanted, image, engines)


@pytest.fixture
def docker_lab() -> Lab:
    return Lab("dev", 3, 1, "docker")


def test_services_run_in_containers_of_the_sites_network(docker_lab: Lab, tmp_path: Path) -> None:
    engine = Engine("docker", docker_lab, tmp_path, tmp_path)
    argv = engine.argv(["nginx", "-c", "/lab/site/nginx.conf"], "--detach")
    assert argv[:2] == ["docker", "run"]
    assert "--network=container:holmes-onprem-lab-dev" in argv
    assert f"--volume={tmp_path}:/lab" in argv
    assert argv[-3:] == ["docker.io/library/nginx:1.28-alpine", "-c", "/lab/site/nginx.conf"]
    assert engine.argv(["kind", "version"]) == ["kind", "version"]


def test_kind_is_told_the_network(docker_lab: Lab, tmp_path: Path) -> None:
    environment = Engine("docker", docker_lab, tmp_path, tmp_path).environment()
    assert environment["KIND_EXPERIMENTAL_PROVIDER"] == "docker"
    assert environment["KIND_EXPERIMENTAL_DOCKER_NETWORK"] == "holmes-onprem-lab-dev"


DOUBLE = """\
#!/bin/sh
# a double of docker: writes down what it is asked
echo "$0 $*" >>"$CALLS"
case "$1" in
  ps) case "$*" in *kind.cluster*) echo node1 ;; esac ;;
  inspect) echo 4711 ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("docker", "kind"):
        program = cache.bin / name
        program.write_text(DOUBLE)
        program.chmod(0o755)
    written = tmp_path / "calls"
    written.touch()
    monkeypatch.setenv("CALLS", str(written))
    monkeypatch.setenv("PATH", f"{cache.bin}:/usr/bin:/bin")
    return written


def test_network_has_no_route_out(docker_lab: Lab, cache: Cache, calls: Path) -> None:
    engine = Engine("docker", docker_lab, cache.labs / "dev", cache.bin)
    engine.create_network()
    network, site = calls.read_text().splitlines()
    assert " network create --internal --subnet=10.201.3.0/24 --gateway=10.201.3.1 holmes-onprem-lab-dev" in network
    assert " --network=holmes-onprem-lab-dev --ip=10.201.3.250 " in site
    assert " --network-alias=registry.site.internal " in site
    assert engine.site_pid() == 4711


def test_down_removes_containers_network_and_state(docker_lab: Lab, cache: Cache, calls: Path) -> None:
    found = provider(cache, docker_lab)
    assert isinstance(found, EngineProvider)
    found.files.state.mkdir()
    found.down()
    done = calls.read_text()
    assert " rm --force --volumes node1\n" in done
    assert " network rm holmes-onprem-lab-dev\n" in done
    assert not found.files.state.exists()
    found.down()


def test_nodes_get_a_route_to_the_site(
    docker_lab: Lab, cache: Cache, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = EngineProvider(cache, docker_lab)
    found.files.logs.mkdir(parents=True)
    found.files.site.mkdir()
    (cache.bin / "kubectl").touch()
    monkeypatch.setattr(found.site, "prepare", lambda: None)
    monkeypatch.setattr(found.site, "start", lambda: None)
    monkeypatch.setattr(found.cluster, "log_dns", lambda: None)
    monkeypatch.setattr(found.cluster, "wait", lambda log: None)
    found.files.kubeconfig.touch()
    found.up("")
    config = json.loads((found.files.state / "kind.json").read_text())
    for node in config["nodes"]:
        mounts = {mount["containerPath"]: mount["hostPath"] for mount in node["extraMounts"]}
        route = mounts["/etc/systemd/system/kubelet.service.d/20-default-route.conf"]
        assert "ip route add default via 10.201.3.250" in Path(route).read_text()
    done = calls.read_text()
    assert " create cluster --name dev --image docker.io/kindest/node:v1.37.0@sha256:" in done
    assert " get kubeconfig --internal --name dev\n" in done
