# SPDX-License-Identifier: GPL-3.0-or-later
"""Python reads this when it starts. The process of an Ansible module writes its seconds into HOLMES_BENCH_MODULES.

Like what stands beside it, a line is: by the clock, of the processor as user and as system, with children.
"""

import atexit
import os
import resource
import sys
import time

BEGUN = time.monotonic()


def is_module() -> bool:
    """Ansible gives a module through a pipe, or as a file of this name."""
    name = os.path.basename(sys.argv[0])
    return name in ("", "-") or name.startswith("AnsiballZ_")


def tell() -> None:
    if is_module() and os.environ.get("HOLMES_BENCH_MODULES"):
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        figures = (time.monotonic() - BEGUN, sum(one.ru_utime for one in used), sum(one.ru_stime for one in used))
        with open(os.environ["HOLMES_BENCH_MODULES"], "a") as stream:
            stream.write(" ".join(f"{seconds:.3f}" for seconds in figures) + "\n")


atexit.register(tell)
