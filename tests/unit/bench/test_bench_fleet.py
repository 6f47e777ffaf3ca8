# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmark `fleet` runs in which order, and what it does not let pass as measured. No lab."""

from __future__ import annotations

import argparse
import json
import typing as t
from pathlib import Path

import pytest

from tests.bench import contenders, fleet, fleet_cli
from tests.bench.breakdown import Breakdown
from tests.bench.contenders import FRESH, NOOP, SITUATIONS, UPGRADE, Contender, Ours, Plain, Raw
from tests.bench.found import Found, Reading
from tests.bench.hosts import Hosts
from tests.bench.measure import Broken
from tests.bench.runs import Runner, surroundings
from tests.e2e.site_run import Site
from tests.unit.fixtures.bench_world import READINGS


class Cluster(Site):
    """A site that answers kubectl out of a mapping and notes what is deleted."""

    deployments: t.ClassVar[list[t.Any]] = []

    def kubectl(self, *arguments: str) -> str:
        return json.dumps({"items": self.deployments})


class Order(Runner):
    """Runs nothing and writes down what it should."""

    def __init__(self) -> None:
        super().__init__(Cluster("x", lambda _text: None), lambda _text: None)
        self.runs: list[str] = []

    def run(self, contender: Contender, situation: str, round_: int) -> Reading:
        self.runs.append(f"{situation}{round_} {contender.name}")
        return READINGS[0]

    def broken_down(self, contender: Contender, situation: str) -> Breakdown:
        self.runs.append(f"breakdown {situation} {contender.name}")
        return Breakdown(situation, contender.name, [])


def order(folder: Path, hosts: tuple[int, ...], runs: int, *situations: str) -> list[str]:
    runner, found = Order(), Found()
    wanted = fleet.Wanted(hosts, situations, ("raw", "plain", "ours"), "x", runs, 10)
    made = fleet._Fleet(wanted, runner, folder, found)
    for place, number in enumerate(hosts):
        made.at(number, bool(place % 2))
    assert len(found.readings) == sum(line.split("0")[0].split("1")[0] in situations for line in runner.runs)
    return runner.runs


def test_who_goes_first_changes_from_round_to_round(tmp_path: Path) -> None:
    runs = order(tmp_path, (2,), 3, NOOP, UPGRADE)
    turns = [" ".join(line.split()[-1] for line in runs[start : start + 3]) for start in range(0, len(runs), 3)]
    assert turns == ["raw plain ours", "ours plain raw", "raw plain ours", "ours plain raw", "ours plain raw"]
    assert [line.split()[0] for line in runs[::3]] == ["fresh0", "noop0", "noop0", "noop0", "upgrade1"]


def test_and_from_one_number_of_hosts_to_the_next(tmp_path: Path) -> None:
    runs = order(tmp_path, (2, 5), 1, FRESH)
    assert runs == [f"fresh0 {who}" for who in ("raw", "plain", "ours", "ours", "plain", "raw")]


def test_one_host_is_taken_apart_before_and_after_it_is_changed(tmp_path: Path) -> None:
    runs = order(tmp_path, (1,), 1, *SITUATIONS)
    apart = [place for place, line in enumerate(runs) if line.startswith("breakdown")]
    assert apart == [6, 7, 8, 12, 13, 14]
    assert runs[6] == "breakdown noop raw" and runs[14] == "breakdown fresh ours"


def test_two_benchmarks_do_not_share_a_lab(tmp_path: Path) -> None:
    sentence = f"another benchmark runs in the lab {tmp_path.name}"
    with fleet.alone(tmp_path), pytest.raises(Broken, match=sentence), fleet.alone(tmp_path):
        pass
    with fleet.alone(tmp_path):
        pass


def test_many_hosts_are_repeated_less() -> None:
    wanted = fleet.Wanted((1,), SITUATIONS, (), "x", 3, 10)
    assert [wanted.repeats(hosts) for hosts in (1, 2, 5, 10, 20)] == [3, 3, 2, 1, 1]


def report(**checks: list[str]) -> str:
    hosts = [{"host": host, "checks": [{"id": name} for name in names]} for host, names in checks.items()]
    return json.dumps({"hosts": hosts})


def ours(folder: Path) -> Ours:
    (folder / "report").mkdir()
    return Ours(Hosts(Cluster("x", lambda _text: None), folder, ("one",), folder / "c.tgz"), 1)


def told(made: Ours, situation: str, changed: int, text: str) -> None:
    (made.hosts.folder / "report" / "report.json").write_text(text)
    made.judge(situation, f"one : ok=9 changed={changed} failed=0")


