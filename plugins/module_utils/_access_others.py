# Copyright (c) 2026 holmesgpt.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the release's other workloads may do: an add-on whose tools HolmesGPT calls acts with an account of its own.

Private to this collection: it may change in any release. Imports nothing of Ansible.
``mcpAddons.kubernetesRemediation`` of the chart brings one that deletes pods and patches workloads (facts: add-ons).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.holmesgpt.onprem.plugins.module_utils._access_say import SAY
from ansible_collections.holmesgpt.onprem.plugins.module_utils._check import Check
from ansible_collections.holmesgpt.onprem.plugins.module_utils._exceptions import MAY, REMOVE, Exceptions, name_of, told
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import Object
from ansible_collections.holmesgpt.onprem.plugins.module_utils._kube import name_of as object_name
from ansible_collections.holmesgpt.onprem.plugins.module_utils._rbac import Rights, violations

OTHERS = "access.others"
_FIX = "Switch the add-on off (mcpAddons, mcp_servers or operator in holmes_values), or take the right away."


@dataclass(frozen=True)
class Finding:
    """What somebody beside HolmesGPT can do: an account with its violations, or a server outside of the release."""

    subject: str
    message: str


def pod_spec(thing: Object) -> Object | None:
    """The pods' specification of a workload, None for any other object."""
    spec = thing.get("spec") or {}
    if thing.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    if thing.get("kind") == "Pod":
        return dict(spec)
    template = spec.get("template")
    found = template.get("spec") if isinstance(template, dict) else None
    return dict(found) if isinstance(found, dict) and "containers" in found else None


def accounts(objects: t.Iterable[Object], own: str) -> dict[str, list[str]]:
    """The accounts of all workloads but HolmesGPT's ``own``, with the workloads that have them."""
    found: dict[str, list[str]] = {}
    for thing in objects:
        spec = pod_spec(thing)
        account = str((spec or {}).get("serviceAccountName") or "default")
        if spec is not None and account != own:
            found.setdefault(account, []).append(f"{thing['kind']}/{object_name(thing)}")
    return found


def foreign_servers(servers: t.Mapping[str, t.Any], objects: t.Iterable[Object]) -> list[str]:
    """MCP servers that no Service of the release leads to."""
    services = {object_name(thing) for thing in objects if thing.get("kind") == "Service"}
    return [name for name, entry in servers.items() if _host(entry).partition(".")[0] not in services]


def _host(entry: t.Any) -> str:
    config = entry.get("config") if isinstance(entry, dict) else None
    url = (config if isinstance(config, dict) else entry if isinstance(entry, dict) else {}).get("url")
    try:
        return urlsplit(str(url or "")).hostname or ""
    except ValueError:
        return ""


def findings(
    rights: t.Mapping[str, Rights], used: t.Mapping[str, list[str]], foreign: t.Iterable[str]
) -> list[Finding]:
    """Everything that is more than reading, or cannot be known."""
    found = []
    for account, has in rights.items():
        bad = [f"{text} ({grant.role})" for grant in has.grants for text in violations(grant.rules or [])]
        if bad:
            more = f" and {len(bad) - 2} rules more" if len(bad) > 2 else ""
            found.append(
                Finding(account, f"ServiceAccount {account} of {', '.join(used[account])}: {'; '.join(bad[:2])}{more}")
            )
    found += [
        Finding(name, f"MCP server {name} is not of this release, so its rights are not known") for name in foreign
    ]
    return found


def judge(
    rights: t.Mapping[str, Rights], used: t.Mapping[str, list[str]], foreign: t.Sequence[str], exceptions: Exceptions
) -> Check:
    """``access.others``. A failure may be accepted for one account or server by its name."""
    found = findings(rights, used, foreign)
    evidence: dict[str, t.Any] = {"accounts": dict(used), "servers": list(foreign)}
    reasons = {one.subject: exceptions.reason(OTHERS, one.subject) for one in found}
    open_ = [one for one in found if not reasons[one.subject]]
    if open_:
        names = [name_of(OTHERS, one.subject) for one in open_]
        message = f"HolmesGPT's tools can do more than read through others: {'. '.join(one.message for one in open_)}."
        if all(one.subject in foreign for one in open_):
            return SAY.warned(OTHERS, message, "See what that server lets its callers do.", **evidence)
        return SAY.failed(OTHERS, message, _FIX, **evidence, **{MAY: names})
    if found:
        why = "; ".join(dict.fromkeys(reasons.values()))
        message = told(why, f"{'. '.join(one.message for one in found)}.")
        return SAY.warned(OTHERS, message, REMOVE, **evidence, accepted=[name_of(OTHERS, one.subject) for one in found])
    unread = [text for has in rights.values() for text in has.unread]
    if unread:
        message = f"Nothing but reading was found, but not all was seen: {' '.join(dict.fromkeys(unread))}"
        return SAY.unchecked(
            OTHERS, message, "Allow the verifying account to get and list roles and bindings.", **evidence
        )
    if not used:
        return SAY.passed(OTHERS, "The release has no other workload, and HolmesGPT no tools of others.", **evidence)
    return SAY.passed(
        OTHERS, f"The accounts of the release's other workloads only read: {', '.join(used)}.", **evidence
    )
