# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the benchmark `fleet` for the docs: tables between two marks of docs/bench.md, and the plot."""

from __future__ import annotations

import typing as t
from pathlib import Path

from tests.bench import fleet_table, goals, plot, tables
from tests.bench.found import Found
from tests.bench.measure import Broken

ROOT = Path(__file__).resolve().parents[2]
PAGE, IMAGE = ROOT / "docs" / "bench.md", ROOT / "docs" / "images" / "bench.svg"
BEGIN, END = "<!-- Figures: made by `tests/tools/bench fleet --docs`. Do not edit. -->", "<!-- End of the figures. -->"


def sections(found: Found, about: t.Mapping[str, t.Any]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Titles with their tables."""
    cores, points = int(about["processors"]), fleet_table.points(found.readings)
    made = [("Goals", goals.rows(points, found.breakdowns, cores))]
    for situation in dict.fromkeys(one.situation for one in found.readings):
        made.append((fleet_table.WORDS[situation].capitalize(), fleet_table.rows(points, situation, cores)))
    for one in found.breakdowns:
        title = f"Where the time goes: {fleet_table.WORDS[one.situation]}, one host, {one.contender}"
        made.append((title, fleet_table.step_rows(one)))
    return made


def text(found: Found, about: t.Mapping[str, t.Any]) -> str:
    """The sections in Markdown."""
    known = ", ".join(f"{name} {value}" for name, value in about.items())
    parts = [f"Measured with {known}."]
    for title, rows in sections(found, about):
        parts.append(f"### {title}\n\n{tables.markdown(rows)}")
    return "\n\n".join(parts) + "\n"


def drawing(found: Found) -> str:
    return plot.drawn(fleet_table.panels(fleet_table.points(found.readings)), fleet_table.ORDER, "hosts")


def put(page: str, made: str) -> str:
    """``page`` with ``made`` between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise Broken(f"{PAGE.name} has lost a mark: put '{BEGIN}' and '{END}' on lines of their own")
    return f"{before}{begin}\n\n{made}\n{end}{after}"


def write(found: Found, about: t.Mapping[str, t.Any]) -> None:
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), text(found, about)), encoding="utf-8")
    IMAGE.write_text(drawing(found), encoding="utf-8")
