# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ruff: noqa: E402  # Ansible wants the documentation before the imports.

"""Makes one report of a run out of what its hosts tell, and of what Ansible says of hosts that cannot tell."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report
type: aggregate
short_description: One report of a run of the role holmes, over all hosts
version_added: 0.1.0
author: holmesgpt.onprem contributors (@holmesgpt-onprem)
description:
  - Puts the checks of all hosts together when a run ends, also when it failed half-way, was interrupted, or no host
    could be reached.
  - Prints hosts against phases if there is more than one host or anything failed, and writes C(report.json),
    C(report.html), C(report.xml) (JUnit) and one file for each host into the folder of the report.
  - Says and writes nothing for plays that do not use the role. A check run writes nothing either.
requirements:
  - To be enabled, with C(callbacks_enabled = holmesgpt.onprem.report) in C(ansible.cfg).
options:
  report_dir:
    description:
      - Folder on the control node for the report. It is made if needed.
      - In a job of ansible-runner, as AWX starts it, a relative one in the environment is below the job's artifacts.
      - If unset, the role's variable C(holmes_report_dir) of the hosts counts, and without it nothing is written.
    type: path
    env:
      - name: HOLMES_ONPREM_REPORT_DIR
    ini:
      - section: callback_holmes_report
        key: report_dir
"""

import atexit
import functools
import os
import shutil
import typing as t

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__ as ansible_version
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import hide
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._again import again
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._ansible import (
    Known,
    hosts_of,
    is_of_role,
    part_of,
    step_of,
    uses_role,
)
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import HIDING_VARIABLES, one_line, secrets_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._finish import Finish, result_message
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import INCOMPLETE, UNREACHABLE, now
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._handover import VARIABLE, make_place, taken
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._place import GIVEN, report_folder
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._unreachable import told as unreachable
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._watch import Play, Watch

REPORT = ("holmes_report", "holmesgpt.onprem.holmes_report")
FOLDER = "holmes_report_dir"


def _harmless(hook: t.Callable[..., None]) -> t.Callable[..., None]:
    """A report that cannot be made is one line of warning, and nothing else of the run."""

    @functools.wraps(hook)
    def quiet(self: CallbackModule, *args: t.Any, **options: t.Any) -> None:
        try:
            hook(self, *args, **options)
        except Exception as error:
            self.disabled = True
            self._leave()
            message = one_line(str(error), 300)
            self._display.warning(f"holmesgpt.onprem.report: no report of this run ({type(error).__name__}: {message})")

    return quiet


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Watches a run, and writes its report when it ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "holmesgpt.onprem.report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: t.Any, **options: t.Any) -> None:
        super().__init__(*args, **options)
        self._watch, self._known = Watch(now), Known()
        self._place = ""

    @_harmless
    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        if not self._place:
            # Ansible's own folder of this run: private, and removed even after an interrupt.
            self._place = make_place(constants.DEFAULT_LOCAL_TMP)
            os.environ[VARIABLE] = self._place
            atexit.register(self._on_exit, os.getpid())

    @_harmless
    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._known.play = play
        self._watch.plays.append(Play(hosts_of(play)))
        if uses_role(play):
            self._is_ours()

    @_harmless
    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._watch.sees(host.get_name())
        if is_of_role(task):
            self._is_ours()
            self._known.works(host.get_name(), task)
            self._watch.begins(host.get_name(), task._uuid, task.get_name())

    @_harmless
    def v2_runner_on_ok(self, result: t.Any) -> None:
        host, task = self._ended(result)
        if task.action in REPORT:
            self._watch.reports(host)

    @_harmless
    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._ended(result, worked=False)

    @_harmless
    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        host, task = self._ended(result)
        if not ignore_errors:
            self._watch.breaks(host, INCOMPLETE, result_message(part_of(result, "result")), step_of(task))

    @_harmless
    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        host, task = self._ended(result)
        self._watch.breaks(host, UNREACHABLE, unreachable(result_message(part_of(result, "result"))), step_of(task))

    @_harmless
    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._finish({host for kind in (stats.failures, stats.dark) for host, number in kind.items() if number})

    @_harmless
    def _on_exit(self, process: int) -> None:
        """Ansible ends without statistics (an interrupt, an error of the playbook itself): look up no secrets."""
        if self._place and os.getpid() == process:
            self._finish(None)

    def _finish(self, lost: set[str] | None) -> None:
        told, folders = taken(self._place) if self._place else ([], {})
        check_mode = bool(context.CLIARGS.get("check"))
        hidden = self._hidden if lost is not None else lambda _host, _message: "Ansible's message stands above."
        fragments = self._watch.result(told, lost, hidden, ansible_version, check_mode)
        self._leave()
        if not fragments:
            return
        # The option is already below the folder where ansible-playbook was started.
        given = report_folder(os.environ.get(GIVEN) or str(self.get_option("report_dir") or ""))
        if not (given or check_mode):
            folders.update(self._wanted({one["host"] for one in fragments} - {one["host"] for one in told}))
        finish = Finish(fragments, folders, given, check_mode, again)
        for line in finish.write():
            self._display.warning(line)
        if finish.lines():
            self._display.display("\n".join(finish.lines()))

    def _ended(self, result: t.Any, worked: bool = True) -> tuple[str, t.Any]:
        host, task = part_of(result, "host").get_name(), part_of(result, "task")
        self._watch.sees(host)
        self._watch.ends(host, task._uuid, worked)
        return host, task

    def _is_ours(self) -> None:
        play = self._watch.plays[-1]
        if not play.ours:
            play.ours = True
            self._known.plays.update(dict.fromkeys(play.hosts, self._known.play))

    def _wanted(self, hosts: t.Iterable[str]) -> dict[str, str]:
        """Where hosts that did not come to their report want it to be."""
        found = {}
        for host in sorted(hosts):
            variables, failed = self._known.variables(host, (FOLDER,))
            if variables.get(FOLDER):
                found[host] = report_folder(str(variables[FOLDER]))
            for kind in failed.values():
                self._display.warning(f"The report leaves out the host '{host}': {FOLDER} has no value there ({kind}).")
        return found

    def _hidden(self, host: str, message: str) -> str:
        """What Ansible said, without the host's secrets. They are looked up only for hosts that failed."""
        variables, _failed = self._known.variables(host, HIDING_VARIABLES)
        return hide(message, secrets_of(variables))

    def _leave(self) -> None:
        """Without the folder no fragment is handed over any more."""
        os.environ.pop(VARIABLE, None)
        atexit.unregister(self._on_exit)
        shutil.rmtree(self._place, ignore_errors=True)
        self._place, self._watch = "", Watch(now)
