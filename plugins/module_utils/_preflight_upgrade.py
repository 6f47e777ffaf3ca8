# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The upgrade, shown before it happens: what runs against what this run would deploy.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Only reads. Helm's newest good revision tells what runs, so that what somebody changed by hand is not compared here.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.holmesgpt.onprem.plugins.module_utils import (
    _chart,
    _crds,
    _upgrade_crds,
    _upgrade_diff,
    _upgrade_fields,
    _upgrade_images,
    _upgrade_objects,
    _upgrade_rights,
    _upgrade_running,
    _upgrade_say,
    _upgrade_values,
    _upgrade_version,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, HolmesError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._concurrently import Once, Task
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import CONNECT_TIMEOUT, KubeError, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube_write import find
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_context import Context
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_look import Look, hooks
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_running import Running
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import passed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import masked

# Id to title of every check here; each has a section in docs/checks/upgrade.md.
IDS = _upgrade_say.IDS
# Two charts are read and compared beside the requests.
PATIENCE = 3


@dataclass
class Change:
    """What runs and what would be deployed, each read once for all tasks. What cannot be read raises KubeError."""

    context: Context
    running: Once[Running | None] = field(init=False)
    chart: Once[Chart] = field(init=False)

    def __post_init__(self) -> None:
        where = self.context.namespace, self.context.release_name
        self.look = Look(self.context)
        self.running = Once(lambda: _upgrade_running.read(self.look.reader, *where))
        self.chart = Once(self._chart)

    def _chart(self) -> Chart:
        try:
            return _chart.read(self.context.chart)
        except HolmesError as error:
            raise KubeError(error.msg, fix=error.fix) from error

    def new(self) -> list[Manifest]:
        """What this run would deploy, without hooks: Helm records them elsewhere."""
        return [manifest for manifest in self.look.rendered().manifests if not hooks(manifest)]


def tasks(context: Context) -> list[Task]:
    """One task for each check. They share what they read."""
    change = Change(context)
    compared: dict[str, t.Callable[[Change, Running], Check]] = {
        _upgrade_say.VERSION: lambda change, running: _upgrade_version.judge(running, change.chart()),
        _upgrade_say.VALUES: lambda change, running: _upgrade_values.judge(running, change.chart(), context.values),
        _upgrade_say.RIGHTS: lambda change, running: _upgrade_rights.judge(running.manifests, change.new()),
        _upgrade_say.IMAGES: lambda change, running: _upgrade_images.judge(running.manifests, change.new()),
        _upgrade_say.FIELDS: _fields,
    }
    runs = {id_: _against(id_, change, judge) for id_, judge in compared.items()}
    runs[_upgrade_say.CRDS] = lambda: [_definitions(change)]
    deadline = CONNECT_TIMEOUT + 5 + context.timeout * PATIENCE
    return [Task(id_, title, runs[id_], deadline) for id_, title in IDS.items()]


def _against(id_: str, change: Change, judge: t.Callable[[Change, Running], Check]) -> t.Callable[[], list[Check]]:
    """The check against what runs; without a release there is nothing to compare."""

    def run() -> list[Check]:
        running = change.running()
        if running is None:
            return [passed(id_, "There is no release yet, so nothing changes.")]
        return [masked(judge(change, running), change.look.secrets)]

    return run


def _fields(change: Change, running: Running) -> Check:
    objects = _upgrade_objects.compare(running.manifests, change.new(), change.context.namespace)
    return _upgrade_fields.judge(objects, change.context.namespace)


def _definitions(change: Change) -> Check:
    try:
        wanted = _crds.of_chart(change.chart())
    except KubeError:
        raise
    except HolmesError as error:
        raise KubeError(error.msg, fix=error.fix) from error
    needs = _upgrade_crds.needed(wanted, change.new()) if wanted else []
    live: _upgrade_crds.Live | KubeError
    try:
        live = {name_of(one): find(change.look.reader, _crds.place(name_of(one))) for one in wanted}
    except KubeError as error:
        live = error
    return _upgrade_crds.judge(wanted, live, needs, change.context.skip_crds)


def difference(context: Context) -> list[str]:
    """The objects before and after as lines of a diff, without secrets; empty if nothing changes or is there yet.

    Raises KubeError if either side cannot be read.
    """
    change = Change(context)
    running = change.running()
    if running is None:
        return []
    return _upgrade_diff.lines(running.manifests, change.new(), context.namespace, change.look.secrets)
