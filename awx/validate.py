# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks AWX objects as code without any AWX: python3 awx/validate.py [FOLDER]

FOLDER has settings.yml and objects/, and is the one of this file unless it is named. Exit codes: 0 nothing is wrong,
1 something is, 2 it could not be found out.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    try:
        import yaml
        from validator import validate
    except ImportError as error:
        print(f"validate: {error.name or 'a package'} is missing: install PyYAML for this Python.", file=sys.stderr)
        return 2
    folder = Path(arguments[0]).resolve() if arguments else HERE
    if len(arguments) > 1 or not (folder / "objects").is_dir():
        print("validate: name one folder that has settings.yml and objects/, or none.", file=sys.stderr)
        return 2
    try:
        findings = validate(folder, HERE.parent)
    except (OSError, yaml.YAMLError, KeyError) as error:
        print(f"validate: the collection cannot be read: {error}. Run it in a checkout.", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
