# SPDX-License-Identifier: GPL-3.0-or-later
"""One host of the report: what is cleaned out, phases, exceptions, hosts that never came to their report."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import one_line, printable, secrets_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._finish import Finish, result_message
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import (
    INCOMPLETE,
    UNREACHABLE,
    Broken,
    ended_after,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import phase_of_step, worst
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import names_of, report_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._watch import CUT, Play, Watch

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
    assert not isinstance(made["checks"][0]["message"], Text), "JSON and YAML know only plain text"
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
        ("Removal | Remove the release", "release"),
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


def hidden(host: str, text: str) -> str:
    return text.replace(f"secret-of-{host}", "***")


def result(made: Watch, told: list[t.Any], lost: set[str] | None, seen: set[str]) -> dict[str, t.Any]:
    """``seen`` are the hosts that did anything in the last play."""
    for host in seen:
        made.sees(host)
    return {one["host"]: one for one in made.result(told, lost, hidden, "2.21", False)}


def work(made: Watch, host: str, step: str = "Values | x", *, worked: bool = True) -> None:
    made.sees(host)
    made.begins(host, "1", step)
    made.ends(host, "1", worked)


def test_seconds_of_phases_add_up_and_hosts_are_apart() -> None:
    made, clock = watch("a", "b")
    for task, name, seconds in (("1", "Chart | x", 2), ("2", "r : Values | y", 3), ("3", "Work folder | z", 5)):
        for host in ("a", "b"):
            made.begins(host, task, name)
        clock.seconds += seconds
        made.ends("a", task)
        made.ends("b", task, worked=False)
    made.reports("a")
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
        "run.not_begun",
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
    own = fleet.check("", "run.incomplete", "t", "fail", "its message stands above.", fix="f")
    told = [fleet.fragment("after", fleet.ready()), fleet.fragment("before", [own], failed_step="Release | Install")]
    found = result(made, told, {"after", "before"}, {"after", "before"})
    assert (found["after"]["verdict"], found["after"]["checks"][-1]["id"]) == ("not_ready", "run.unreachable")
    assert [check["message"] for check in found["before"]["checks"]] == [
        "The run ended at the step 'Release | Install': Helm said no ***"
    ]


def test_a_look_before_the_change_gives_way_and_another_installation_stays() -> None:
    made, clock = watch("a")
    titles = ["before holmes in holmes", "values for holmes in holmes", "holmes in holmes", "holmes in test"]
    told = [fleet.fragment("a", fleet.ready(), title=title) for title in titles]
    for _title in titles:
        made.begins("a", "1", "Values | x")
        clock.seconds += 2
        made.ends("a", "1")
        made.reports("a")
    found = made.result(told, set(), hidden, "2.21", False)
    assert [one["title"] for one in found] == titles[2:]
    assert [one["phases"][0]["seconds"] for one in found] == [6, 2], "each has seconds of its own"
    assert [one["started"][-3:-1] for one in found] == ["00", "06"]


def test_who_is_ended_because_another_host_failed() -> None:
    """any_errors_fatal: ansible-core 2.16 ends at once, later ones go on to the report."""
    made, _clock = watch("bad", "told", "empty", "silent", "good")
    for host in ("bad", "told", "empty", "silent", "good"):
        work(made, host)
    made.breaks("bad", INCOMPLETE, "boom", "Chart | x")
    for host in ("told", "empty", "good"):
        made.reports(host)
    open_ = fleet.check("", "run.unverified", "t", "not_checked", "m", fix="run verify.yml")
    told = [
        fleet.fragment("told", [*fleet.ready(), open_]),
        fleet.fragment("empty", [{**open_, "status": "fail"}]),
        fleet.fragment("good", fleet.ready()),
    ]
    found = result(made, told, {"bad", "told", "empty"}, set())
    assert {host: one["verdict"] for host, one in found.items()} == {
        **dict.fromkeys(("bad", "told", "empty", "silent"), "not_ready"),
        "good": "ready",
    }
    for host in ("told", "empty", "silent"):
        assert found[host]["checks"][-1]["message"] == CUT.message
        assert "run.unverified" not in [check["id"] for check in found[host]["checks"]]


def test_a_failure_that_a_rescue_of_others_swallows_is_told() -> None:
    made, _clock = watch("a", "b")
    work(made, "a", "Chart | x")
    made.breaks("a", INCOMPLETE, "boom secret-of-a", "Chart | x")
    work(made, "b", worked=False)
    found = result(made, [], set(), set())
    assert list(found) == ["a"] and found["a"]["checks"][0]["message"].endswith("boom ***")


@pytest.mark.parametrize(
    ("earlier", "lost", "seen", "said"),
    [
        (True, {"jeju"}, {"seoul"}, "no route"),
        (False, {"busan"}, {"seoul", "busan"}, "before the turn"),
        (False, set(), {"seoul"}, ""),
        (True, {"jeju"}, set(), ""),
    ],
)
def test_who_did_nothing_but_in_an_earlier_play_is_told(
    earlier: bool, lost: set[str], seen: set[str], said: str
) -> None:
    made, _clock = watch("seoul", "busan", "jeju", ours=False)
    for host in ("seoul", "busan", "jeju"):
        made.sees(host)
    if earlier:
        made.breaks("jeju", UNREACHABLE, "no route", "ping")
    made.plays.append(Play(["seoul", "busan", "jeju"], ours=True))
    found = result(made, [], lost, seen)
    assert ("jeju" in found) is bool(said)
    assert not said or said in found["jeju"]["checks"][0]["message"]


def test_a_second_installation_that_fails_leaves_the_first_alone() -> None:
    made, _clock = watch("a")
    work(made, "a")
    made.reports("a")
    work(made, "a", "Chart | x")
    made.breaks("a", INCOMPLETE, "boom", "Chart | x")
    first, second = made.result([fleet.fragment("a", fleet.ready())], {"a"}, hidden, "2.21", False)
    assert (first["verdict"], second["verdict"], second["failed_step"]) == ("ready", "not_ready", "Chart | x")
    report = report_of([first, second])
    assert names_of(report) == [f"a ({one['title']})" for one in report["hosts"]] and len(set(names_of(report))) == 2


def test_a_run_that_broke_off_tells_of_everybody() -> None:
    made, _clock = watch("told", "half", "late", "gone")
    for host in ("told", "half"):
        work(made, host)
    made.reports("told")
    made.breaks("gone", UNREACHABLE, "no route", "Gathering Facts")
    found = result(made, [fleet.fragment("told", fleet.ready())], None, {"gone"})
    assert found["told"]["verdict"] == "ready"
    assert {
        host: one["checks"][0]["message"].split(" before ")[0] for host, one in found.items() if host != "told"
    } == {
        "half": "The whole run broke off",
        "late": "The run ended",
        "gone": "The run ended at the step 'Gathering Facts': no route",
    }


def test_secrets_are_looked_up_only_for_what_ansible_said() -> None:
    asked: list[str] = []
    made, _clock = watch("told", "late", "cut", "bad")
    for host in ("told", "cut", "bad"):
        work(made, host)
    made.breaks("told", INCOMPLETE, "said", "Release | Install")
    made.reports("told")
    made.breaks("bad", INCOMPLETE, "said", "Chart | x")
    own = fleet.check("", "run.incomplete", "t", "fail", "The run ended at the step 'Release | Install': said", fix="f")
    told = [fleet.fragment("told", [own], failed_step="Release | Install")]
    made.result(told, {"told", "bad"}, lambda host, text: asked.append(host) or text, "2.21", False)
    assert asked == ["bad"]


def test_the_first_step_that_failed_stays() -> None:
    told = fleet.fragment("a", fleet.ready(), failed_step="Release | Install")
    assert ended_after(told, Broken(UNREACHABLE, "gone", "later"))["failed_step"] == "Release | Install"
    assert ended_after(fleet.fragment("a", fleet.ready()), Broken(UNREACHABLE, "x", "later"))["failed_step"] == "later"


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


def test_a_run_that_checked_nothing_takes_no_proof_away(tmp_path: t.Any) -> None:
    empty = fleet.fragment("a", [fleet.check("", "run.unverified", "t", "fail", "m", fix="f")])
    finish = Finish([empty], {"a": str(tmp_path / "r")}, "", False)
    assert finish.write() == [] and list(tmp_path.iterdir()) == []
    assert "NOT READY" in finish.lines()[1] and "Report: " not in "".join(finish.lines())
    Finish([empty, fleet.fragment("b", fleet.ready())], {}, str(tmp_path / "r"), False).write()
    assert [path.name for path in (tmp_path / "r" / "hosts").iterdir()] == ["b.json"]
    assert json.loads((tmp_path / "r" / "report.json").read_text())["verdict"] == "not_ready"


def test_many_failures_tell_the_fix_once_and_rows_stand_under_each_other() -> None:
    long = f"plant-{'x' * 120}"
    lines = Finish([fleet.unreachable(host) for host in ("서울", "busan", "e\u0301", long)], {}, "", False).lines()
    assert sum("--limit" in line for line in lines) == 1 and sum("Connection timed out" in line for line in lines) == 1
    assert any(line.startswith("  busan, e\u0301, plant-") for line in lines[7:])
    rows = {line.split()[0]: line for line in lines[3:7]}
    wide = {"busan": 0, "서울": -2, "e\u0301": 1}
    assert len({rows[host].index("NOT READY") - more for host, more in wide.items()}) == 1
    assert all(len(line) - len(line.lstrip()) <= 6 for line in lines[7:])
