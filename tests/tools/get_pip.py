# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for PyPA's get-pip.py, which ansible-test would download from a host of its own.

ansible-test runs it in an empty virtual environment with the packages to install as arguments.
"""

from __future__ import annotations

import ensurepip
import subprocess
import sys

NOT_PIPS = ("--no-setuptools", "--no-wheel")


def main() -> int:
    ensurepip.bootstrap()
    arguments = [argument for argument in sys.argv[1:] if argument not in NOT_PIPS]
    return subprocess.call([sys.executable, "-m", "pip", "install", *arguments])


if __name__ == "__main__":
    sys.exit(main())
