# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.bench [--json FILE] [NAME …]: measures, prints a table, judges nothing.

Every benchmark compares two things that run in turn, in the same run on the same machine. Absolute times say little
elsewhere; the difference and the ratio do. Exit code 0 unless something could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench import values
from tests.bench.measure import Broken, Comparison, Result, compare

# To add a benchmark, write a function that gives a Comparison and name it here.
BENCHMARKS = {"values": values.without_rendering}


def table(results: list[Result]) -> str:
    head = ("benchmark", "runs", "ours", "baseline", "on top", "spread", "cpu on top", "ratio", "goal")
    rows = [head]
    for one in results:
        ours, base = (f"{times.median:.0f} ms" for times in (one.ours, one.baseline))
        spread = f"{one.on_top.low:+.0f} … {one.on_top.high:+.0f}"
        more, cpu = (f"{times.median:+.0f} ms" for times in (one.on_top, one.cpu_on_top))
        rows.append((one.name, str(one.runs), ours, base, more, spread, cpu, f"{one.ratio:.2f}", one.goal))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Times of this collection, compared in the same run.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which of {', '.join(BENCHMARKS)}; all of them if none is given"
    )
    parser.add_argument(
        "--runs", type=int, default=21, help="counted runs of each side, after one that is not (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown or options.runs < 3:
        parser.error(
            f"there is no benchmark {unknown[0]}" if unknown else "three runs are the least that have a spread"
        )
    results = []
    for name in options.names or BENCHMARKS:
        made: Comparison
        try:
            with BENCHMARKS[name]() as made:
                print(f"bench: {made.name}: {made.what}", flush=True)
                results.append(compare(made, options.runs))
        except Broken as error:
            print(f"bench: {name} could not be measured: {error}", file=sys.stderr)
            return 1
    print(f"\n{table(results)}\n\nMedians; the spread is the middle half of the pairwise differences.")
    if options.json:
        about = {"python": platform.python_version(), "machine": platform.machine(), "processors": os.cpu_count()}
        options.json.write_text(json.dumps({**about, "results": [asdict(one) for one in results]}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
