# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the checks of a host as a table, and keeps them as a JSON file on the control node."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.module_utils._plan import ID as PLAN
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_secret_mask import hide
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._clean import HIDING_VARIABLES, cleaned, secrets_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._diff import indented
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._finish import result_message
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._fragment import Told, explained, fragment_of, now
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._handover import hand_over
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import is_empty, with_outcome
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._place import report_folder
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._return import told_return
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import ENDPOINT
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._store import write_fragment
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import table

display = Display()

Checks = list[dict[str, t.Any]]


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs on the control node; needs no connection to the host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(
        (
            "checks",
            "phases",
            "title",
            "state",
            "dest_dir",
            "failed_step",
            "verified",
            "values",
            "exceptions",
            "returned",
        )
    )

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables, args = task_vars or {}, self._task.args
        host = str(variables.get("inventory_hostname", ""))
        title = str(args.get("title") or "checks")
        secrets = secrets_of(self._templated(variables))
        failed_step = str(args.get("failed_step") or "")
        checks = with_outcome([*_checks(args), *told_return(args)], failed_step, boolean(args.get("verified", True)))
        told = _told(variables, failed_step)
        said = hide(result_message(told), secrets) if told else ""
        checks = explained(checks, failed_step, said, str(told.get(ENDPOINT) or ""))
        fragment = fragment_of(
            Told(
                host=host,
                title=title,
                state=str(args.get("state") or ""),
                checks=cleaned(checks, secrets),
                failed_step=failed_step,
                exceptions=_mapping(args.get("exceptions")),
                secrets=secrets,
                ansible_core=ansible_version,
                check_mode=boolean(variables.get("ansible_check_mode", False)),
            ),
            now(),
        )
        values = args.get("values")
        if values:
            display.display("\n".join([f"{host} | {title}", *indented(values)]))
        # One call, so that the tables of several hosts do not mix. AWX shows these lines without a host: name it.
        display.display("\n".join(table(fragment["checks"], f"{host} | {title}")))
        result.update(changed=False, verdict=fragment["verdict"])
        # AWX shows these with the job, and throws away its folder.
        stats: dict[str, t.Any] = {"holmes_report": {host: fragment["verdict"]}}
        # For the run after an approval.
        plan = next((check["evidence"].get("plan") for check in checks if check["id"] == PLAN), "")
        if plan and fragment["check_mode"]:
            stats["holmes_plans"] = {host: plan}
        result["ansible_stats"] = {"data": stats, "aggregate": True, "per_host": False}
        folder = report_folder(str(args.get("dest_dir") or ""))
        # The callback writes at the end, and warns if it cannot. The verdict stays whatever becomes of the files.
        try:
            if not hand_over(fragment, folder) and folder and not is_empty(fragment):
                result["path"] = write_fragment(folder, fragment)
        except OSError as error:
            display.warning(
                f"The report cannot be written to '{error.filename or folder}': {error.strerror}. "
                "Set holmes_report_dir."
            )
        return result

    def _templated(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        """The variables that hold secrets; one that cannot be templated was no secret of this run."""
        found = {}
        for name in HIDING_VARIABLES:
            if name in variables:
                try:
                    found[name] = self._templar.template(variables[name])
                except Exception:  # noqa: S112  # whatever a template raises; the report must come
                    continue
        return found


def _checks(args: dict[str, t.Any]) -> Checks:
    """The checks in the order of the phases, each with the name of its own; AnsibleActionFail for another shape."""
    phases = args.get("phases") or {"": args.get("checks")}
    if not isinstance(phases, dict):
        raise AnsibleActionFail("'phases' must be a mapping of names to the lists of checks that modules return.")
    for checks in phases.values():
        if not isinstance(checks, list):
            raise AnsibleActionFail("'checks' must be the list that the modules of this collection return.")
    return [{**check, "phase": str(name)} for name, checks in phases.items() for check in checks]


def _told(variables: dict[str, t.Any], step: str) -> dict[str, t.Any]:
    """The result of the step that ended the run, where it is known and not hidden (no_log); else empty."""
    task, result = (_mapping(variables.get(f"ansible_failed_{name}")) for name in ("task", "result"))
    if not step or str(task.get("name")) != step or task.get("no_log") or result.get("_ansible_no_log"):
        return {}
    return result


def _mapping(value: t.Any) -> dict[str, t.Any]:
    return dict(value) if isinstance(value, dict) else {}
