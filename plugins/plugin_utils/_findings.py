# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is not a pass, over all hosts: the same finding on forty hosts is told once. Private to this collection.

Imports nothing of Ansible.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._phases import WORST_FIRST
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._run import Report, names_of
from ansible_collections.holmesgpt.onprem.plugins.plugin_utils._shared_faults import Key, key_of, shared_faults

Finding = dict[str, t.Any]


def places_of(report: Report) -> list[dict[str, str]]:
    """Each host of the report as a link."""
    return [{"anchor": f"host-{number}", "name": name} for number, name in enumerate(names_of(report), 1)]


def shared(report: Report) -> list[dict[str, t.Any]]:
    """The faults that several hosts share, each with an anchor and its hosts as links."""
    places = list(zip(places_of(report), report["hosts"]))
    return [
        {
            **fault.as_dict(),
            "key": fault.key,
            "anchor": f"shared-{fault.number}",
            "places": [place for place, host in places if any(key_of(check) == fault.key for check in host["checks"])],
        }
        for fault in shared_faults(report["hosts"])
    ]


def findings(report: Report, statuses: tuple[str, ...], told: t.Container[Key | None] = ()) -> list[dict[str, t.Any]]:
    """The checks with one of these statuses: by id and status, the widest spread first; below each its messages.

    ``told`` are keys of shared faults, which stand above.

    Each message has the ``hosts`` (places in the report, from 1, with names) that said it. ``fix`` and ``may`` (what
    may be accepted) stand at the group if they are those of all its messages.
    """
    groups: dict[tuple[str, str], dict[str, t.Any]] = {}
    for place, host in zip(places_of(report), report["hosts"]):
        for check in host["checks"]:
            if check["status"] in statuses and key_of(check) not in told:
                _add(groups, check, place)
    for group in groups.values():
        group["messages"] = sorted(group["messages"].values(), key=lambda one: -len(one["hosts"]))
        _share(group)
        group["number"] = len({host["anchor"] for one in group["messages"] for host in one["hosts"]})
    return sorted(groups.values(), key=lambda group: (WORST_FIRST.index(group["status"]), -group["number"]))


def _share(group: dict[str, t.Any]) -> None:
    """Tell once how to mend what all hosts mend in the same way."""
    ways = [(one["fix"], one["may"]) for one in group["messages"]]
    group["fix"], group["may"] = ways[0] if ways.count(ways[0]) == len(ways) else ("", [])
    if group["fix"] or group["may"]:
        for one in group["messages"]:
            one.update(fix="", may=[])


def _add(groups: dict[tuple[str, str], dict[str, t.Any]], check: t.Mapping[str, t.Any], host: Finding) -> None:
    key = (check["id"], check["status"])
    group = groups.setdefault(
        key, {"id": check["id"], "title": check["title"], "status": check["status"], "messages": {}}
    )
    may = tuple(check["evidence"].get(MAY) or ())
    said = (check["message"], check["fix"], may)
    one = group["messages"].setdefault(said, {"message": said[0], "fix": said[1], "may": list(may), "hosts": []})
    if host not in one["hosts"]:
        one["hosts"].append(host)
