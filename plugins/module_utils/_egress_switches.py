# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``egress.switches``: what of the running HolmesGPT asks the internet by itself and is not switched off.

Private to this collection: it may change in any release. Imports nothing of Ansible.
The rules and tables of holmes_values are asked about the running pod; nothing is listed a second time.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _live_pod, _profile
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart import Chart
from ansible_collections.holmesgpt.onprem.plugins.module_utils._chart_keys import ChartKeys
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import FAIL, WARN, Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._egress_say import SWITCHES, passed, unchecked, warned
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError
from ansible_collections.holmesgpt.onprem.plugins.module_utils._release import Release
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_robusta import robusta
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_telemetry import ADDRESS, SWITCH, telemetry
from ansible_collections.holmesgpt.onprem.plugins.module_utils._toolset_names import HOSTED, ON_BY_THEMSELVES
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import NEGATIVE
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_endpoints import target
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, env_literal, get
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_models import more_variables
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case, Rendered, Request
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_versions import Version, server_version, text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._verify_scene import Scene

_COST_MAP, _COST_MAP_URL = "LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_MODEL_COST_MAP_URL"
# values.bash speaks of this one: it runs commands, and asks nothing by itself.
_ELSEWHERE = "bash"


class Open(t.NamedTuple):
    """Something that is not switched off."""

    subject: str
    message: str
    fix: str


def check(scene: Scene) -> t.Iterator[Check]:
    """See the module's text."""
    ground = _live_pod.lacking(scene)
    if ground:
        yield unchecked(SWITCHES, *ground)
        return
    try:
        values = _live_pod.values(scene)
    except KubeError as error:
        if not error.forbidden:
            raise
        fix = f"Allow the verifying account to get configmaps in namespace {scene.intent.namespace}."
        yield unchecked(SWITCHES, error.msg, fix)
        return
    yield judge(values, scene.release)


def judge(values: Values, release: Release | None) -> Check:
    """``values`` are those of the running pod (``_live_pod.values``)."""
    chart = _chart(release)
    server = server_version(chart, values)
    found = [*_cost_map(values), *_of_rules(values, chart, server), *_toolsets(values, server)]
    evidence: dict[str, t.Any] = {
        "server": text(server),
        "open": [one.subject for one in found],
        "toolsets_configured": sorted(map(str, values["toolsets"])),
        "variables_of_whole_secrets": more_variables(values),
    }
    if found:
        message = " ".join(one.message for one in found)
        fixes = " ".join(dict.fromkeys(one.fix for one in found))
        fix = f"{fixes} All of it at once: holmes_profile: airgap, then site.yml."
        return warned(SWITCHES, message, fix, **evidence)
    return passed(
        SWITCHES, f"HolmesGPT {text(server)} asks nothing outside by itself: all is switched off.", **evidence
    )


def _chart(release: Release | None) -> Chart:
    """As much of the chart as the release tells: its versions."""
    versions = (release.chart_version, release.app_version) if release else ("", "")
    return Chart("", "holmes", *versions, "", {}, {})


def _cost_map(values: Values) -> t.Iterator[Open]:
    mirror = target(env_literal(values, _COST_MAP_URL) or "")
    (default,) = [one for one in _profile.ENV_DEFAULTS if one.name == _COST_MAP]
    said = env_literal(values, _COST_MAP) or ""
    if said.lower() == default.value.lower() or (mirror and not hosts.is_public(mirror.host)):
        return
    message = f"The variable {_COST_MAP} is not '{default.value}'. {default.reason}"
    yield Open(_COST_MAP, message, f"Set holmes_env: {{{_COST_MAP}: '{default.value}'}}.")


def _of_rules(values: Values, chart: Chart, server: Version | None) -> t.Iterator[Open]:
    """Telemetry and the hosted platform. What the chart itself makes of a value stands in the pod's variables."""
    env = values["additionalEnvVars"]
    container = {"name": "holmes", "env": env}
    pod = {"spec": {"template": {"spec": {"containers": [container]}}}}
    manifest = {"kind": "Deployment", "metadata": {"name": "holmes-holmes"}, **pod}
    given = [entry for entry in env if entry.get("name") not in (SWITCH, ADDRESS)]
    case = Case(
        request=Request(chart="", profile=_profile.NONE),
        chart=chart,
        keys=ChartKeys(chart),
        server=server,
        layers=(),
        values={**values, "additionalEnvVars": given},
        rendered=Rendered((manifest,)),
    )
    for finding in (*telemetry(case), *robusta(case)):
        if finding.status in (WARN, FAIL):
            yield Open(finding.subject or "platform", finding.message, finding.fix)


def _toolsets(values: Values, server: Version | None) -> t.Iterator[Open]:
    reasons = {one.path[1]: one.reason for one in _profile.DEFAULTS if one.path[0] == "toolsets"}
    for name, reason in reasons.items():
        if name != _ELSEWHERE and _is_on(values, name, server):
            yield Open(name, f"The toolset '{name}' is on. {reason}", _off(name))
    for name, service in HOSTED.items():
        if _is_on(values, name, server):
            message = f"The toolset '{name}' is on and asks {service}, which a cut-off cluster cannot reach."
            yield Open(name, message, _off(name))


def _is_on(values: Values, name: str, server: Version | None) -> bool:
    """A toolset that the live file does not name is on if the server turns it on by itself."""
    options = get(values, ("toolsets", name))
    if not isinstance(options, dict):
        return name in ON_BY_THEMSELVES and ON_BY_THEMSELVES[name].holds(server)
    return str(options.get("enabled", True)).lower() not in NEGATIVE


def _off(name: str) -> str:
    return f"Set holmes_toolsets: {{{name}: {{enabled: false}}}}."
