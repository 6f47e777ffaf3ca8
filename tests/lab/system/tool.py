# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `lab` as the system tests call it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..cache import cache_root

COMMAND = Path(__file__).resolve().parents[1] / "lab"


@dataclass(frozen=True)
class Tool:
    """The command `lab` for one lab."""

    name: str

    @property
    def state(self) -> Path:
        return cache_root() / "labs" / self.name

    def argv(self, *arguments: object) -> list[str]:
        return [str(COMMAND), f"--name={self.name}", *[str(argument) for argument in arguments]]

    def __call__(
        self, *arguments: object, code: int | None = 0, stdin: str = "", timeout: float = 900
    ) -> subprocess.CompletedProcess[str]:
        """Run it; the exit code must be `code`, unless that is None."""
        done = subprocess.run(
            self.argv(*arguments), input=stdin, capture_output=True, text=True, timeout=timeout, check=False
        )
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def sh(self, script: str, code: int | None = 0, stdin: str = "") -> str:
        """Run a shell script in the network of the site; returns its output."""
        done = self("exec", "--", "sh", "-c", script, code=code, stdin=stdin)
        return done.stdout + done.stderr
