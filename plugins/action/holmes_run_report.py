# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the files of a report anew, from the fragments of its hosts on the control node."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._place import GIVEN, report_folder
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._render import PAGE, rendered, stored, write
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import headline, report_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._store import read_fragments

display = Display()


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs on the control node; needs no connection to the host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("report_dir",))

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given = str(self._task.args.get("report_dir") or os.environ.get(GIVEN) or "")
        if not given:
            raise AnsibleActionFail(f"No folder of a report is known: set holmes_report_dir of the hosts, or {GIVEN}.")
        folder = report_folder(given)
        try:
            fragments = read_fragments(folder)
            if not fragments:
                raise AnsibleActionFail(f"'{folder}' has no fragment of a host (hosts/HOST.json).")
            report = report_of(fragments)
            texts = rendered(report)
            before = stored(folder, texts)
            changed = sorted(name for name in texts if texts[name] != before[name])
            if changed and not self._task.check_mode:
                write(folder, {name: texts[name] for name in changed})
        except ValueError as error:
            raise AnsibleActionFail(f"{error}. Remove it, or run again for this host.") from None
        except OSError as error:
            where = error.filename or folder
            raise AnsibleActionFail(f"The report in '{where}' cannot be made: {error.strerror}.") from None
        if self._task.diff:
            result["diff"] = [_diff(os.path.join(folder, name), before[name], texts[name]) for name in changed]
        verdict = report["verdict"]
        display.display(f"HolmesGPT | {headline(report)}. Report: {os.path.join(folder, PAGE)}")
        return {**result, "changed": bool(changed), "verdict": verdict, "msg": headline(report), "path": folder}


def _diff(path: str, before: str, after: str) -> dict[str, str]:
    """The page says what the other two say, but in markup."""
    if path.endswith(".html"):
        return {"prepared": f"{path} {'changes' if before else 'is made'}\n"}
    return {"before_header": path, "after_header": path, "before": before, "after": after}
