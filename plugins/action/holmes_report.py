# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the checks of a host as a table, and keeps them as a JSON file on the control node."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._diff import indented
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._outcome import with_outcome
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._table import report_verdict, table

display = Display()


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs on the control node; needs no connection to the host."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("checks", "title", "dest_dir", "failed_step", "verified", "values"))

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        host = (task_vars or {}).get("inventory_hostname", "")
        checks = self._task.args.get("checks")
        if not isinstance(checks, list):
            raise AnsibleActionFail("'checks' must be the list that the modules of this collection return.")
        title = str(self._task.args.get("title") or "checks")
        verified = boolean(self._task.args.get("verified", True))
        checks = with_outcome(checks, str(self._task.args.get("failed_step") or ""), verified)
        values = self._task.args.get("values")
        if values:
            display.display("\n".join([f"{host} | {title}", *indented(values)]))
        # One call, so that the tables of several hosts do not mix. AWX shows these lines without a host: name it.
        display.display("\n".join(table(checks, f"{host} | {title}")))
        result.update(changed=False, verdict=report_verdict(checks))
        dest_dir = self._task.args.get("dest_dir")
        if dest_dir:
            fragment = {"host": host, "title": title, "verdict": result["verdict"], "checks": checks}
            result["path"] = _write(os.path.expanduser(str(dest_dir)), host, fragment)
        return result


def _write(folder: str, host: str, fragment: dict[str, t.Any]) -> str:
    """Write one host's checks, 0600 and whole or not at all; returns the path."""
    path = os.path.join(folder, f"{host}.json")
    temporary = ""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".report.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(fragment, stream, indent=2, sort_keys=True)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise AnsibleActionFail(
            f"The report cannot be written to '{path}': {error.strerror}. Set holmes_report_dir."
        ) from error
    return path
