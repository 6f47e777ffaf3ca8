# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a run: its report is written, and what a person has to see is said. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import os
import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import Fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._matrix import matrix, worth_showing
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import is_empty
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._render import PAGE, RETRY, rendered, write
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import headline, report_of, unready
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._store import write_fragment


@dataclass
class Finish:
    """``wanted`` is the folder of each host that wants one; ``given`` counts before it. A check run writes nothing.

    ``again`` gives the command for a file with hosts to run again for.
    """

    fragments: list[Fragment]
    wanted: t.Mapping[str, str]
    given: str
    check_mode: bool
    again: t.Callable[[str], str] = "ansible-playbook PLAYBOOK --limit @{}".format

    def __post_init__(self) -> None:
        self._written: dict[str, list[str]] = {}

    def write(self) -> list[str]:
        """Write a report into each folder, of the hosts that want it there; returns what went wrong, as sentences.

        A run that checked nothing takes no proof of an earlier one away.
        """
        problems = []
        for folder, fragments in ({} if self.check_mode else self._by_folder()).items():
            if all(is_empty(fragment) for fragment in fragments):
                continue
            try:
                self._written[folder] = _write(folder, fragments)
            except OSError as error:
                where = error.filename or folder
                problems.append(f"The report cannot be written to '{where}': {error.strerror}. Set holmes_report_dir.")
        return problems

    def lines(self) -> list[str]:
        """The fleet if it says more than the table above, and where the report lies; empty if there is neither."""
        report = report_of(self.fragments)
        places = [f"Report: {os.path.join(folder, PAGE)}" for folder in self._written]
        places += [
            f"Again for {len(hosts)} of {len(report['hosts'])}: {self.again(os.path.join(folder, RETRY))}"
            for folder, hosts in self._written.items()
            if hosts
        ]
        if worth_showing(report):
            return ["", *matrix(report), *places]
        return [f"HolmesGPT | {headline(report)}. {places[0]}"] if places else []

    def _by_folder(self) -> dict[str, list[Fragment]]:
        if self.given:
            return {self.given: self.fragments}
        found: dict[str, list[Fragment]] = {}
        for fragment in self.fragments:
            folder = self.wanted.get(fragment["host"])
            if folder:
                found.setdefault(folder, []).append(fragment)
        return found


def _write(folder: str, fragments: list[Fragment]) -> list[str]:
    """Returns the hosts to run again for."""
    number: Counter[str] = Counter()
    for fragment in fragments:
        if is_empty(fragment):
            continue
        number[fragment["host"]] += 1
        write_fragment(folder, fragment, number[fragment["host"]])
    report = report_of(fragments)
    write(folder, rendered(report))
    return unready(report)


def result_message(result: t.Mapping[str, t.Any]) -> str:
    """What Ansible says of a failed task: of a loop, the first item that failed."""
    items = [item for item in result.get("results") or () if isinstance(item, dict) and item.get("failed")]
    return str((items[0] if items else result).get("msg") or result.get("msg") or "")
