# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.bench.meter --out FILE --log FILE --group NAME --lab NAME -- COMMAND: what a command costs.

Runs behind the gap and stays outside of the command's control group, so that nothing of it is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

from tests.bench.control_group import ControlGroup, processor_seconds
from tests.bench.machine import busy_and_stolen

EVERY = 0.05


class Peak:
    """The most memory that the group had, looked at 20 times a second."""

    def __init__(self, group: ControlGroup) -> None:
        self.bytes, self._group, self._over = 0, group, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.bytes = max(self.bytes, self._group.anonymous())


def snapshot(group: ControlGroup, lab: list[Path]) -> dict[str, float]:
    busy, stolen = busy_and_stolen(Path("/proc/stat").read_text())
    cluster = sum(processor_seconds(usage.read_text()) for usage in lab)
    return {"wall": time.monotonic(), "own": group.processor(), "cluster": cluster, "machine": busy, "stolen": stolen}


def measure(command: list[str], log: Path, group: ControlGroup, lab: str, seconds: float) -> dict[str, t.Any]:
    """Run it and give its code, the differences of all accounts, and the peak of its memory in bytes."""
    base = group.usage.parents[1]
    labs = [folder / group.usage.name for folder in base.glob(f"holmes-lab-{lab}-*")]
    helm = shutil.which("helm")
    counted = os.environ.get("HOLMES_BENCH_BIN", "")
    path = os.pathsep.join(filter(None, (counted, os.environ["PATH"])))
    env = {**os.environ, "PATH": path, "HOLMES_BENCH_HELM": helm or "helm", "HOLMES_BENCH_USAGE": str(group.usage)}
    group.create()
    try:
        with log.open("wb") as stream:
            before = snapshot(group, labs)
            options: dict[str, t.Any] = {"stdout": stream, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
            # Before any thread of ours: a process is forked to join the group.
            process = subprocess.Popen(command, env=env, preexec_fn=group.join, **options)
            late = threading.Timer(seconds, process.kill)
            late.daemon = True
            late.start()
            with Peak(group) as peak:
                code = process.wait()
                after = snapshot(group, labs)
            late.cancel()
    finally:
        left = group.end()
    spent = {name: round(after[name] - before[name], 4) for name in before}
    clock = {"begun": before["wall"], "ended": after["wall"]}
    return {"code": code, **spent, "memory": peak.bytes, "left": left, "cores": os.cpu_count(), **clock}


def main() -> int:
    parser = argparse.ArgumentParser(prog="meter")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--group", type=ControlGroup.of, required=True)
    parser.add_argument("--lab", required=True)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    told = measure(command, options.log, options.group, options.lab, options.seconds)
    options.out.write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
