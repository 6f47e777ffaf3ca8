# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``upgrade.crds``: the chart's definitions against those of the cluster. Pure functions.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _crds
from ansible_collections.holmesgpt.onprem.plugins.module_utils import _render_view as view
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import KubeError, Object, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._render_view import Manifest
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_say import (
    CRDS,
    failed,
    passed,
    unchecked,
    warned,
)
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_merge import get, items
from ansible_collections.holmesgpt.onprem.plugins.module_utils._values_types import Rendered

# {name: the cluster's definition, or None if there is none}
Live = t.Mapping[str, t.Optional[Object]]
APPLY = "Set holmes_skip_crds: false, so that this run brings the chart's definitions."


def needed(wanted: t.Iterable[Object], manifests: t.Sequence[Manifest]) -> list[str]:
    """Names of definitions for whose objects a role has rules, or of which one is rendered."""
    rendered = Rendered(manifests=tuple(manifests))
    ruled = {
        (str(group), str(resource).partition("/")[0])
        for rule in view.rules(rendered)
        for group in items(rule.get("apiGroups"))
        for resource in items(rule.get("resources"))
    }
    made = {(str(one.get("apiVersion")).rpartition("/")[0], str(one.get("kind"))) for one in manifests}
    found = []
    for definition in wanted:
        group = str(get(definition, ("spec", "group")))
        plural, kind = (str(get(definition, ("spec", "names", key))) for key in ("plural", "kind"))
        if (group, plural) in ruled or (group, kind) in made:
            found.append(name_of(definition))
    return found


def judge(wanted: t.Sequence[Object], live: Live | KubeError, needs: t.Sequence[str], skip: bool) -> Check:
    """``needs`` as :func:`needed` says; ``skip`` is holmes_skip_crds; ``live`` is an error if it cannot be read."""
    if not wanted:
        return passed(CRDS, "The chart brings no definitions.")
    if isinstance(live, KubeError):
        return _unread(wanted, live, needs, skip)
    found = {name_of(one): _crds.state(one, live.get(name_of(one))) for one in wanted}
    lost = {name_of(one): _crds.dropped(one, live.get(name_of(one))) for one in wanted}
    lost = {name: versions for name, versions in lost.items() if versions}
    evidence = {"definitions": found, "needed": list(needs), "stored": lost}
    if lost and not skip:
        return _lost(lost, evidence)
    return _skipped(found, lost, needs, evidence) if skip else _applied(found, evidence)


def _unread(wanted: t.Sequence[Object], error: KubeError, needs: t.Sequence[str], skip: bool) -> Check:
    if skip and not needs and error.forbidden:
        message = (
            f"The chart's definitions are left alone (holmes_skip_crds): {listed(map(name_of, wanted))}. Nothing that "
            "is rendered needs them, and this account may not read them."
        )
        return passed(CRDS, message, needed=[])
    fix = error.fix or f"Grant 'get' on {_crds.RESOURCE}.{_crds.GROUP}, in a ClusterRole."
    return unchecked(CRDS, error.msg, fix, needed=list(needs))


def _lost(lost: t.Mapping[str, t.Sequence[str]], evidence: dict[str, t.Any]) -> Check:
    told = [f"{name} has objects stored as {', '.join(versions)}" for name, versions in lost.items()]
    message = f"{listed(told)}, which the chart's definition no longer knows: they could not be read any more."
    return failed(CRDS, message, f"{migration(lost)} Or set holmes_skip_crds: true.", **evidence)


def migration(lost: t.Mapping[str, t.Sequence[str]]) -> str:
    """How stored versions are given up."""
    names = " ".join(lost)
    return (
        "Write each object again in a version that stays (a chart in between may have both), then take the old one out "
        f"of status.storedVersions: kubectl edit crd {names} --subresource=status."
    )


def _skipped(
    found: t.Mapping[str, str],
    lost: t.Mapping[str, t.Sequence[str]],
    needs: t.Sequence[str],
    evidence: dict[str, t.Any],
) -> Check:
    missing, different = (
        [name for name in needs if found[name] == state] for state in (_crds.MISSING, _crds.DIFFERENT)
    )
    if missing:
        message = (
            f"What is rendered needs {listed(missing)}, which the cluster does not have, and holmes_skip_crds is true."
        )
        return failed(CRDS, message, APPLY, **evidence)
    if different:
        message = f"{listed(different)} of the cluster differs from the chart's, and what is rendered needs it."
        fix = APPLY + (f" Before that: {migration(lost)}" if lost else "")
        return warned(CRDS, f"{message} Helm never upgrades definitions.", fix, **evidence)
    if all(state == _crds.SAME for state in found.values()):
        return passed(CRDS, f"The cluster has {listed(found)} as the chart does.", **evidence)
    why = "" if needs else "; nothing that is rendered needs them"
    return passed(CRDS, f"{_states(found)}: left alone (holmes_skip_crds){why}.", **evidence)


def _applied(found: t.Mapping[str, str], evidence: dict[str, t.Any]) -> Check:
    verbs = ((_crds.MISSING, "creates"), (_crds.DIFFERENT, "updates"))
    told = [f"{verb} {listed(_those(found, state))}" for state, verb in verbs if _those(found, state)]
    if told:
        return passed(CRDS, f"This run {' and '.join(told)}.", **evidence)
    return passed(CRDS, f"The cluster has {listed(found)} as the chart does.", **evidence)


def _those(found: t.Mapping[str, str], state: str) -> list[str]:
    return [name for name, one in found.items() if one == state]


def _states(found: t.Mapping[str, str]) -> str:
    words = (
        (_crds.MISSING, "Not in the cluster"),
        (_crds.DIFFERENT, "other than the chart's"),
        (_crds.SAME, "the same"),
    )
    told = [f"{word}: {listed(_those(found, state))}" for state, word in words if _those(found, state)]
    text = "; ".join(told)
    return text[0].upper() + text[1:]
