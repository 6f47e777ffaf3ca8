# SPDX-License-Identifier: GPL-3.0-or-later
"""One host of the report: what is cleaned out, phases, exceptions, hosts that never came to their report."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import one_line, printable, secrets_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._finish import Finish, result_message
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import INCOMPLETE, UNREACHABLE
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step, worst
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._watch import Play, Watch, latest

from tests.unit.fixtures import report_fleet as fleet

CANARY = "hunter2-canary-8d1f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07x", "x"),
        ("a\x00b\x7f\x9bc", "abc"),
        ("two\nlines\tand 서울", "two\nlines\tand 서울"),
        ("a\u202eb\u2066c\ud800", "abc"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_one_line_is_masked_and_cut() -> None:
    assert one_line("a\n b  password=hunter2 c") == "a b password=*** c"
    assert len(one_line("word " * 500)) == 600


def test_secrets_are_found_in_variables() -> None:
    found = secrets_of(
        {
            "holmes_secrets": {"key": CANARY, "none": "none", "short": "abc"},
            "holmes_registry_password": "registry-pass",
            "holmes_kubeconfig": {"users": [{"name": "not-secret", "user": {"token": "kube-token"}}]},
            "holmes_namespace": "holmes",
        }
    )
    assert found == (CANARY, "kube-token", "registry-pass")


def test_known_secrets_and_what_looks_like_one_never_show() -> None:
    bearer = "Bearer abcdef0123456789"
    leaky = fleet.check(
        "verify",
        "verify.logs",
        "t",
        "fail",
        f"it said {CANARY} and {bearer}",
        fix=f"use {CANARY}",
        evidence={"deep": [{"line": f"x={CANARY}"}, bearer], CANARY: 1},
    )
    text = json.dumps(fleet.fragment("seoul", [leaky], secrets=(CANARY,)))
    assert CANARY not in text and "abcdef0123456789" not in text


def test_a_fix_may_show_how_a_reference_is_written() -> None:
    written = "Set holmes_llm_api_key: {secret: NAME, key: KEY}."
    kept = fleet.fragment("seoul", [fleet.check("values", "values.x", "t", "fail", "m", fix=written)])
    assert kept["checks"][0]["fix"] == written


def test_types_of_ansible_become_plain() -> None:
    class Text(str):
        pass

    made = fleet.fragment(
        "seoul", [fleet.check("verify", "a.b", "t", "pass", Text("m"), evidence={"x": (1, {2: Text("y")})})]
    )
    assert type(made["checks"][0]["message"]) is str
    assert made["checks"][0]["evidence"] == {"x": [1, {"2": "y"}]}


@pytest.mark.parametrize(
    ("step", "phase"),
    [
        ("Chart repository | Pull the chart", "values"),
        ("holmesgpt.onprem.holmes : Values | Generate and validate", "values"),
        ("Host | Helm and the API server", "preflight"),
        ("Preflight | Nothing stands against it", "preflight"),
        ("Secrets | Namespace", "release"),
        ("Release | Install or upgrade", "release"),
        ("Absent | Remove the release", "release"),
        ("Verify | It is as meant", "verify"),
        ("Work folder | Create a private folder", ""),
        ("Gathering Facts", ""),
        ("", ""),
    ],
)
def test_phase_of_step(step: str, phase: str) -> None:
    assert phase_of_step(step) == phase


def statuses(fragment: t.Any) -> dict[str, str]:
    return {phase["name"]: phase["status"] for phase in fragment["phases"]}


def test_phases() -> None:
    assert worst([]) == "not_run" and worst(["pass", "not_checked", "warn"]) == "warn"
    found = statuses(fleet.fragment("seoul", fleet.good()))
    assert found == {"values": "pass", "preflight": "warn", "release": "pass", "verify": "pass"}
    skipped = fleet.fragment("seoul", [])["phases"]
    assert [phase["seconds"] for phase in skipped] == [None] * 4, "tasks that were skipped take time as well"
    found = statuses(fleet.fragment("seoul", fleet.good(), failed_step="Release | Install or upgrade"))
    assert found["release"] == "fail", "a step failed that is no check"


@pytest.mark.parametrize(
    ("check", "subject", "given", "name", "reason"),
    [
        ("llm.latency", "llm.latency", {"llm.latency": "slow GPU"}, "llm.latency", "slow GPU"),
        ("render.rbac", "Role/x", {"render.rbac:Role/x": "spark"}, "render.rbac:Role/x", "spark"),
        ("render.rbac", "Role/x", {"render.rbac": "all of it"}, "render.rbac", "all of it"),
        ("render.rbac", "Role/x", {}, "render.rbac:Role/x", "as told"),
    ],
)
def test_exceptions_in_use(check: str, subject: str, given: dict[str, str], name: str, reason: str) -> None:
    used = fleet.check("values", check, "t", "warn", "Accepted (as told): m.", evidence={"accepted": [subject]})
    found = fleet.fragment("seoul", [used, used], exceptions={**given, "values.other": "not needed"})["exceptions"]
    assert found == [{"name": name, "reason": reason, "check": check}]


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def watch(*hosts: str, ours: bool = True) -> tuple[Watch, Clock]:
    clock = Clock()
    made = Watch(lambda: f"2026-05-04T09:30:{int(clock.seconds):02}Z", clock)
    made.plays.append(Play(list(hosts), ours))
    return made, clock


def result(made: Watch, told: list[t.Any], lost: set[str], seen: set[str]) -> dict[str, t.Any]:
    return {
        one["host"]: one
        for one in made.result(
            told, lost, seen, lambda host, text: text.replace(f"secret-of-{host}", "***"), "2.21", False
        )
    }


def test_seconds_of_phases_add_up_and_hosts_are_apart() -> None:
    made, clock = watch("a", "b")
    for task, name, seconds in (("1", "Chart | x", 2), ("2", "r : Values | y", 3), ("3", "Work folder | z", 5)):
        for host in ("a", "b"):
            made.begins(host, task, name)
        clock.seconds += seconds
        made.ends("a", task)
    found = result(made, [fleet.fragment("a", fleet.good())], set(), {"a", "b"})
    assert found["a"]["started"] == "2026-05-04T09:30:00Z"
    assert found["a"]["phases"][0] == {"name": "values", "status": "pass", "seconds": 5}
    assert found["a"]["phases"][1]["seconds"] is None
    assert list(found) == ["a"], "b failed nowhere: the role had nothing to do there"


def test_hosts_without_a_report_are_told_with_what_ansible_said() -> None:
    made, _clock = watch("dead", "half", "rescued", "late", "ok")
    made.breaks("dead", UNREACHABLE, "no\nroute  password=hunter2 secret-of-dead", "Work folder | Create")
    made.breaks("half", INCOMPLETE, "boom", "Release | Install")
    made.breaks("rescued", INCOMPLETE, "tried", "x")
    found = result(made, [fleet.fragment("ok", fleet.ready())], {"dead", "half"}, {"dead", "half", "rescued", "ok"})
    assert set(found) == {"dead", "half", "late", "ok"}
    assert [one["checks"][0]["id"] for one in (found["dead"], found["half"], found["late"])] == [
        "run.unreachable",
        "run.incomplete",
        "run.incomplete",
    ]
    assert found["dead"]["checks"][0]["message"].endswith("no route password=*** ***")
    assert statuses(found["half"])["release"] == "fail"
    assert "turn" in found["late"]["checks"][0]["message"]
    assert {found[host]["verdict"] for host in ("dead", "half", "late")} == {"not_ready"}
    assert found["ok"]["verdict"] == "ready"


def test_a_play_that_is_not_ours_is_nobodys_business() -> None:
    made, _clock = watch("a", ours=False)
    made.breaks("a", UNREACHABLE, "gone", "ping")
    assert result(made, [], {"a"}, {"a"}) == {}


def test_failing_after_the_report_is_told_and_failing_before_it_is_explained() -> None:
    made, _clock = watch("after", "before")
    made.breaks("before", INCOMPLETE, "Helm said no secret-of-before", "Release | Install")
    made.reports("before")
    made.reports("after")
    made.breaks("after", UNREACHABLE, "gone", "later task")
    own = fleet.check("", "run.incomplete", "t", "fail", "its message stands above", fix="f")
    told = [fleet.fragment("after", fleet.ready()), fleet.fragment("before", [own], failed_step="Release | Install")]
    found = result(made, told, {"after", "before"}, {"after", "before"})
    assert (found["after"]["verdict"], found["after"]["checks"][-1]["id"]) == ("not_ready", "run.unreachable")
    assert [check["message"] for check in found["before"]["checks"]] == [
        "The run ended at the step 'Release | Install': Helm said no ***"
    ]


def test_a_look_before_the_change_gives_way_and_another_installation_stays() -> None:
    titles = ["before holmes in holmes", "values for holmes in holmes", "holmes in holmes", "holmes in test"]
    told = [fleet.fragment("a", fleet.ready(), title=title) for title in titles]
    assert [one["title"] for one in latest(told)] == titles[2:]


@pytest.mark.parametrize(
    ("result_of_task", "message"),
    [
        ({"msg": "x"}, "x"),
        ({"msg": "One or more items failed", "results": [{"msg": "fine"}, {"failed": True, "msg": "y"}]}, "y"),
        ({}, ""),
    ],
)
def test_the_message_of_a_task(result_of_task: t.Any, message: str) -> None:
    assert result_message(result_of_task) == message


def test_the_fleet_is_shown_when_it_says_more_than_the_table() -> None:
    one = Finish([fleet.fragment("seoul", fleet.good())], {}, "", False)
    assert one.lines() == []
    lines = Finish([fleet.fragment("seoul", fleet.good()), fleet.unreachable("jeju")], {}, "", False).lines()
    assert lines[1] == "HolmesGPT | 2 hosts: 1 READY WITH LIMITATIONS, 1 NOT READY"
    assert lines[2].split() == ["host", "values", "preflight", "release", "verify", "verdict"]
    assert lines[3].split() == ["jeju", "-", "-", "-", "-", "NOT", "READY"]
    assert lines[4].split("  ")[1:][:2] == ["seoul", "ok 1.9 s"] and "WARN 11.4 s" in lines[4]
    assert any("Connection timed out" in line for line in lines[5:])
    assert any("--limit" in line for line in lines[5:])


def test_each_folder_gets_the_hosts_that_want_it(tmp_path: t.Any) -> None:
    hosts = [fleet.fragment(name, fleet.ready()) for name in ("a", "b", "c")]
    east, west = str(tmp_path / "east"), str(tmp_path / "west")
    finish = Finish(hosts, {"a": east, "b": west}, "", False)
    assert finish.write() == []
    assert [
        json.loads((tmp_path / name / "report.json").read_text())["totals"]["ready"] for name in ("east", "west")
    ] == [1, 1]
    assert [line for line in finish.lines() if line.startswith("Report: ")] == [
        f"Report: {east}/report.html",
        f"Report: {west}/report.html",
    ]


def test_a_given_folder_counts_and_a_check_run_writes_nothing(tmp_path: t.Any) -> None:
    host, given = fleet.fragment("a", fleet.ready()), str(tmp_path / "given")
    assert Finish([host], {"a": str(tmp_path / "wanted")}, given, True).write() == []
    assert list(tmp_path.iterdir()) == []
    Finish([host], {"a": str(tmp_path / "wanted")}, given, False).write()
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: t.Any) -> None:
    (tmp_path / "file").write_text("in the way")
    finish = Finish([fleet.fragment("a", fleet.ready())], {"a": str(tmp_path / "file" / "x")}, "", False)
    (problem,) = finish.write()
    assert "Not a directory" in problem and "holmes_report_dir" in problem
    assert finish.lines() == []
