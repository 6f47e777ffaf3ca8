# SPDX-License-Identifier: GPL-3.0-or-later
"""The plot is SVG with every point where it belongs."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

import pytest

from tests.bench import fleet_table, plot
from tests.bench.plot import Panel
from tests.unit.fixtures.bench_world import READINGS

NAMES = ("first & only", "second")
LINES = {NAMES[0]: [(1.0, 2.0), (4.0, 8.0), (9.0, 4.0)], NAMES[1]: [(1.0, 0.0)]}


def parsed(text: str) -> t.Any:
    return ET.fromstring(text)  # noqa: S314 - our own


def circles(root: t.Any, number: int) -> list[tuple[float, float]]:
    """Of the panels; the legend has one of each as well."""
    found = root.findall(".//{*}g/{*}circle")
    return [(float(one.get("cx")), float(one.get("cy"))) for one in found if one.get("class") == f"s{number}"]


def test_points_lie_in_proportion() -> None:
    root = parsed(plot.drawn([[Panel("a < b", LINES)]], NAMES, "hosts"))
    (x1, y1), (x4, y4), (x9, y9) = circles(root, 0)
    [(x, bottom)] = circles(root, 1)
    assert x == x1
    # The roots of 1, 4 and 9 are equally far from each other.
    assert x4 - x1 == pytest.approx(x9 - x4, abs=0.2)
    assert bottom - y4 == pytest.approx(4 * (bottom - y1), abs=0.5)
    assert bottom - y9 == pytest.approx(2 * (bottom - y1), abs=0.5)


def test_everything_lies_within_the_picture_and_names_are_text() -> None:
    root = parsed(plot.drawn([[Panel("a < b", LINES)] * 2] * 3, NAMES, "hosts"))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("a < b") == 6 and NAMES[0] in texts and texts.count("hosts") == 6
    for x, y in circles(root, 0):
        assert plot.LEFT <= x <= plot.WIDTH and 0 <= y <= plot.HEIGHT


def test_dark_paper_has_colours_of_its_own() -> None:
    assert "prefers-color-scheme: dark" in plot.drawn([[Panel("a", LINES)]], NAMES, "hosts")


@pytest.mark.parametrize("lines", [{}, {NAMES[0]: [(5.0, 0.0)]}])
def test_little_to_show_is_no_error(lines: dict[str, list[tuple[float, float]]]) -> None:
    assert len(circles(parsed(plot.drawn([[Panel("a", lines)]], NAMES, "hosts")), 0)) == len(lines)


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(7.2, [0, 2, 4, 6, 8]), (0.9, [0, 0.25, 0.5, 0.75, 1]), (10, [0, 2.5, 5, 7.5, 10]), (0, [0, 1])],
)
def test_scale_is_round_and_reaches_the_highest(highest: float, ticks: list[float]) -> None:
    assert plot.scale(highest) == ticks


def test_panels_of_what_was_found() -> None:
    rows = fleet_table.panels(fleet_table.points(READINGS))
    assert [[panel.title for panel in row] for row in rows] == [
        ["fresh install: CPU seconds per host", "fresh install: wall seconds for all"],
        ["no-op: CPU seconds per host", "no-op: wall seconds for all"],
    ]
    assert rows[1][0].lines == {"plain": [(1, 4.0), (5, 4.0)], "ours": [(1, 6.0), (5, 5.0)]}
