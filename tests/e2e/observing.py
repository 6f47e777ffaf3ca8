# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of faults share: facts put into texts, helpers behind the gap, and the API server's word on who wrote."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.site_run import ROOT, SITE, Site, Vars


def filled(value: t.Any, facts: t.Mapping[str, t.Any]) -> t.Any:
    """With {NAME} replaced; what is no fact of the site stays."""
    if isinstance(value, str):
        for name, text in facts.items():
            value = value.replace(f"{{{name}}}", str(text))
        return value
    if isinstance(value, dict):
        return {key: filled(item, facts) for key, item in value.items()}
    return [filled(item, facts) for item in value] if isinstance(value, list) else value


@contextlib.contextmanager
def behind_the_gap(site: Site, *command: str) -> t.Iterator[t.Any]:
    """A Python module of ours within the site, until the end; gives the JSON of its first line."""
    argv = [str(SITE), "exec", "--name", site.name, "--", sys.executable, "-m", *command]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


@dataclass
class Writes:
    """What accounts whose names match ``ours`` changed at the API server since this was made, by its audit log.

    ``harmless`` are resources that store nothing, ``parts`` subresources that a check may use.
    """

    site: Site
    ours: str
    harmless: tuple[str, ...]
    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        self.start = len(self._lines())

    def _lines(self) -> list[str]:
        return Path(self.site.facts["SITE_AUDIT_LOG"]).read_text().splitlines()

    def found(self) -> list[str]:
        events = [json.loads(line) for line in self._lines()[self.start :]]
        return [f"{one['user']['username']}: {one['verb']} {one['requestURI']}" for one in events if self._bad(one)]

    def _bad(self, event: Vars) -> bool:
        about = event.get("objectRef", {})
        harmless = about.get("resource") in self.harmless or about.get("subresource") in self.parts
        ours = re.fullmatch(self.ours, event["user"]["username"])
        return bool(ours) and not harmless and "dryRun=All" not in event["requestURI"]
