# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about further volumes of HolmesGPT's pod.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._object_names import is_label
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_render import unrendered
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

VOLUMES, MOUNTS = "additionalVolumes", "additionalVolumeMounts"


@rule("values.volumes", "Further volumes and their mounts belong together")
def volumes(case: Case) -> t.Iterator[Finding]:
    shapes = list(_shapes(case))
    yield from shapes
    if shapes:
        return
    if not effective(case, VOLUMES) and not effective(case, MOUNTS):
        yield good("No further volumes")
    elif not case.rendered.done:
        yield from unrendered()
    else:
        yield from _pairs(case, view.holmes_pod(case.rendered, case.request))


def _shapes(case: Case) -> t.Iterator[Finding]:
    for key, wanted in ((VOLUMES, ("name",)), (MOUNTS, ("name", "mountPath"))):
        for entry in items(effective(case, key)):
            if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in wanted):
                yield fail(f"An entry of {key} lacks {' or '.join(wanted)}.", f"Correct {key} in holmes_values.")
            elif ":" in str(entry.get("mountPath")):
                yield fail(f"'{entry['mountPath']}' of {key} has a ':', which Kubernetes refuses.", f"Correct {key}.")
            elif not is_label(entry["name"]):
                message = f"{key} has the name '{entry['name']}', which is none that Kubernetes accepts."
                yield fail(message, "Use only a-z, 0-9 and '-', at most 63 characters.")


def _pairs(case: Case, pod: Values) -> t.Iterator[Finding]:
    """``pod`` is the rendered specification: the chart's own volumes count as well."""
    names = Counter(str(get(volume, ("name",))) for volume in items(pod.get("volumes")))
    mounts = items(view.holmes_container(case.rendered, case.request).get("volumeMounts"))
    used = {str(get(mount, ("name",))) for one in view.containers(pod) for mount in items(one.get("volumeMounts"))}
    given = {get(volume, ("name",)) for volume in items(effective(case, VOLUMES))}
    for name, times in names.items():
        if times > 1:
            yield fail(f"The volume '{name}' stands there {times} times.", f"Rename yours in {VOLUMES}.")
        elif name in given and name not in used:
            yield warn(f"The volume '{name}' is mounted nowhere.", f"Add it to {MOUNTS}, or remove it.")
    for name in sorted(used - set(names)):
        yield fail(f"'{name}' is mounted, but there is no such volume.", f"Add it to {VOLUMES}, or remove the mount.")
    for path, times in Counter(_path(mount) for mount in mounts).items():
        if times > 1:
            yield fail(f"'{path}' is the mountPath of {times} mounts.", f"Correct {MOUNTS}.")
    yield good(f"{len(mounts)} mounts")


def _path(mount: t.Any) -> str:
    return str(get(mount, ("mountPath",))).rstrip("/")
