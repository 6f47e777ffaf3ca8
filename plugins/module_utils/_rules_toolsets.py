# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules about toolsets: their names and switches, and the one that runs commands.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolset_names import (
    COMMAND_LINE,
    ON_BY_THEMSELVES,
    REMOVED,
    SERVER,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import (
    NEGATIVE,
    effective,
    on,
    truth,
    variable,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, has, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import GONE

# What only a toolset of one's own has; those of the server are switched and configured.
_OF_ONES_OWN = ("tools", "type", "url")
# Fields of an entry that are worth a guess when they are misspelt; the server refuses unknown ones (package 0.45.0).
_FIELDS = ("config", "enabled")
BASH, ANYTHING = ("toolsets", "bash"), "BASH_TOOL_UNSAFE_ALLOW_ALL"
# How the allow list is called from 0.20 on, and in 0.19.
_LIST, _OLD_LIST = "builtin_allowlist", "include_default_allow_deny_list"
_LISTS = ("none", "core", "extended")


@rule("values.toolsets", "Every toolset is one that the server knows")
def toolsets(case: Case) -> t.Iterator[Finding]:
    given = case.values.get("toolsets")
    named = given if isinstance(given, dict) else {}  # values.type speaks of other shapes
    for name, options in named.items():
        if isinstance(options, dict):
            yield from _fields(str(name), options)
            if not has(case.chart.values, ("toolsets", name)):
                yield from _not_shipped(case, str(name), options)
    yield good(f"{len(named)} toolsets are set")


def _fields(name: str, options: Values) -> t.Iterator[Finding]:
    for field in options:
        close = difflib.get_close_matches(str(field), _FIELDS, 1, 0.75)
        if close and field != close[0]:
            message = f"toolsets.{name}.{field} is no field of a toolset. Did you mean '{close[0]}'?"
            yield fail(message, f"Rename it to toolsets.{name}.{close[0]}.")


def _not_shipped(case: Case, name: str, options: Values) -> t.Iterator[Finding]:
    """A toolset that the chart does not have: another one of the server, one's own, or a mistake."""
    if any(key in options for key in _OF_ONES_OWN):
        if str(options.get("enabled")).lower() in NEGATIVE and options["enabled"] is not False:
            message = f"toolsets.{name}.enabled is {options['enabled']!r}, which is yes for a toolset of your own."
            yield fail(message, "Write false, without quotes.")
        return
    meant = _meant(case, name)
    if meant:
        message = f"The server knows no toolset '{name}', so this changes nothing. Did you mean '{meant}'?"
        yield fail(message, f"Rename it in holmes_toolsets to '{meant}'.")
    elif name in COMMAND_LINE:
        message = f"The toolset '{name}' is for the command line only; the server leaves it out."
        yield warn(message, "Remove it from holmes_toolsets.")
    elif name in REMOVED and GONE.holds(case.server):
        yield warn(f"The toolset '{name}' is gone since 0.43.", "Remove it from holmes_toolsets.")
    elif name not in SERVER | REMOVED and not _mounted(case):
        message = f"No known version of the server has a toolset '{name}', and it defines no 'tools' or 'type' itself."
        yield warn(message, "Correct its name in holmes_toolsets, or define its tools.")


def _meant(case: Case, name: str) -> str:
    """The toolset that was probably meant; empty for one that the server knows."""
    given = get(case.chart.values, ("toolsets",))
    shipped = set(map(str, given)) if isinstance(given, dict) else set()
    known = shipped | SERVER | COMMAND_LINE | REMOVED
    if name in known:
        return ""
    close = difflib.get_close_matches(name.lower(), sorted(known), 1, 0.85)
    below = sorted(one for one in shipped if one.startswith(f"{name.lower()}/"))
    others = [one for one in known if one.startswith(f"{name.lower()}/")]
    return (close or below or (others if len(others) == 1 else []) or [""])[0]


def _mounted(case: Case) -> bool:
    """Whether files of toolsets are mounted into the image, where the server finds them, too."""
    mounts = items(effective(case, "additionalVolumeMounts"))
    return any("toolsets" in str(get(mount, ("mountPath",))) for mount in mounts)


@rule("values.bash", "The model cannot run commands", excusable=True)
def bash(case: Case) -> t.Iterator[Finding]:
    if not _runs(case):
        yield good("The bash toolset is off")
        return
    config = effective(case, *BASH, "config")
    config = config if isinstance(config, dict) else {}
    fix = "Set holmes_toolsets: {bash: {enabled: false}}; the kubernetes toolsets do not need it."
    if str(variable(case, ANYTHING)).lower() in ("true", "1"):
        yield fail(f"{ANYTHING} lets the model run any command in the pod.", f"Remove {ANYTHING}.", subject=ANYTHING)
    chosen = _allow_list(config)
    if chosen not in _LISTS:
        message = f"toolsets.bash.config.{_LIST} is {chosen!r}, which the server does not know."
        yield fail(message, f"Set it to one of {', '.join(_LISTS)}.", subject=_LIST)
    elif chosen != "none":
        # Seen with 0.45.0: "grep . FILE" and "head -c 3000 /proc/1/environ" are allowed by "core", too.
        message = (
            f"The bash toolset is on with the allow list '{chosen}': the model can read the account's token and the "
            f"pod's environment{_secrets(case)}."
        )
        yield warn(message, fix, subject="bash")
    further = config.get("allow")
    if further:
        message = f"The model may also run {listed(map(str, items(further)))} in the pod."
        yield warn(message, "Remove toolsets.bash.config.allow.", subject="allow")
    yield good("The bash toolset is on, but runs nothing by itself")


def _runs(case: Case) -> bool:
    """Whether the toolset is on; without a word about it, the server decides."""
    if case.keys.knows(("k8sRBAC",)) and on(case, "k8sRBAC"):
        return False
    enabled = effective(case, *BASH, "enabled")
    return ON_BY_THEMSELVES["bash"].holds(case.server) if enabled is None else truth(enabled)


def _allow_list(config: Values) -> t.Any:
    if _LIST in config or _OLD_LIST not in config:
        return config.get(_LIST, "core")  # the server's default
    return "extended" if config[_OLD_LIST] else "none"


def _secrets(case: Case) -> str:
    """The Secrets that lie as files beside the token, as the end of a sentence."""
    pod = view.holmes_pod(case.rendered, case.request)
    found = [get(volume, ("secret", "secretName")) for volume in items(pod.get("volumes"))]
    names = sorted({name for name in found if isinstance(name, str) and name != "robusta-playbooks-config-secret"})
    return f", and the mounted Secrets {listed(names)}" if names else ""
