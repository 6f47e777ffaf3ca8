# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark `fleet` on the command line: what is wanted, and where the results go."""

from __future__ import annotations

import argparse
import json
import typing as t
from importlib.metadata import version
from pathlib import Path

from tests.bench import fleet, fleet_docs, tables
from tests.bench.contenders import CONTENDERS, SITUATIONS
from tests.bench.found import Found

NAMES = tuple(kind.name for kind in CONTENDERS)
RUNS = 3


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fleet")
    group.add_argument("--hosts", type=numbers, default=(1, 2, 5, 10, 20), metavar="N,N", help="(1,2,5,10,20)")
    for name, known in (("situations", SITUATIONS), ("contenders", NAMES)):
        help_ = f"all of {','.join(known)} if not given"
        group.add_argument(f"--{name}", type=names(known), default=known, metavar="NAME,NAME", help=help_)
    group.add_argument("--lab", default="bench", help="lab to use; one that is there already stays (%(default)s)")
    group.add_argument("--forks", type=int, default=10, help="at most so many hosts at once (%(default)s)")
    group.add_argument("--markdown", type=Path, metavar="FILE", help="also write the tables there")
    group.add_argument("--svg", type=Path, metavar="FILE", help="also write the plot there")
    group.add_argument("--docs", action="store_true", help="put both into docs/bench.md and docs/images/bench.svg")
    group.add_argument(
        "--from", type=Path, metavar="FILE", dest="earlier", help="what --json wrote, instead of measuring"
    )


def run(options: argparse.Namespace, about: dict[str, t.Any], keep: t.Callable[[t.Any], None]) -> None:
    """Measures, prints the tables, writes files; what was found goes to ``keep``, also if something is Broken.

    ``about`` gets what matters for this benchmark.
    """
    found = Found()
    if options.earlier:
        earlier = json.loads(options.earlier.read_text(encoding="utf-8"))
        found = Found.of(earlier["results"]["fleet"])
        about.update(earlier["about"])
    else:
        about.update({"ansible-core": version("ansible-core"), "forks": options.forks})
    try:
        if not options.earlier:
            chosen = (options.hosts, options.situations, options.contenders, options.lab)
            fleet.measure(fleet.Wanted(*chosen, options.runs or RUNS, options.forks), found)
    finally:
        keep(found.data())
        for title, rows in fleet_docs.sections(found, about):
            print(f"\n{title}\n\n{tables.plain(rows)}")
    if options.markdown:
        options.markdown.write_text(fleet_docs.text(found, about), encoding="utf-8")
    if options.svg:
        options.svg.write_text(fleet_docs.drawing(found), encoding="utf-8")
    if options.docs:
        fleet_docs.write(found, about)


def numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers from 1 on, as 1,5,20")
    return found


def names(known: t.Sequence[str]) -> t.Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        found = tuple(text.split(","))
        unknown = [name for name in found if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"'{unknown[0]}' is not known: choose from {', '.join(known)}")
        return found

    return read
