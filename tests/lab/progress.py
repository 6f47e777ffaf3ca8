# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress lines on stderr, and slow commands that keep a log and show that they live."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .errors import LabError

EVERY = 15.0  # seconds between two progress lines of a running command


def say(text: str) -> None:
    """Print one progress line. stderr, so that the output of `lab env` and the like stays clean."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def last_line(log: Path) -> str:
    """The last line of a log that says something, without its indentation; empty when there is none."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told[-40:] if line.lower().startswith(("error", "e:", "fatal"))]
    return (errors or told or [""])[-1][:300]


def run_logged(
    command: Sequence[str],
    *,
    what: str,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    detail: Callable[[], str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> float:
    """Run a command with its output in `log` and a progress line every 15 s; returns the seconds it took.

    `detail` adds to the progress line, `prepare` runs in the child before the command.
    Raises LabError with the last line of the log when the command fails.
    The command is killed when this process dies, so that an interrupted run leaves nothing working behind.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - argv list, no shell
            [*guard, *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            preexec_fn=prepare,  # noqa: PLW1509 - the lab has one thread
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=EVERY)
                    break
                except subprocess.TimeoutExpired:
                    more = f", {detail()}" if detail else ""
                    say(f"  {what}: {time.monotonic() - started:.0f} s{more}")
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code:
        raise LabError(f"{what} failed with exit code {code}: {last_line(log)}", log)
    return time.monotonic() - started


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without proxy settings, which lead nowhere on the site, plus `extra`."""
    proxies = {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"}
    kept = {key: value for key, value in os.environ.items() if key.lower() not in proxies}
    return kept | dict(extra or {})
