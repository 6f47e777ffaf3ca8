# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.bench [--json FILE] [NAME …]: measures, prints tables, judges nothing.

Every benchmark compares things that run in turn, in the same run on the same machine. Absolute times say little
elsewhere; the difference and the ratio do. Exit code 0 unless something could not be measured.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import sys
import typing as t
from dataclasses import asdict
from pathlib import Path

from tests.bench import fleet_cli, tables, values
from tests.bench.measure import Broken, Comparison, Result, compare

# To add a comparison of two things, write a function that gives a Comparison and name it here.
COMPARISONS = {"values": values.without_rendering}
FLEET = "fleet"
BENCHMARKS = (*COMPARISONS, FLEET)


def table(result: Result) -> str:
    head = ("benchmark", "runs", "ours", "baseline", "on top", "spread", "cpu on top", "ratio", "goal")
    ours, base = (f"{times.median:.0f} ms" for times in (result.ours, result.baseline))
    spread = f"{result.on_top.low:+.0f} … {result.on_top.high:+.0f}"
    more, cpu = (f"{times.median:+.0f} ms" for times in (result.on_top, result.cpu_on_top))
    row = (result.name, str(result.runs), ours, base, more, spread, cpu, f"{result.ratio:.2f}", result.goal)
    return tables.plain([head, row]) + "\n\nMedians; the spread is the middle half of the pairwise differences."


def compared(name: str, runs: int) -> dict[str, t.Any]:
    made: Comparison
    with COMPARISONS[name]() as made:
        print(f"bench: {made.name}: {made.what}", flush=True)
        result = compare(made, runs)
    print(f"\n{table(result)}")
    return asdict(result)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Times of this collection, compared in the same run.")
    known = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {known}; all of them if none is given")
    parser.add_argument("--runs", type=int, help="counted runs (21 of each side; fleet: 3 without a change)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    fleet_cli.add_options(parser)
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    names = options.names or BENCHMARKS
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}")
    if options.runs is not None and options.runs < (1 if list(names) == [FLEET] else 3):
        parser.error("three runs are the least that have a spread; for fleet one will do")
    about = {"processors": os.cpu_count(), "machine": platform.machine(), "Python": platform.python_version()}
    results: dict[str, t.Any] = {}
    broken = 0
    try:
        for name in names:
            try:
                if name == FLEET:
                    fleet_cli.run(options, about, functools.partial(results.__setitem__, name))
                else:
                    results[name] = compared(name, options.runs or 21)
            except Broken as error:
                print(f"bench: {name} could not be measured: {error}", file=sys.stderr)
                broken = 1
    finally:  # half an hour's readings are worth keeping, also after an interrupt
        if options.json:
            options.json.write_text(json.dumps({"about": about, "results": results}, indent=2) + "\n")
    return broken


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
