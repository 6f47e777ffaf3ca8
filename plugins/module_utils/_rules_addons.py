# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule about add-ons, the operator and whatever else brings more than HolmesGPT.

Private to this collection: it may change in any release. Imports nothing of Ansible.

Which add-ons there are is read from the chart; written down here are only their known dangers.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _image_reference as reference
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_hosts as hosts
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._profile import AIRGAP
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac_rules import READING_ROLES
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_origin import addons as enabled
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rules_finding import (
    Finding,
    fail,
    good,
    listed,
    rule,
    warn,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_effective import effective
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import Values, get, items, strings
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Case

_DANGERS = {
    "operator": (
        "it may write in the cluster, knows no pull secret (#2302), sends no API key (#2030), and its checks may call "
        "no tools on vLLM (#2031)"
    ),
    "aws": "it asks Amazon's cloud",
    "azure": "it asks Microsoft's cloud",
    "gcp": "it asks Google's cloud",
    "gitlabMcp": "it downloads a package from npm at every start",
    "kubernetesRemediation": "it may change and delete workloads and run commands in pods",
}
# Hosted services that are asked unless config.host names another.
_HOSTED = {"github": "github.com", "sentry": "sentry.io"}
_READ_ONLY = ("readOnly", "readOnlyMode")


@rule("values.addons", "Nothing beside HolmesGPT is installed", excusable=True)
def addons(case: Case) -> t.Iterator[Finding]:
    found = enabled(case)
    told = fail if case.request.profile == AIRGAP else warn
    for path, options in found.items():
        name = path.rpartition(".")[2]
        notes = list(_notes(case, name, options))
        message = f"The add-on '{name}' is on" + (f": {'; '.join(notes)}." if notes else ".")
        yield told(message, f"Set {path}.enabled: false.", subject=name, addons=[name])
    yield from _skills(case)
    yield good("No add-ons")


def _notes(case: Case, name: str, options: Values) -> t.Iterator[str]:
    """What an add-on brings that one may not expect."""
    if name in _DANGERS:
        yield _DANGERS[name]
    if any(get(options, ("config", key)) is False for key in _READ_ONLY):
        yield "it is not read-only"
    role = get(options, ("serviceAccount", "clusterRole"))
    if role and role not in READING_ROLES:
        yield f"it gets the role '{role}'"
    named = {text for path, text in strings(options) if path[-1] == "registry"}
    foreign = sorted({reference.host_of(f"{one}/") for one in named if not _from_site(case, one)})
    if foreign:
        yield f"its image comes from {', '.join(foreign)}"
    if name in _HOSTED and not get(options, ("config", "host")):
        yield f"it asks {_HOSTED[name]}, unless config.host names another"
    public = sorted({host for host in hosts.named({"config": options.get("config")}) if hosts.is_public(host)})
    if public:
        yield f"it asks {', '.join(public)}"


def _from_site(case: Case, registry: str) -> bool:
    site = case.request.registry or str(case.values.get("registry") or "")
    return bool(site) and reference.from_registry(f"{registry}/x", site)


def _skills(case: Case) -> t.Iterator[Finding]:
    """Skills from elsewhere: Git repositories, and folders that have to be mounted."""
    if case.keys.knows(("skillRepos",)):
        urls = [get(repo, ("url",), "") for repo in items(effective(case, "skillRepos"))]
        public = sorted({host for host in hosts.named({"url": urls}) if hosts.is_public(host)})
        if public:
            told = fail if case.request.profile == AIRGAP else warn
            message = f"skillRepos is fetched from {', '.join(public)} while HolmesGPT runs."
            yield told(message, "Name a Git server of the site in skillRepos.", subject="skillRepos")
    if not case.keys.knows(("customSkillPaths",)) or not case.rendered.done:
        return
    mounts = items(view.holmes_container(case.rendered, case.request).get("volumeMounts"))
    places = [f"{str(get(mount, ('mountPath',))).rstrip('/')}/" for mount in mounts]
    paths = [str(path) for path in items(effective(case, "customSkillPaths"))]
    missing = [path for path in paths if not f"{path}/".startswith(tuple(places))]
    if missing:
        message = f"customSkillPaths names {listed(missing)}, but nothing is mounted there."
        yield warn(message, "Mount it with additionalVolumes and additionalVolumeMounts.", subject="customSkillPaths")
