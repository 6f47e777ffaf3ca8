# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings the chart's definitions of custom resources into the cluster. Nothing is ever deleted.

Private to this collection: it may change in any release. Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils import _chart, _crds, _kube_write, _secret, _yaml_text
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check, summary
from ansible_collections.holmesgpt.onprem.plugins.module_utils._clock import Clock
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Cluster, Object, meta, name_of
from ansible_collections.holmesgpt.onprem.plugins.module_utils._preflight_say import listed
from ansible_collections.holmesgpt.onprem.plugins.module_utils._upgrade_crds import migration
from ansible_collections.holmesgpt.onprem.plugins.module_utils._voice import Voice

ID = "release.crds"
IDS = {ID: "Definitions of the chart's own kinds are there"}
# Says for which release a definition was made.
MADE_FOR = "holmesgpt.onprem/made-for"
# The API server establishes a definition within a second or two; it may be busy.
PATIENCE, PAUSE = 60.0, 1.0
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
_ACTIONS = {_crds.MISSING: CREATED, _crds.DIFFERENT: UPDATED, _crds.SAME: UNCHANGED}

_VOICE = Voice(IDS)


def ensure(cluster: Cluster, chart: str, made_for: str, check_mode: bool, clock: Clock | None = None) -> Object:
    """Create and update what differs, then wait until it is served; returns the module's result.

    ``made_for`` names the release. Before anything is written all definitions are looked at. Raises HolmesError.
    """
    read = _chart.read(chart)
    wanted = _crds.of_chart(read)
    live = {name_of(one): _kube_write.find(cluster, _crds.place(name_of(one))) for one in wanted}
    lost = {name_of(one): _crds.dropped(one, live[name_of(one)]) for one in wanted}
    lost = {name: versions for name, versions in lost.items() if versions}
    actions = {name_of(one): _ACTIONS[_crds.state(one, live[name_of(one)])] for one in wanted}
    if lost:
        return _result(_refused(lost), dict.fromkeys(actions, UNCHANGED), ([], []))
    todo = [one for one in wanted if actions[name_of(one)] != UNCHANGED]
    shown = _diff(todo, live)
    if check_mode:
        return _result(_told(str(read), actions), actions, shown)
    for one in todo:
        _write(cluster, one, live[name_of(one)], made_for)
    waiting = _unserved(cluster, list(actions), clock or Clock())
    return _result(_late(waiting) if waiting else _told(str(read), actions), actions, shown)


def _write(cluster: Cluster, wanted: Object, live: Object | None, made_for: str) -> None:
    """A definition that somebody else made gets no label of ours, so that nobody takes it for ours later."""
    if live is not None:
        _kube_write.patch(cluster, _crds.place(name_of(wanted)), _crds.update(wanted, live))
        return
    given = meta(wanted)
    metadata = {
        **given,
        "labels": {**(given.get("labels") or {}), _secret.OWNER_LABEL: _secret.OWNER},
        "annotations": {**(given.get("annotations") or {}), MADE_FOR: made_for},
    }
    _kube_write.create(cluster, _crds.place(), {**wanted, "metadata": metadata})


def _unserved(cluster: Cluster, names: t.Sequence[str], clock: Clock) -> dict[str, str]:
    """Definitions that are not served when the patience ends, each with the API server's reason."""
    until = clock.now() + PATIENCE
    while True:
        live = {name: _kube_write.find(cluster, _crds.place(name)) for name in names}
        waiting = {name: one for name, one in live.items() if not _crds.is_established(one)}
        refused = [one for one in waiting.values() if _crds.condition(one, "NamesAccepted").get("status") == "False"]
        if not waiting or refused or clock.now() >= until:
            return {name: _reason(one) for name, one in waiting.items()}
        clock.sleep(PAUSE)


def _reason(live: Object | None) -> str:
    if live is None:
        return "it is gone again"
    for kind in ("NamesAccepted", "Established"):
        found = _crds.condition(live, kind)
        if found.get("status") == "False" and found.get("message"):
            return str(found["message"])
    return "the API server gave no reason"


def _refused(lost: t.Mapping[str, t.Sequence[str]]) -> Check:
    told = [f"{name} (stored: {', '.join(versions)})" for name, versions in lost.items()]
    message = f"Not updated, because objects could not be read any more: {listed(told)}. Nothing was written."
    return _VOICE.failed(ID, message, f"{migration(lost)} Or set holmes_skip_crds: true.", stored=dict(lost))


def _late(waiting: t.Mapping[str, str]) -> Check:
    told = [f"{name}: {reason.rstrip('.')}" for name, reason in waiting.items()]
    message = f"The API server does not serve {'; '.join(told)}."
    fix = f"See 'kubectl describe crd {' '.join(waiting)}'; another definition may hold one of its names."
    return _VOICE.failed(ID, message, fix, waiting=dict(waiting))


def _told(chart: str, actions: t.Mapping[str, str]) -> Check:
    if not actions:
        return _VOICE.passed(ID, f"Chart {chart} brings no definitions.")
    told = [
        f"{action}: {listed(names)}"
        for action in (CREATED, UPDATED, UNCHANGED)
        for names in [[name for name, one in actions.items() if one == action]]
        if names
    ]
    return _VOICE.passed(ID, f"Definitions of chart {chart}: {'; '.join(told)}.", actions=dict(actions))


def _diff(todo: t.Sequence[Object], live: t.Mapping[str, Object | None]) -> tuple[list[Object], list[Object]]:
    """Specifications before and after, of those that change."""
    before = [
        {"name": name_of(one), "spec": _crds.spec(there)} for one in todo for there in [live[name_of(one)]] if there
    ]
    return before, [{"name": name_of(one), "spec": _crds.spec(one)} for one in todo]


def _result(check: Check, actions: t.Mapping[str, str], shown: tuple[list[Object], list[Object]]) -> Object:
    before, after = (_yaml_text.dump(side) if side else "" for side in shown)
    return {
        "changed": any(action != UNCHANGED for action in actions.values()),
        "crds": [{"name": name, "action": action} for name, action in actions.items()],
        "diff": {"before": before, "after": after},
        **summary([check]),
    }
