# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.tools.specs [--check]``"""

from __future__ import annotations

import sys

from tests.tools.specs import files


def main(arguments: list[str]) -> int:
    stale = [path for path, text in files.generated().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{'differs' if arguments else 'written'}: {path.relative_to(files.ROOT)}")
        if not arguments:
            path.write_text(files.generated()[path])
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
