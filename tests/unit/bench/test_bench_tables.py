# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of the benchmark `fleet` as tables, goals, docs and files."""

from __future__ import annotations

import json

import pytest

from tests.bench import fleet_docs, fleet_table, goals, tables
from tests.bench.fleet_table import HEAD, NONE
from tests.bench.found import Cost, Found, Reading
from tests.bench.measure import Broken
from tests.unit.fixtures.bench_world import BY_HAND, FOUND, READINGS, TASKS

ABOUT = {"processors": 2, "Python": "3.13"}


def column(rows: list[tuple[str, ...]], name: str) -> list[str]:
    return [row[HEAD.index(name)] for row in rows[1:]]


def test_rows_are_medians_sorted_by_hosts_with_the_baseline_first() -> None:
    rows = fleet_table.rows(fleet_table.points(READINGS), "noop", cores=2)
    assert rows[0] == HEAD
    assert [row[:2] for row in rows[1:]] == [("1", "plain"), ("1", "ours"), ("5", "plain"), ("5", "ours")]
    assert column(rows, "CPU s/host") == ["4.00", "6.00", "4.00", "5.00"]
    assert column(rows, "× plain") == ["1.00", "1.50", "1.00", "1.25"]
    assert column(rows, "MB/host") == ["200"] * 4
    assert column(rows, "Helm/host") == ["5.0"] * 4
    assert column(rows, "other CPU s") == ["0.5"] * 4
    # 15 s by the clock, 28 s of work on two processors.
    assert column(rows, "wall ÷ (CPU ÷ cores)")[-1] == "1.07"
    assert column(rows, "over raw s") == [NONE] * 4


def test_time_over_the_guides_commands() -> None:
    rows = fleet_table.rows(fleet_table.points(READINGS), "fresh", cores=2)
    assert column(rows, "over raw s") == ["+0.0", "+6.0"]
    assert column(rows, "× plain") == [NONE, NONE]


def test_goals_beside_what_was_found() -> None:
    found = dict(goals.rows(fleet_table.points(READINGS), [BY_HAND, TASKS], cores=2)[1:])
    cpu, wall, over, quiet = found.values()
    assert cpu == "1.50 (N=1), 1.25 (N=5)"
    assert wall == "1.33 (N=1), 1.07 (N=5)"
    assert over == "+6.8 s"  # 26.0 - 18.5 - 0.7
    assert quiet == "3 %"


def test_a_machine_that_was_not_quiet_is_told() -> None:
    loud = [Reading("ours", "noop", 1, Cost(5.0, 4.0, 2.0, 9.0, 0.0, 1.0, 1.0, 1.0))]
    assert goals.rows(fleet_table.points(loud), [], cores=2)[-1][1] == "33 %: not quiet, measure again"


def test_without_the_labs_account_the_whole_machine_counts() -> None:
    [point] = fleet_table.points([Reading("ours", "noop", 1, Cost(5.0, 4.0, 0.0, 8.0, 0.0, 1.0, 1.0, 1.0))])
    assert point.stretch(cores=2) == 1.25


def test_goals_of_what_was_not_measured_are_open() -> None:
    assert {row[1] for row in goals.rows([], [], cores=2)[1:]} == {NONE}


def test_breakdown_has_its_sum_and_only_steps_that_were() -> None:
    rows = fleet_table.step_rows(TASKS)
    assert [row[0] for row in rows] == ["step", "Preflight", "between tasks (7)", "all"]
    assert rows[1] == ("Preflight", "2.00", "1.50", "0.40", "1.00", "0.10", "a 0.90, b 0.20, e 0.15")
    assert rows[-1][1:3] == ("2.50", "1.90")
    assert fleet_table.step_rows(BY_HAND)[1][3:6] == (NONE, NONE, NONE)


def test_tables_for_terminal_and_docs() -> None:
    rows = [("name", "s"), ("a|b", "1.0"), ("c", "–")]
    assert tables.plain(rows) == "name  s\na|b   1.0\nc     –"
    assert tables.markdown(rows) == "| name | s |\n| --- | --: |\n| a\\|b | 1.0 |\n| c | – |"


def test_docs_are_replaced_between_their_marks_only() -> None:
    page = f"# Words\n\n{fleet_docs.BEGIN}\nold\n{fleet_docs.END}\n\nMore words.\n"
    made = fleet_docs.put(page, fleet_docs.text(FOUND, ABOUT))
    assert made.startswith("# Words\n\n") and made.endswith("\n\nMore words.\n") and "\nold\n" not in made
    assert "### No-op\n\n| hosts | who |" in made and "processors 2, Python 3.13" in made
    assert fleet_docs.put(made, fleet_docs.text(FOUND, ABOUT)) == made


@pytest.mark.parametrize("page", ["", fleet_docs.BEGIN, fleet_docs.END])
def test_docs_without_marks_are_left_alone(page: str) -> None:
    with pytest.raises(Broken, match="lost a mark"):
        fleet_docs.put(page, "figures")


def test_the_page_has_its_marks() -> None:
    assert fleet_docs.put(fleet_docs.PAGE.read_text(encoding="utf-8"), "figures")


def test_what_was_found_survives_a_file() -> None:
    assert Found.of(json.loads(json.dumps(FOUND.data()))) == FOUND
