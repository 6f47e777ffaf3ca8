# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.py FOLDER: the JSON reports of a run as one table, a row for each host."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

WORDS = {"ready": "READY", "ready_with_limitations": "READY WITH LIMITATIONS", "not_ready": "NOT READY"}


def main(folder: str) -> None:
    rows = [("host", "release", "verdict", "passed", "warned", "failed", "not checked")]
    for path in sorted(Path(folder).glob("*.json")):
        report = json.loads(path.read_text())
        count = Counter(check["status"] for check in report["checks"])
        figures = [str(count[status]) for status in ("pass", "warn", "fail", "not_checked")]
        rows.append((report["host"], report["title"], WORDS[report["verdict"]], *figures))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1])
