# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The air-gap profile: what HolmesGPT needs so that it neither looks for the internet nor breaks without it.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Every default has a reason. A default is used only if the chart knows its key; any layer of the user's overrides it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import (
    Path,
    Values,
    env_literal,
    get,
    has,
    put,
)

AIRGAP, NONE = "airgap", "none"
PROFILES = (AIRGAP, NONE)


@dataclass(frozen=True)
class Default:
    """One value of the profile and why it has it."""

    path: Path
    value: t.Any
    reason: str


@dataclass(frozen=True)
class EnvDefault:
    """One environment variable of the profile and why it has its value. ``free``: any other value is as good."""

    name: str
    value: str
    reason: str
    free: bool = False


# Header names that the server must not pass on to its tools. The first three are the server's own default.
BLOCKED_HEADERS = "authorization,cookie,set-cookie,accept,user-agent,x-api-key,content-type"

DEFAULTS = (
    Default(
        ("enableTelemetry",),
        False,
        "An absent key means true, and Sentry cannot be reached (chart helper; PR #1206, #1275).",
    ),
    Default(
        ("sentryDSN",),
        "",
        "Charts up to 0.16 carry the address of a hosted Sentry and ask for it again and again (real run, 17).",
    ),
    Default(
        ("toolsets", "internet", "enabled"), False, "Fetches web pages when the model asks for it; there is no web."
    ),
    Default(
        ("toolsets", "robusta", "enabled"),
        False,
        "Needs the hosted Robusta service; without it the toolset is shown as failed.",
    ),
    Default(
        ("toolsets", "connectivity_check", "enabled"), False, "Opens connections to any host that the model names."
    ),
    Default(
        ("toolsets", "bash", "enabled"),
        False,
        "Its default allow list has cat, find and base64: the model could read the account's token. The kubernetes "
        "toolsets do not need it.",
    ),
)

ENV_DEFAULTS = (
    EnvDefault(
        "LITELLM_LOCAL_MODEL_COST_MAP",
        "True",
        "Without it every start asks raw.githubusercontent.com for a price list and waits for the time-out.",
    ),
    EnvDefault(
        "ROBUSTA_AI",
        "false",
        "Without models the server would load a pseudo model 'Robusta' and look ready; so it says that none is loaded.",
    ),
    EnvDefault(
        "HOLMES_CONFIGPATH_DIR",
        "/tmp/.holmes",  # noqa: S108 - a path in the pod
        "The root file system is read-only; only /tmp can be written (PR #2335).",
        free=True,
    ),
    EnvDefault(
        "TOOL_MEMORY_LIMIT_MB",
        "1500",
        "At the default of 800 kubectl dies now and then and the tool reports success without rows: 4 of 40 chats, 0 "
        "of 60 at 1500 (real run).",
        free=True,
    ),
    EnvDefault(
        "HOLMES_PASSTHROUGH_BLOCKED_HEADERS",
        BLOCKED_HEADERS,
        "From 0.43 on a request header with shell characters, such as curl's 'Accept: */*', breaks every kubernetes "
        "tool (PR #2467; real run, 3).",
        free=True,
    ),
)


def defaults(chart: Chart, keys: ChartKeys) -> Values:
    """The profile's values for this chart."""
    values: Values = {}
    for default in DEFAULTS:
        # A toolset that this version does not ship is left alone: its name may mean nothing to the server.
        shipped = default.path[0] != "toolsets" or has(chart.values, default.path[:2])
        if shipped and keys.knows(default.path):
            put(values, default.path, default.value)
    if keys.knows(("additionalEnvVars",)):
        values["additionalEnvVars"] = [{"name": default.name, "value": default.value} for default in ENV_DEFAULTS]
    return values


def exceptions(chart: Chart, keys: ChartKeys, values: Values) -> list[tuple[str, str]]:
    """Where the user deliberately went another way: what was changed, and the reason of the default."""
    wanted = defaults(chart, keys)
    found = [
        (f"{'.'.join(default.path)} is {get(values, default.path)!r}", default.reason)
        for default in DEFAULTS
        if has(wanted, default.path) and get(values, default.path) != default.value
    ]
    for variable in ENV_DEFAULTS:
        given = env_literal(values, variable.name)
        if (
            isinstance(values.get("additionalEnvVars"), list)
            and has(wanted, ("additionalEnvVars",))
            and not variable.free
            and (given or "").lower() != variable.value.lower()  # the server compares so, too
        ):
            found.append((f"{variable.name} is {'no literal' if given is None else repr(given)}", variable.reason))
    return found