def test_a_run_without_a_change_makes_the_same_checks(tmp_path: Path) -> None:
    made = ours(tmp_path)
    told(made, FRESH, 3, report(one=["a", "b", "b"]))
    told(made, NOOP, 0, report(one=["b", "a"]))
    with pytest.raises(Broken, match=r"one lacks \['b'\] and has \['c'\] more"):
        told(made, NOOP, 0, report(one=["a", "c"]))


@pytest.mark.parametrize(("situation", "changed"), [(FRESH, 0), (NOOP, 1), (UPGRADE, 0)])
def test_what_is_changed_fits_the_situation(tmp_path: Path, situation: str, changed: int) -> None:
    with pytest.raises(Broken, match=f"ours changed {changed} things in the situation {situation}"):
        told(ours(tmp_path), situation, changed, report(one=["a"]))


def test_by_hand_every_installation_answers(tmp_path: Path) -> None:
    made = Raw(Hosts(Cluster("x", lambda _text: None), tmp_path, ("one", "two"), tmp_path / "c.tgz"), 2)
    made.hosts.write("steps", "begin 1 1\n")
    made.judge(FRESH, '{"analysis": "1"}\n{"analysis": "2"}\n')
    assert made.steps == {FRESH: "begin 1 1\n"}
    with pytest.raises(Broken, match="1 of 2 installations answered"):
        made.judge(FRESH, '{"analysis": "1"}\n')


def deployment(name: str, mark: str = "0", **status: int) -> dict[str, t.Any]:
    env = [{"name": "OTHER", "valueFrom": {}}, {"name": "BENCH_ROUND", "value": mark}]
    return {
        "metadata": {"namespace": name, "generation": 3},
        "spec": {"template": {"spec": {"containers": [{"env": env}]}}},
        "status": {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, **status},
    }


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([], "no Deployment in one"),
        ([deployment("one", mark="1")], "one has BENCH_ROUND=1"),
        ([deployment("one", updatedReplicas=0)], "not 0 and one of each"),
    ],
)
def test_only_what_is_rolled_out_was_measured(
    tmp_path: Path, items: list[t.Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = Hosts(Cluster("x", lambda _text: None), tmp_path, ("one",), tmp_path / "c.tgz")
    monkeypatch.setattr(Cluster, "deployments", [deployment("one"), deployment("another", mark="7")])
    assert hosts.state(0) == {"one": 3}
    monkeypatch.setattr(Cluster, "deployments", items)
    with pytest.raises(Broken, match=sentence):
        hosts.state(0)


def test_files_of_a_contender_are_closed_to_others(tmp_path: Path) -> None:
    facts = {"SITE_REGISTRY": "r:5000", "SITE_REGISTRY_USERNAME": "u", "SITE_REGISTRY_PASSWORD": "secret-pass"}
    facts |= {"SITE_CA_FILE": "/lab/site/ca.crt", "SITE_CHARTS_URL": "https://charts"}
    hosts = Hosts(Cluster("x", lambda _text: None, facts), tmp_path, ("one", "two"), tmp_path / "c.tgz")
    for made in (Raw(hosts, 2), Plain(hosts, 2), Ours(hosts, 2)):
        assert "secret-pass" not in " ".join([*made.command(0), *made.env().values()])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()} == {0o600}
    values = json.loads(hosts.read("values.json"))
    assert values["image"] == "holmes:0.45.0-light" and values["registry"] == "r:5000/holmesgpt"


def test_what_is_measured_has_the_environment_of_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/x")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("KEPT", "yes")
    found = surroundings()
    assert found["KEPT"] == "yes" and not {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & set(found)


def test_lists_on_the_command_line() -> None:
    assert fleet_cli.numbers("1,5,20") == (1, 5, 20)
    assert fleet_cli.names(SITUATIONS)("noop,fresh") == ("noop", "fresh")
    for wrong in ("", "1,x", "0"):
        with pytest.raises(argparse.ArgumentTypeError, match="no list of numbers"):
            fleet_cli.numbers(wrong)
    with pytest.raises(argparse.ArgumentTypeError, match="'slow' is not known: choose from fresh, noop, upgrade"):
        fleet_cli.names(SITUATIONS)("noop,slow")


def test_unlike_names_the_host() -> None:
    assert contenders.unlike({"a": ["x"]}, {"a": ["x"], "b": ["y"]}) == "b lacks [] and has ['y'] more"
