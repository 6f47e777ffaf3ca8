# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which switch of the chart brings a rendered object, so that a fix can name it.

Private to this collection: it may change in any release. Imports nothing of Ansible.

The chart names the objects of an add-on after it, but not always letter by letter: ``kubernetesRemediation`` makes
``RELEASE-k8s-remediation-mcp-server``. Which add-ons there are is read from the chart.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective, truth
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

OPERATOR = "operator"
ADDONS = "mcpAddons"


def addons(case: Case) -> dict[str, Values]:
    """Every add-on that is on, by the path of its values: ``operator``, ``mcpAddons.NAME``."""
    known: dict[str, t.Any] = {OPERATOR: effective(case, OPERATOR)}
    inner = effective(case, ADDONS)
    known.update({f"{ADDONS}.{name}": options for name, options in (inner if isinstance(inner, dict) else {}).items()})
    return {
        path: options
        for path, options in known.items()
        if isinstance(options, dict)
        and truth(options.get("enabled"))
        and case.keys.knows((*path.split("."), "enabled"))
    }


def origin(case: Case, name: str) -> str:
    """The path of the add-on that an object belongs to, by the object's name; empty for HolmesGPT itself."""
    plain = name[len(case.request.release_name) + 1 :] if name.startswith(f"{case.request.release_name}-") else name
    found = [(len(form), path) for path in addons(case) for form in _forms(path) if _begins(plain, form)]
    return max(found)[1] if found else ""


def _begins(name: str, form: str) -> bool:
    return f"{name}-".startswith(f"{form}-")


def _forms(path: str) -> set[str]:
    """How names of objects may spell an add-on."""
    if path == OPERATOR:
        return {"operator", "holmes-operator"}
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", path.rpartition(".")[2]).lower()
    short = kebab[: -len("-mcp")] if kebab.endswith("-mcp") else kebab
    return {short, short.replace("kubernetes", "k8s")}


def is_own_role(case: Case, name: str) -> bool:
    """Whether this is the role of HolmesGPT itself, to which the user may add rules."""
    release = case.request.release_name
    return name in (f"{release}-holmes-cluster-role", f"{release}-holmes-role")
